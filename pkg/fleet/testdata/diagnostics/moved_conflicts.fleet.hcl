fleet "f" {}
defaults {
  region     = "cn-north-1"
  az         = "cn-north-1a"
  vpc_id     = "vpc-a1b2"
  subnet_id  = "subnet-c3d4"
  spec       = "bastion-50"
  ip_version = "v4"
}
order "gateway" {
  for_each = toset(["bj"])
}
order "gatekeeper" {}
order "gw" {
  for_each = toset(["bj"])
}
moved { # ERROR: Moved to itself
  from = order.a
  to   = order.a
}
moved {
  from = order.old
  to   = order.gateway
}
moved { # ERROR: Moved twice
  from = order.old
  to   = order.gw
}
removed { # ERROR: Moved twice
  from = order.old
}
moved { # ERROR: Two moves to one address
  from = order.older
  to   = order.gateway
}
moved { # into for_each
  from = order.gw
  to   = order.gateway["sh"]
}
moved { # ERROR: Moved, and still ordered
  from = order.gw["bj"]
  to   = order.gateway["bj"]
}
moved { # ERROR: Moved to an unknown order
  from = order.b
  to   = order.gatway
}
moved { # ERROR: Moved, and still ordered
  from = order.gatekeeper
  to   = order.keeper
}
