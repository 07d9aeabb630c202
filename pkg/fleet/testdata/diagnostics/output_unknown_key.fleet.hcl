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
  value = order.branch["bjj"].buy_id # ERROR: Unknown order
}
output "dot" {
  value = order.branch.guangzhou.buy_id # ERROR: Unknown order
}
output "index" {
  value = order.pool[3].buy_id # ERROR: Unknown order
}
output "none" {
  value = order.none["x"].buy_id # ERROR: Unknown order
}
output "asked" {
  value = try(order.branch["bjj"].buy_id, "not ordered")
}
