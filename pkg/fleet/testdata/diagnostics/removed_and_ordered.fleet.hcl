fleet "f" {}
defaults {
  region     = "cn-north-1"
  az         = "cn-north-1a"
  vpc_id     = "vpc-a1b2"
  subnet_id  = "subnet-c3d4"
  spec       = "bastion-50"
  ip_version = "v4"
}
order "gw" {
  for_each = toset(["bj"])
}
removed { # ERROR: Removed, and still ordered
  from = order.gw
}
removed { # ERROR: Removed, and still ordered
  from = order.gw["bj"]
}
removed {
  from = order.gw["sh"]
}
