# A fleet is a directory of *.fleet.hcl files. This one is a single file with three orders.
#
#   bastion-fleet plan  examples/fleets/quickstart --simulate
#   bastion-fleet apply examples/fleets/quickstart --simulate

# The name goes into the state and into the description of everything bought, so that a fleet's purchases can be
# told from another's. Choose it once.
fleet "quickstart" {
  required_version = ">= 0.1"
}

# What all orders have in common. An order's own attributes win over these.
defaults {
  region     = "cn-north-1"
  az         = "cn-north-1a"
  vpc_id     = "vpc-quickstart1"
  subnet_id  = "subnet-quickst1"
  spec       = "bastion-50"
  ip_version = "v4" # or "v4&v6"

  charge {
    mode     = "MONTHLY" # prepaid; the alternative, "CONFIG", may not be on sale
    unit     = "MONTH"   # MONTH: duration 1 to 9; YEAR: 1 to 3
    duration = 1

    # true pays at once. false leaves the purchase in the console until somebody pays it there. Always write which
    # of the two is meant.
    auto_pay = true
  }
}

# Each order block is one purchase. Its address is order.office.
order "office" {
  desc = "head office gateway"
}

# One purchase can be of several instances.
order "datacentre" {
  spec     = "bastion-200"
  quantity = 2
  desc     = "operators' entrance to the data centre"
}

# Blocks merge attribute by attribute: this charge keeps mode and auto_pay of the defaults.
order "archive" {
  desc = "quiet, and wanted for a year"
  charge {
    unit       = "YEAR"
    auto_renew = true
  }
}
