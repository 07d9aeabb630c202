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
  value = order.gw.quantity + "many" # ERROR: Invalid operand
}
output "huge" {
  value = 1e2000 # ERROR: Expression out of bounds
}
output "infinite" {
  value = 1 / 0 # ERROR: Expression out of bounds
}
output "endless" {
  value = pow(10, 400) # ERROR: Expression out of bounds
}
output "splat" {
  value = order.pool[*].ids # ERROR: Unsupported attribute
}
output "many" {
  value = [for a in [format("%999s", "")] : [for b in range(300) : [for c in range(250) : a]]] # ERROR: Unprintable output
}
