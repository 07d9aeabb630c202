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
import { # ERROR: Missing address
  bid = "bid-1"
}
import { # ERROR: Import of no one instance
  to = order.gw
}
import { # ERROR: Import of no one instance
  to        = order.gw
  bid       = "bid-1"
  source_id = "src-1"
}
import {
  to  = order.gw
  bid = "bid 1" # ERROR: Not an id
}
import {
  to  = order.gw
  bid = ["bid-1"] # ERROR: Wrong type
}
import {
  to     = order.gw
  buy_id = "buy-1" # ERROR: Unknown attribute
  bid    = "bid-1"
}
import { # ERROR: Imported twice
  to  = order.gw
  bid = "bid-1"
}
