fleet "f" {}
rollout {
  wave "tenth" {
    percent = 0.1 # WARNING: Tiny percentage
  }
  wave "meant" {
    percent = "0.1%"
  }
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
