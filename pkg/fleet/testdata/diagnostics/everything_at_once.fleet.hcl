fleet "f" {}
variable "unused" {} # ERROR: Missing value for variable
locals {
  bad = nothing.here # ERROR: Unknown reference
}
region "cn-east-2" {
  az = ["cn-east-2a"] # ERROR: Wrong type
}
order "a" { # ERROR: Missing required attribute
  region = "cn-east-1"
  quantity = 0 # ERROR: Quantity out of range
}
order "b" {
  region     = "cn-east-2"
  desc       = local.bad
  ip_version = "v6" # ERROR: Unknown IP version
}
