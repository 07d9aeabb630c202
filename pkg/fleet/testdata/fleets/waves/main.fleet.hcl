fleet "waves" {}

variable "canaries" {
  type    = set(string)
  default = ["bj", "tj"]
}

variable "share" {
  default = 12.5
}

rollout {
  parallelism            = 64
  parallelism_per_region = 8
  rate_per_region        = 20
  region_order           = ["cn-north-1", "cn-east-2"]
  region_concurrency     = "sequential"
  run_failure_tolerance  = 2
  failure_tolerance      = null

  region "cn-north-1" {
    rate         = 2.5
    parallelism  = 4
    max_in_doubt = 1
  }
  region "cn-east-2" {
    failure_tolerance = "25%"
    rate              = null
  }

  wave "canary" {
    regions    = [for r in ["north-1", "east-2"] : "cn-${r}"]
    orders     = [for k in var.canaries : "order.branch[\"${k}\"]"]
    max_orders = length(var.canaries)
    bake       = "1h30m"
  }
  wave "gateways" {
    orders  = [order.gw[0], "order.gw[1]", "order.gate*", "order.branch"]
    percent = "${var.share}%"
    approve = true
  }
  wave "overridden" {
    regions = ["cn-south-1"]
    percent = 30
    bake    = "1m"
  }
}

defaults {
  az         = "cn-north-1a"
  vpc_id     = "vpc-a1b2"
  subnet_id  = "subnet-c3d4"
  spec       = "bastion-50"
  ip_version = "v4"

  charge {
    mode     = "MONTHLY"
    unit     = "YEAR"
    duration = 1
    auto_pay = true
  }
}
region "cn-east-2" { az = "cn-east-2a" }
order "branch" {
  for_each = { bj = "cn-north-1", tj = "cn-north-1", sh = "cn-east-2", hz = "cn-east-2", nj = "cn-east-2" }
  region   = each.value
}
order "gw" {
  count  = 2
  region = "cn-north-1"
}
order "gateway" {
  region = "cn-north-1"
}
