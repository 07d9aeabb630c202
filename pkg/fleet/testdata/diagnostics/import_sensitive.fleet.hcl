fleet "f" {}
variable "bid" {
  default   = "bid-1"
  sensitive = true
}
order "gw" {
  region     = "cn-north-1"
  az         = "cn-north-1a"
  vpc_id     = "vpc-a1b2"
  subnet_id  = "subnet-c3d4"
  spec       = "bastion-50"
  ip_version = "v4"
}
import {
  to  = order.gw
  bid = var.bid # ERROR: Sensitive value not allowed
}
