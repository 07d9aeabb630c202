fleet "f" {}
defaults {
  region     = "cn-north-1"
  az         = "cn-north-1a"
  vpc_id     = "vpc-a1b2"
  subnet_id  = "subnet-c3d4"
  spec       = "bastion-50"
  ip_version = "v4"
}
order "gateway" {}
moved { # ERROR: Moved in a circle
  from = order.a
  to   = order.b
}
moved {
  from = order.b
  to   = order.c
}
moved {
  from = order.c
  to   = order.a
}
moved { # ERROR: Moved to an unknown order
  from = order.d
  to   = order.e
}
moved { # ERROR: Moved in a circle
  from = order.e["x"]
  to   = order.d["x"]
}
moved {
  from = order.older
  to   = order.old
}
moved {
  from = order.old
  to   = order.gateway
}
