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
  for_each = toset(["bastion-5O", "Bastion-50", "bastion-100", "large"])
  spec     = each.key # WARNING: Spec without a price
}
prices "CNY" {
  spec "bastion-50" {
    month = 1480
    year  = 15096
  }
}
