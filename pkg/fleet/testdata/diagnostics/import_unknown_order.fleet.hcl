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
  for_each = toset(["bj"])
}
import { # ERROR: Import for an unknown order
  to  = order.gv
  bid = "bid-1"
}
import { # ERROR: Import for an unknown order
  to  = order.branch["sh"]
  bid = "bid-2"
}
import {
  to     = order.gw
  region = "cn-east-2" # ERROR: Import in another region
  bid    = "bid-3"
}
