fleet "f" {}
rollout {
  on_in_doubt = "rebuy_after_settle"
  settle      = 600 # ERROR: Invalid time
}
order "gw" {
  region     = "cn-north-1"
  az         = "cn-north-1a"
  vpc_id     = "vpc-a1b2"
  subnet_id  = "subnet-c3d4"
  spec       = "bastion-50"
  ip_version = "v4"
}
