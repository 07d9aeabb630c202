fleet "f" {}
rollout {
  failure_tolerance     = 14 # WARNING: Tolerance that never trips
  run_failure_tolerance = 15 # WARNING: Tolerance that never trips
  region "cn-east-2" {
    failure_tolerance = "100%" # WARNING: Tolerance that never trips
  }
  wave "canary" {
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
