fleet "f" {}
defaults {
  region     = "cn-north-1"
  az         = "cn-north-1a"
  vpc_id     = "vpc-a1b2"
  subnet_id  = "subnet-c3d4"
  spec       = "bastion-50"
  ip_version = "v4"
  dynamic "charge" {
    for_each = each.value # ERROR: Reference without repetition
    content {
      unit = charge.vaule # ERROR: Unknown reference
    }
  }
}
order "incomplete" {
  dynamic "charge" {} # ERROR: Incomplete dynamic block
  dynamic "charge" {
    for_each = []
    contents {} # ERROR: Unknown block
  }
  dynamic "activity" { # ERROR: Invalid dynamic block
    for_each = []
    content {}
  }
  dynamic "precondition" { # ERROR: Invalid dynamic block
    for_each = []
    content {}
  }
  dynamic { # ERROR: Missing block for dynamic
  }
}
order "iterators" {
  count = 2
  dynamic "charge" {
    for_each = []
    iterator = "one" # ERROR: Invalid iterator
    labels   = [] # ERROR: Unknown attribute
    content {
      unit      = "YEAR"
      term      = 1 # ERROR: Unknown attribute
      auto_pay  = charge.value
    }
  }
  dynamic "charge" {
    for_each = []
    iterator = each # ERROR: Invalid iterator
    content {}
  }
  dynamic "charge" {
    for_each = []
    iterator = term
    content {
      unit = charge.value # ERROR: Unknown reference
      dynamic "activity" {
        for_each = tern.value # ERROR: Unknown reference
        content {
          type       = activity.key + term.key + count.index
          identifier = activit.key # ERROR: Unknown reference
        }
      }
    }
  }
}
