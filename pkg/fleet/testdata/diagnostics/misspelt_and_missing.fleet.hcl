fleet "f" {}
order "gw" {
  regoin     = "cn-north-1" # ERROR: Unknown attribute
  az         = "cn-north-1a"
  vpc_id     = "vpc-a1b2"
  subnet_id  = "subnet-c3d4"
  spec       = "bastion-50"
  ip_version = "v4"
}
output "o" {
  valu = 1 # ERROR: Unknown attribute
}
moved {
  form = order.old # ERROR: Unknown attribute
  to   = order.gw
}
check "c" {
  asert { # ERROR: Unknown block
    condition = true
  }
}
prices "CNY" {
  spec "bastion-50" {
    yaer = 1 # ERROR: Unknown attribute
  }
}
variable "v" {
  default = 1
  validation {
    condition    = true
    error_mesage = "x" # ERROR: Unknown attribute
  }
}
import {
  to = order.gw
  id = "bid-1" # ERROR: Unknown attribute
}
check "still_missing" { # ERROR: Check without an assert
}
