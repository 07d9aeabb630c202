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
  for_each = toset(["bj", "sh"])
}
order "pool" {
  count = 3
}
order "none" {
  for_each = {}
}
check "reference" {
  assert {
    condition     = order.gw.stat == "bought" # ERROR: Unknown attribute of an order
    error_message = "The bastion is ${order.gw.stats}." # ERROR: Unknown attribute of an order
  }
}
