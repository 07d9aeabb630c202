fleet "f" {}
locals {
  a = local.b # ERROR: Cycle of locals
  b = "${local.c}"
  c = [local.a]
  d = local.d # ERROR: Cycle of locals
  e = upper(local.a)
}
order "gw" {
  region     = "cn-north-1"
  az         = "cn-north-1a"
  vpc_id     = "vpc-a1b2"
  subnet_id  = "subnet-c3d4"
  spec       = "bastion-50"
  ip_version = "v4"
  desc = local.a
}
