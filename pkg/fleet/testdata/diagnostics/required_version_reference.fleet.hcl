fleet "f" {
  required_version = local.v # ERROR: Invalid required_version
}
locals { v = ">= 0.1" }
order "gw" {
  region     = "cn-north-1"
  az         = "cn-north-1a"
  vpc_id     = "vpc-a1b2"
  subnet_id  = "subnet-c3d4"
  spec       = "bastion-50"
  ip_version = "v4"
}
