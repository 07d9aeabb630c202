# A region block holds any attribute of an order but region itself, for the orders of that region. It wins over
# defaults, and an order wins over both.

region "cn-north-1" {
  az        = "cn-north-1a"
  vpc_id    = "vpc-north0001"
  subnet_id = "subnet-north001"
}

region "cn-east-1" {
  az        = "cn-east-1b"
  vpc_id    = "vpc-suqian001"
  subnet_id = "subnet-suqian01"
}

region "cn-east-2" {
  az         = "cn-east-2a"
  vpc_id     = "vpc-shanghai1"
  subnet_id  = "subnet-shangha1"
  ip_version = "v4&v6"
}

region "cn-south-1" {
  az        = "cn-south-1a"
  vpc_id    = "vpc-guangzho1"
  subnet_id = "subnet-guangzh1"

  # This region's gateways are on trial for half a year.
  charge {
    unit     = "MONTH"
    duration = 6
  }
}

# What an apply may do at one time, and when it stops.
rollout {
  parallelism            = 16
  parallelism_per_region = 4
  rate_per_region        = 10    # calls a second
  failure_tolerance      = "25%" # of a region's orders; beyond it the region stops
  max_in_doubt           = 2     # lost answers in a region; then it stops
}
