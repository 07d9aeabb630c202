fleet "f" {}
defaults {
  region     = "cn-north-1"
  az         = "cn-north-1a"
  vpc_id     = "vpc-a1b2"
  subnet_id  = "subnet-c3d4"
  spec       = 1e99999999 # ERROR: Wrong type
  ip_version = "v4"
}
rollout {
  failure_tolerance = 1e99999999 # ERROR: Wrong type
}
order "gw" {
  quantity = "1e99999999" # ERROR: Wrong type
}
order "gx" {
  quantity = 1e-99999999 # ERROR: Wrong type
}
order "gy" {
  count = 1e99999999 # ERROR: Invalid count
}
