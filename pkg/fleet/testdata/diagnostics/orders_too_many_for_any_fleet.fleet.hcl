fleet "f" {
  max_orders = 1000000
}
defaults {
  region     = "cn-north-1"
  az         = "cn-north-1a"
  vpc_id     = "vpc-a1b2"
  subnet_id  = "subnet-c3d4"
  spec       = "bastion-50"
  ip_version = "v4"
}
order "a" {
  count = 600000
}
order "b" { # ERROR: Too many orders
  count = 600000
}
