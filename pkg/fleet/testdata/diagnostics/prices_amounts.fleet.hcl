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
  spec "a" {
    month = -0.01     # ERROR: Amount out of range
    year  = 1e13      # ERROR: Amount out of range
  }
  spec "b" {
    month = 14.805    # ERROR: Amount too fine
    year  = 1e-99999  # ERROR: Amount too fine
  }
  spec "c" {
    month = "1,480"   # ERROR: Wrong type
    year  = var.prices # ERROR: Undeclared variable
  }
}
