fleet "f" {}
rollout {
  wave "slips" {
    orders = [
      order.brnch,                                     # ERROR: Wave of unknown orders
      "order.gateway[3]",                              # ERROR: Wave of unknown orders
      "order.ga*",                                     # ERROR: Wave of unknown orders
      "order.branhc[\"b*",                             # ERROR: Wave of unknown orders
      "order.b*", "order.branch[\"*", "order.*", "ord*", # which there are
    ]
  }
  wave "computed" {
    orders = [for i in range(5) : "order.gx[${i}]"] # ERROR: Wave of unknown orders
  }
  wave "twice" {
    orders = [
      "order.branch", "order.branch", # ERROR: Named twice
      "order.gateway",                # ERROR: Wave of unknown orders
    ]
  }
  wave "bounds" {
    max_orders = 0 # ERROR: Limit out of range
  }
}
defaults {
  vpc_id     = "vpc-a1b2"
  subnet_id  = "subnet-c3d4"
  spec       = "bastion-50"
  ip_version = "v4"
}
order "branch" {
  for_each = { bj = "cn-north-1", tj = "cn-north-1", sh = "cn-east-2" }
  region   = each.value
  az       = "${each.value}a"
}
order "gw" {
  count  = 12
  region = "cn-north-1"
  az     = "cn-north-1a"
}
order "none" {
  for_each = {}
}
