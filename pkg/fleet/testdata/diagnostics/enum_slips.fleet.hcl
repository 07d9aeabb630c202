fleet "f" {}
order "a" {
  region     = "cn-north-1"
  az         = "cn-north-1a"
  vpc_id     = "vpc-a1b2"
  subnet_id  = "subnet-c3d4"
  spec       = "bastion-50"
  ip_version = "v4v6" # ERROR: Unknown IP version
  charge {
    mode     = "MONTLY" # ERROR: Unknown charge mode
    unit     = "years"  # ERROR: Unknown charge unit
    duration = 1
  }
}
order "b" {
  region     = "cn-north-1"
  az         = "cn-north-1a"
  vpc_id     = "vpc-a1b2"
  subnet_id  = "subnet-c3d4"
  spec       = "bastion-50"
  ip_version = "IPv4" # ERROR: Unknown IP version
  charge {
    mode     = "PREPAID" # ERROR: Unknown charge mode
    unit     = "mnth"    # ERROR: Unknown charge unit
    duration = 1
  }
}
order "c" {
  region     = "cn-north-1"
  az         = "cn-north-1a"
  vpc_id     = "vpc-a1b2"
  subnet_id  = "subnet-c3d4"
  spec       = "bastion-50"
  ip_version = sensitive("v4v6") # ERROR: Unknown IP version
}
