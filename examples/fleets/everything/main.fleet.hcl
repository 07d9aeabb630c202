# A fleet that uses each part of the language once. README.md beside it says where to look for what, and what to type.

fleet "everything" {
  required_version = ">= 0.1"
  marker           = true # the default: each description ends in a marker, by which a lost answer's purchase is found
  max_orders       = 1000 # a slip of a for_each ends with a message here
}

# Locals name what is used more than once. They may refer to each other in any order and from any file.
locals {
  # A CSV file is the way to write a large fleet: one object for each row, by a key that stays.
  branches = { for row in csvdecode(file("branches.csv")) : row.code => row if row.stage != "planned" }
  team     = upper(var.team.name)
}

# What all orders have in common. Null is as good as not written.
defaults {
  spec       = "bastion-50"
  ip_version = "v4"
  desc       = null

  charge {
    mode     = "MONTHLY"
    unit     = "YEAR"
    duration = 1
    auto_pay = true
  }
}

# What the orders of one region have in common; it wins over defaults. The other regions stand in network.fleet.json.
region "cn-north-1" {
  az        = "cn-north-1a"
  vpc_id    = "vpc-everything1"
  subnet_id = "subnet-everyth1"
}

# One order, whose address is order.head_office. An order's own attributes win over its region's and over defaults.
order "head_office" {
  region     = "cn-north-1"
  spec       = "bastion-200"
  ip_version = "v4&v6"
  quantity   = 2
  desc       = "${local.team}, head office"

  # Blocks merge attribute by attribute: mode, unit and auto_pay are those of defaults.
  charge {
    duration   = 3
    auto_renew = true

    # A voucher. It may be sensitive, and is sent encoded; buy_scenario would take it as the API has it.
    activity {
      type       = "promo"
      identifier = var.campaign
    }
  }

  lifecycle {
    ignore_changes = [desc] # somebody edits it in the console
    prevent_change = true   # plans that would change or forget this order are refused
  }
}

# count numbers orders: order.line[0], order.line[1].
order "line" {
  count  = var.team.lines
  region = "cn-east-2"
  desc   = format("%s, line %d of %d", local.team, count.index + 1, var.team.lines)
}

# for_each names them, which is better: order.branch["bj-001"] stays what it is when another branch goes.
order "branch" {
  for_each = local.branches
  region   = each.value.region
  spec     = "bastion-${each.value.assets}"
  desc     = templatefile("desc.tftpl", { team = local.team, branch = each.value })

  # A dynamic block is there for those elements alone that its for_each has one for: here for branches on trial.
  dynamic "charge" {
    for_each = each.value.stage == "trial" ? [3] : []
    content {
      unit     = "MONTH"
      duration = charge.value
    }
  }

  # What must hold of each order. Where it doesn't, nothing is planned.
  precondition {
    condition     = contains([50, 100, 200], tonumber(each.value.assets))
    error_message = "Branch ${each.key} asks for ${each.value.assets} assets: there are bastions for 50, 100 and 200."
  }
}
