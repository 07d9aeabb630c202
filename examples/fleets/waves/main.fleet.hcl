# Forty branches in four regions, bought as a campaign: one first, then one in each region, then a tenth, then the rest.

fleet "waves" {}

locals {
  regions  = ["cn-north-1", "cn-east-1", "cn-east-2", "cn-south-1"]
  branches = { for i in range(40) : format("branch-%02d", i + 1) => local.regions[i % 4] }
}

# How long to watch what a wave bought. At home, try --var bake=3s.
variable "bake" {
  type    = string
  default = "15m"
}

defaults {
  vpc_id     = "vpc-waves0001"
  subnet_id  = "subnet-waves001"
  spec       = "bastion-50"
  ip_version = "v4"

  charge {
    mode     = "MONTHLY"
    unit     = "YEAR"
    duration = 1
    auto_pay = true
  }
}

order "branch" {
  for_each = local.branches
  region   = each.value
  az       = "${each.value}a"
  desc     = each.key
}

rollout {
  parallelism            = 32
  parallelism_per_region = 8
  rate_per_region        = 20 # calls a second
  failure_tolerance      = "10%"
  run_failure_tolerance  = 3

  # The regions that come first, and whether a wave buys in them at one time.
  region_order       = ["cn-north-1", "cn-east-2"]
  region_concurrency = "parallel"

  # Where calls are refused sooner, and one failure is enough.
  region "cn-south-1" {
    parallelism       = 2
    rate              = 4
    failure_tolerance = 0
  }

  # The branch next door: watched until it has come up and stayed so for a while.
  wave "canary" {
    orders = [order.branch["branch-01"]]
    bake   = var.bake
  }

  # Four orders, taken from the regions by turns: one in each.
  wave "one-each" {
    max_orders = 4
    bake       = var.bake
  }

  # Up to a quarter of each region's, those above included.
  wave "quarter" {
    percent = 25
  }

  # All that is left, once somebody has looked: at the terminal, or with --approve-wave rest.
  wave "rest" {
    approve = true
  }
}
