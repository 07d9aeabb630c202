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
  value = order.gw.buyid # ERROR: Unknown attribute of an order
}
output "keyed" {
  value = order.branch["bj"].instance_id # ERROR: Unknown attribute of an order
}
output "charge" {
  value = order.pool[0].charge.months # ERROR: Unknown attribute of an order
}
