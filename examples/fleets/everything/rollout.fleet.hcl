# How an apply goes about it.
rollout {
  parallelism            = 16 # calls in flight, whole run
  parallelism_per_region = 4
  rate_per_region        = 10     # calls a second
  failure_tolerance      = "10%"  # of a region's orders; beyond it the region stops
  max_in_doubt           = 2      # lost answers in a region; then it stops
  on_in_doubt            = "hold" # the other choice, "rebuy_after_settle", can buy twice
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
