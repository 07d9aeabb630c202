fleet "inheritance" {
  required_version = ">= 0.1, < 2"
}

defaults {
  az         = "cn-north-1a"
  vpc_id     = "vpc-default"
  subnet_id  = "subnet-default"
  spec       = "bastion-50"
  ip_version = "v4"
  quantity   = 2
  charge {
    mode     = "MONTHLY"
    unit     = "YEAR"
    duration = 1
    auto_pay = true
    activity {
      type       = "promo"
      identifier = "spring"
    }
  }
}

region "cn-north-1" {
  vpc_id = "vpc-north"
  charge {
    auto_renew = true
  }
}

region "cn-east-2" {
  az     = "cn-east-2b"
  vpc_id = "vpc-east"
  charge {
    buy_scenario = "eyJhY3Rpdml0eSI6eyJhY3Rpdml0eVR5cGUiOiJlYXN0IiwiYWN0aXZpdHlJZGVudGlmaWVyIjoieCJ9fQ=="
  }
}
