fleet "f" {}
rollout {
  parallelism            = 0      # ERROR: Limit out of range
  parallelism_per_region = 5000   # ERROR: Limit out of range
  rate_per_region        = -1     # ERROR: Limit out of range
  failure_tolerance      = "lots" # ERROR: Invalid tolerance
  max_in_doubt           = 1.5    # ERROR: Limit out of range
  parallelisms           = 3      # ERROR: Unknown attribute
}
order "gw" {
  region     = "cn-north-1"
  az         = "cn-north-1a"
  vpc_id     = "vpc-a1b2"
  subnet_id  = "subnet-c3d4"
  spec       = "bastion-50"
  ip_version = "v4"
}
