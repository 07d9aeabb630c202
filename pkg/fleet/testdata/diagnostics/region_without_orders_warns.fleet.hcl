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
region "cn-nroth-1" { # WARNING: Region without orders
  vpc_id = "vpc-a1b2"
}
region "cn-east-2" {}
region "us-west-9" {} # WARNING: Region without orders
prices "CNY" {
  region "cn-nort-1" { # WARNING: Region without orders
    spec "bastion-50" {
      year = 1
    }
  }
}
