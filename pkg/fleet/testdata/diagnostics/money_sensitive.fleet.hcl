fleet "f" {
  max_orders = sensitive(7) # ERROR: Sensitive value not allowed
}
defaults {
  region     = "cn-north-1"
  az         = "cn-north-1a"
  vpc_id     = "vpc-a1b2"
  subnet_id  = "subnet-c3d4"
  spec       = "bastion-50"
  ip_version = "v4"
}
order "gw" {}
limits {
  max_orders    = sensitive(7)        # ERROR: Sensitive value not allowed
  max_instances = sensitive("secret") # ERROR: Sensitive value not allowed
  max_spend     = sensitive(1480.75)  # ERROR: Sensitive value not allowed
}
prices "CNY" {
  spec "bastion-50" {
    year = sensitive(1480.755) # ERROR: Sensitive value not allowed
  }
}
