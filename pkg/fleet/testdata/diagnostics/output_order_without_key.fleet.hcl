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
  value = order.branch.buy_id # ERROR: Order without its key
}
output "index" {
  value = order.pool.status # ERROR: Order without its key
}
output "too_many" {
  value = order.gw[0].buy_id # ERROR: Order without keys
}
output "all" {
  value = order # ERROR: Incomplete reference
}
