fleet "f" {}
defaults {
  region     = "cn-north-1"
  az         = "cn-north-1a"
  vpc_id     = "vpc-a1b2"
  subnet_id  = "subnet-c3d4"
  spec       = "bastion-50"
  ip_version = "v4"
}
locals {
  rows = [{ n = "a" }, { n = "a" }, { n = "a" }]
}
order "gw" {
  for_each = { for r in local.rows : r.n => r } # ERROR: Duplicate object key
}
