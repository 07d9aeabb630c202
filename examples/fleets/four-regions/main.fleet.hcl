# Bastions in four regions: what differs by region stands in region blocks, once.

fleet "four-regions" {
  required_version = ">= 0.1"
}

defaults {
  spec       = var.spec
  ip_version = "v4"

  charge {
    mode     = "MONTHLY"
    unit     = "YEAR"
    duration = 1

    # In four regions at once somebody should look before money is spent: the purchases wait in the console.
    auto_pay = var.pay_at_once
  }
}

locals {
  # Locals may refer to variables and to each other, in any order and from any file.
  team = "${var.env}-operations"
}

# Each region gets as many gateways as its offices need. count numbers them: order.north[0], order.north[1], …
order "north" {
  count  = 4
  region = "cn-north-1"
  desc   = "${local.team} ${count.index + 1}/4"
}

order "east" {
  count  = 3
  region = "cn-east-2"
  desc   = "${local.team} ${count.index + 1}/3"
}

order "south" {
  count  = 2
  region = "cn-south-1"
  desc   = "${local.team} ${count.index + 1}/2"
}

# for_each names them instead, so that one can be removed without renumbering the others:
# order.suqian["line-a"], order.suqian["line-b"].
order "suqian" {
  for_each = {
    line-a = { spec = "bastion-50" }
    line-b = { spec = "bastion-100" }
  }
  region = "cn-east-1"
  spec   = each.value.spec
  desc   = "${local.team} ${each.key}"
}
