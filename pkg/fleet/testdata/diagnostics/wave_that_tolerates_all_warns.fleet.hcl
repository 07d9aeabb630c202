fleet "f" {}
rollout {
  failure_tolerance = 2
  region "cn-east-2" {
    failure_tolerance = "10%"
  }
  wave "canary" { # WARNING: Tolerance that never trips
    regions    = ["cn-north-1"]
    max_orders = 1
  }
  wave "share" { # WARNING: Tolerance that never trips
    orders  = ["order.gw"]
    percent = 15
  }
  wave "both" {
    max_orders = 2
  }
  wave "last" {}
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
