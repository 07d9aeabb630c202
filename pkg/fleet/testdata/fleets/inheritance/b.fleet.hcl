order "plain" {
  region = "cn-north-1"
}

order "own" {
  region   = "cn-north-1"
  vpc_id   = "vpc-own"
  quantity = null # as if it were not written
  charge {
    duration = 3
    auto_pay = false
    activity {
      identifier = "autumn"
    }
  }
}

order "voucher_of_region" {
  region = "cn-east-2"
}

order "own_voucher" {
  region = "cn-east-2"
  charge {
    activity {
      type       = "own"
      identifier = "v"
    }
  }
}

order "no_region_block" {
  region = "cn-south-1"
  az     = "cn-south-1a"
}
