fleet "f" {}
rollout {
  region_concurrency = "parallel"
  wave "slip" {
    regions = ["cn-nrth-1"] # ERROR: Wave without orders
  }
  wave "empty" {
    regions = ["cn-south-1"] # WARNING: Wave without orders
  }
  wave "gone" {
    orders = [
      order.branch["nj"], # ERROR: Wave without orders
      order.gw[99],       # WARNING: Pattern without orders
    ]
  }
  wave "elsewhere" { # WARNING: Wave without orders
    regions = ["cn-east-2"]
    orders  = ["order.gw"]
  }
  wave "nobody" { # WARNING: Wave without orders
    orders = [order.none]
  }
  wave "first" {
    regions = ["cn-north-1"]
    percent = 50
  }
  wave "second" {
    regions = ["cn-north-1", "cn-east-2"]
  }
  wave "third" { # WARNING: Wave without orders
    regions    = ["cn-north-1"]
    max_orders = 1
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
