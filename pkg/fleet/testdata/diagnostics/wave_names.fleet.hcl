fleet "f" {}
rollout {
  wave "first" {
    max_orders = 1
  }
  wave "first" { # ERROR: Duplicate wave
    max_orders = 1
  }
  wave "1st" { # ERROR: Invalid name
    max_orders = 1
  }
  wave "remaining" {} # ERROR: Reserved name
  waves "rest" {}     # ERROR: Unknown block
}
order "gw" {
  count      = 3
  region     = "cn-north-1"
  az         = "cn-north-1a"
  vpc_id     = "vpc-a1b2"
  subnet_id  = "subnet-c3d4"
  spec       = "bastion-50"
  ip_version = "v4"
}
