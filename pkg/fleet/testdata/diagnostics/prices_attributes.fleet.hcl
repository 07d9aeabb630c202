fleet "f" {}
defaults {
  region     = "cn-north-1"
  az         = "cn-north-1a"
  vpc_id     = "vpc-a1b2"
  subnet_id  = "subnet-c3d4"
  spec       = "bastion-50"
  ip_version = "v4"
}
order "gw" {}
prices "CNY" {
  month    = 1480 # ERROR: Unknown attribute
  currency = "CNY" # ERROR: Unknown attribute
  specs "bastion-50" {} # ERROR: Unknown block
  spec "bastion-50" {
    monthly = 1 # ERROR: Unknown attribute
    hour    = 1 # ERROR: Unknown attribute
    year    = 1
  }
  region "cn-north-1" {
    year = 1 # ERROR: Unknown attribute
  }
}
