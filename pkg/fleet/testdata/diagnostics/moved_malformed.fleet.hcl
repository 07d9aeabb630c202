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
moved { # ERROR: Missing address
  to = order.gw
}
moved {
  from = "order.old" # ERROR: Not an address
  to   = order.gw
}
moved {
  from = order.old[local.key] # ERROR: Not an address
  to   = order.gw.buy_id # ERROR: Not an address
}
moved {
  from = order.old[-1] # ERROR: Not an address
  to   = orders.gw # ERROR: Not an address
}
moved {
  from     = order.old
  to       = order.gw
  for_each = {} # ERROR: Unknown attribute
}
removed {} # ERROR: Missing address
removed {
  from = order["old"] # ERROR: Not an address
  to   = order.gw # ERROR: Unknown attribute
}
