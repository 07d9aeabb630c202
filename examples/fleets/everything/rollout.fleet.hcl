# How an apply goes about it.
rollout {
  parallelism            = 16 # calls in flight, whole run
  parallelism_per_region = 4
  rate_per_region        = 10            # calls a second
  region_order           = ["cn-east-2"] # before the others, which follow by name
  region_concurrency     = "sequential"  # the other choice, "parallel", is the default
  failure_tolerance      = "10%"         # of a region's orders in a wave; beyond it the region stops
  run_failure_tolerance  = 4             # orders of the whole run; beyond it all of it stops
  max_in_doubt           = 2             # lost answers in a region; then it stops
  on_in_doubt            = "hold"        # the other choice, "rebuy_after_settle", can buy twice

  # What differs in one region. The rest is as above.
  region "cn-south-1" {
    parallelism       = 1
    rate              = 2
    failure_tolerance = 0
    max_in_doubt      = 1
  }

  # What is bought first. The next wave begins when this one has ended well.
  wave "canary" {
    regions    = ["cn-north-1", "cn-east-2"]
    orders     = ["order.line", "order.branch[\"bj*"] # a block; all addresses that begin so
    max_orders = 1
    bake       = "1s" # watched for so long, in earnest for minutes
  }

  # Of each region's orders half, those included that the wave before took.
  wave "half" {
    percent = 50
  }

  # All that is left. It would be bought without this block, too, as the wave remaining.
  wave "rest" {
    approve = true # asks before it begins; --approve-wave rest and --auto-approve answer
  }
}

# What one apply may buy. A plan beyond is shown, and neither saved nor bought.
limits {
  max_orders    = 50
  max_instances = 100
  max_spend     = 500000
}

# What instances cost. The prices are yours: the plan says what it comes to.
prices "CNY" {
  spec "bastion-50" {
    month = 1480
    year  = 15096
  }
  spec "bastion-100" {
    year = 25296
  }
  spec "bastion-200" {
    year = 35496
  }

  # What costs something else in one region.
  region "cn-south-1" {
    spec "bastion-50" {
      year = 14340.80
    }
  }
}
