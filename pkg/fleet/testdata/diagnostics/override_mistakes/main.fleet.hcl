fleet "f" {}
locals {
  size = 50
}
defaults {
  region     = "cn-north-1"
  az         = "cn-north-1a"
  vpc_id     = "vpc-a1b2"
  subnet_id  = "subnet-c3d4"
  ip_version = "v4"
}
order "branch" {
  spec = "bastion-50"
}
