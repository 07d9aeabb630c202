fleet "f" {}
defaults {
  region     = "cn-north-1"
  az         = "cn-north-1a"
  vpc_id     = "vpc-a1b2"
  subnet_id  = "subnet-c3d4"
  spec       = "bastion-50"
  ip_version = "v4"
}
order "gw" {
  for_each = { a = { city = "x" }, b = { city = "y" }, c = { city = "z" }, d = { city = "w" }, e = { city = "v" } }
  desc     = each.value.ctiy # ERROR: Unsupported attribute
}
