fleet "f" {}
rollout {
  region_order          = ["cn-north-1", "cn-north-1"] # ERROR: Named twice
  region_concurrency    = "serial"                     # ERROR: Invalid region_concurrency
  run_failure_tolerance = "1 %"                        # ERROR: Invalid tolerance
  failure_tolerance     = "101%"                       # ERROR: Invalid tolerance
  rate                  = 10                           # ERROR: Unknown attribute
  canary                = 1                            # ERROR: Unknown attribute
  max_failures          = 1                            # ERROR: Unknown attribute
  region "cn-north-1" {
    parallelism       = 0             # ERROR: Limit out of range
    rate              = 10001         # ERROR: Limit out of range
    rate_per_region   = 10            # ERROR: Unknown attribute
    failure_tolerance = -1            # ERROR: Invalid tolerance
    max_in_doubt      = []            # ERROR: Wrong type
    max_in_douts      = local.nothing # ERROR: Unknown attribute
    vpc_id            = "vpc-a1b2"    # ERROR: Unknown attribute
  }
  region "cn-north-1" { # ERROR: Duplicate region block
    rate = 1
  }
  region " cn-north-1" { # ERROR: Invalid region
    rate = 1
  }
}
region "cn-north-1" {
  rate = 1 # ERROR: Unknown attribute
}
order "gw" {
  count      = 3
  region     = "cn-north-1"
  az         = "cn-north-1a"
  vpc_id     = "vpc-a1b2"
  subnet_id  = "subnet-c3d4"
  spec       = "bastion-50"
  ip_version = "v4"
}
