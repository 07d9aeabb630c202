# The fleet as it was a year ago: two gateways, one under another name and one that is gone since. Apply it first, with the
# state of the fleet beside it, to see what history.fleet.hcl does.

fleet "everything" {}

order "office" {
  region     = "cn-north-1"
  az         = "cn-north-1a"
  vpc_id     = "vpc-everything1"
  subnet_id  = "subnet-everyth1"
  spec       = "bastion-200"
  ip_version = "v4&v6"
  quantity   = 2
  desc       = "head office"

  charge {
    mode       = "MONTHLY"
    unit       = "YEAR"
    duration   = 3
    auto_renew = true
    auto_pay   = true

    # The voucher as the API takes it: what an activity block is encoded to.
    buy_scenario = "eyJhY3Rpdml0eSI6eyJhY3Rpdml0eVR5cGUiOiJwcm9tbyIsImFjdGl2aXR5SWRlbnRpZmllciI6IjIwMjYtMTEifX0="
  }
}

order "trial" {
  region     = "cn-north-1"
  az         = "cn-north-1a"
  vpc_id     = "vpc-everything1"
  subnet_id  = "subnet-everyth1"
  spec       = "bastion-50"
  ip_version = "v4"
  desc       = "on trial"

  charge {
    unit     = "MONTH"
    duration = 1
    auto_pay = true
  }
}
