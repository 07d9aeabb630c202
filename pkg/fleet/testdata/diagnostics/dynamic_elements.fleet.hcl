fleet "f" {}
defaults {
  region     = "cn-north-1"
  az         = "cn-north-1a"
  vpc_id     = "vpc-a1b2"
  subnet_id  = "subnet-c3d4"
  spec       = "bastion-50"
  ip_version = "v4"
}
order "two" {
  for_each = { a = [1, 2], b = [1], c = [1, 2, 3] }
  dynamic "charge" {
    for_each = each.value # ERROR: Duplicate charge block
    content {
      unit     = "MONTH"
      duration = charge.value
    }
  }
}
order "none" {
  for_each = { d = null, e = "x" }
  dynamic "charge" {
    for_each = each.value # ERROR: Invalid for_each
    content {
      unit     = "MONTH"
      duration = charge.value
    }
  }
}
order "text" {
  dynamic "charge" {
    for_each = "x" # ERROR: Invalid for_each
    content {
      unit     = "MONTH"
      duration = charge.value
    }
  }
}
order "secret" {
  dynamic "charge" {
    for_each = sensitive([1]) # ERROR: Sensitive value not allowed
    content {
      unit     = "MONTH"
      duration = charge.value
    }
  }
}
order "secret_parts" {
  dynamic "charge" {
    for_each = [sensitive("swordfish")]
    content {
      unit     = charge.value.swordfish # ERROR: Unsupported attribute
      duration = charge.value # ERROR: Wrong type
      dynamic "activity" {
        for_each = [1]
        content {
          type       = tonumber(charge.value) # ERROR: Invalid function argument
          identifier = activity.value
        }
      }
    }
  }
}
order "twice" {
  count = 3
  charge {
    unit     = "MONTH"
    duration = 1
    activity {
      type       = "a"
      identifier = "b"
    }
    dynamic "activity" { # ERROR: Duplicate activity block
      for_each = count.index == 1 ? [1] : []
      content {}
    }
  }
  dynamic "charge" { # ERROR: Duplicate charge block
    for_each = count.index == 2 ? [1] : []
    content {}
  }
}
order "vouchers" {
  charge {
    unit         = "MONTH"
    duration     = 1
    buy_scenario = "e30="
    dynamic "activity" { # ERROR: Two vouchers
      for_each = [1]
      content {
        type       = "a"
        identifier = "b"
      }
    }
  }
}
order "wrong" {
  for_each = toset(["a", "b"])
  dynamic "charge" {
    for_each = [each.key]
    content {
      unit     = charge.value.unit # ERROR: Unsupported attribute
      duration = [] # ERROR: Wrong type
      dynamic "activity" {
        for_each = [tonumber(charge.value)] # ERROR: Invalid function argument
        content {
          type       = "a"
          identifier = "b"
        }
      }
    }
  }
}
order "problem" {
  for_each = toset(["a", "b"])
  dynamic "charge" {
    for_each = [each.key]
    content {
      unit     = "MONTH"
      duration = 12 # ERROR: Duration out of range
      dynamic "activity" { # ERROR: Invalid activity
        for_each = [1]
        content {
          type = "a"
        }
      }
    }
  }
}
