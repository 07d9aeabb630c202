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
output "o" { # ERROR: Output without a value
  description = "nothing"
}
output "typed" {
  type  = string # ERROR: Unknown attribute
  value = 1
}
output "described" {
  value       = 1
  description = 2 # ERROR: Wrong type
  sensitive   = "yes" # ERROR: Wrong type
}
output "1st" { # ERROR: Invalid name
  value = 1
}
output "o" { # ERROR: Duplicate output
  value = 1
}
