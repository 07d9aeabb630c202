fleet "f" {}
defaults {
  region     = "cn-north-1"
  az         = "cn-north-1a"
  vpc_id     = "vpc-a1b2"
  subnet_id  = "subnet-c3d4"
  spec       = "bastion-50"
  ip_version = "v4"
}
order "gw" {}
order "branch" {
  for_each = toset(["bj", "sh"])
}
order "pool" {
  count = 3
}
order "none" {
  for_each = {}
}
output "o" {
  value = orders.gw.buy_id # ERROR: Unknown reference
}
output "data" {
  value = data.gw.buy_id # ERROR: Unknown reference
}
output "each" {
  value = each.key # ERROR: Reference without repetition
}
output "local" {
  value = local.ids # ERROR: Undeclared local
}
