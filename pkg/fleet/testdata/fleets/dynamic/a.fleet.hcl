fleet "vouchers" {}

variable "promo" {
  default = true
}

locals {
  sites = {
    bj = { term = { unit = "YEAR", duration = 1 }, vouchers = { spring = "promo" } }
    sh = { term = { unit = "MONTH", duration = 6 }, vouchers = {} }
    gz = { term = null, vouchers = {} }
  }
}

defaults {
  region     = "cn-north-1"
  az         = "cn-north-1a"
  vpc_id     = "vpc-a1b2"
  subnet_id  = "subnet-c3d4"
  spec       = "bastion-50"
  ip_version = "v4"

  dynamic "charge" {
    for_each = var.promo ? ["YEAR"] : []
    iterator = unit
    content {
      unit     = unit.value
      duration = unit.key + 2
      auto_pay = true
    }
  }
}

# What makes a block may be decided for each element, and so may what is in it.
order "branch" {
  for_each = local.sites
  desc     = "branch ${each.key}"
  dynamic "charge" {
    for_each = each.value.term[*]
    content {
      unit     = charge.value.unit
      duration = charge.value.duration
      dynamic "activity" {
        for_each = each.value.vouchers
        content {
          type       = activity.value
          identifier = "${activity.key}-${charge.value.unit}-${each.key}"
        }
      }
    }
  }
}

# One of two blocks.
order "line" {
  count = 3
  dynamic "charge" {
    for_each = count.index == 0 ? [1] : []
    content {
      mode = "MONTHLY"
    }
  }
  dynamic "charge" {
    for_each = count.index > 1 ? { mode = "MONTHLY" } : {}
    iterator = named
    content {
      mode       = named.value
      auto_renew = named.key == "mode"
    }
  }
}

order "hq" {
  charge {
    duration = 1
    dynamic "activity" {
      for_each = toset(["a"])
      content {
        type       = activity.key
        identifier = activity.value
      }
    }
  }
}
