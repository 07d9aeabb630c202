fleet "f" {}
variable "regions" {
  default = null
}
rollout {
  wave "everything" {
    regions = var.regions
    percent = 100
  }
  wave "rest" {} # ERROR: Wave after one that takes everything
}
defaults {
  vpc_id     = "vpc-a1b2"
  subnet_id  = "subnet-c3d4"
  spec       = "bastion-50"
  ip_version = "v4"
}
order "branch" {
  for_each = { bj = "cn-north-1", tj = "cn-north-1", sh = "cn-east-2" }
  region   = each.value
  az       = "${each.value}a"
}
order "gw" {
  count  = 12
  region = "cn-north-1"
  az     = "cn-north-1a"
}
order "none" {
  for_each = {}
}
