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
  value = order.brunch["bj"].buy_id # ERROR: Undeclared order
}
output "also" {
  value = { for k, o in order.gws : k => o.buy_id } # ERROR: Undeclared order
}
