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
  for_each = { for row in csvdecode("site,region\na,cn-north-1\n") : row.site => row }
  region   = each.value.regio # ERROR: Unsupported attribute
}
