fleet "f" {}
rollout {
  parallelism_per_region = 64 # WARNING: Limit without effect
  region_order           = ["cn-north-1"] # WARNING: region_order without effect
  region "cn-north-1" {
    parallelism = 33 # WARNING: Limit without effect
  }
  region "cn-east-2" {
    parallelism = 32
  }
  wave "most" {
    percent = 90
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
