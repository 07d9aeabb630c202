fleet "f" {}
rollout {
  region_order       = ["cn-east-2", "cn-east-1"] # WARNING: Region without orders
  region_concurrency = "sequential"
  region "cn-south-1" { # WARNING: Region without orders
    rate = 1
  }
  region "cn-northwest-1" { # WARNING: Region without orders
    rate = 1
  }
  region "cn-north-1" {} # WARNING: Empty region block
  wave "some" {
    regions = ["cn-north-1", "cn-nrth-1"] # WARNING: Region without orders
    orders = [
      order.gw[0],
      order.gw[12],              # WARNING: Pattern without orders
      "order.branch[\"bjj\"]",   # WARNING: Pattern without orders
      "order.branch[\"x*",       # WARNING: Pattern without orders
      "order.branch[0]",         # WARNING: Pattern without orders
    ]
  }
  wave "computed" {
    orders = concat(["order.branch"], [for i in range(5) : "order.gw[${20 + i}]"]) # WARNING: Pattern without orders
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
