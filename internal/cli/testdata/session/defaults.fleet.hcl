# What the orders of all sessions have in common. A session begins with: cp $DEFAULTS .
defaults {
  region     = "cn-north-1"
  az         = "cn-north-1a"
  vpc_id     = "vpc-1"
  subnet_id  = "subnet-1"
  spec       = "bastion-50"
  ip_version = "v4"
  charge {
    mode     = "MONTHLY"
    unit     = "MONTH"
    duration = 1
    auto_pay = true
  }
}

region "cn-east-2" { az = "cn-east-2a" }
