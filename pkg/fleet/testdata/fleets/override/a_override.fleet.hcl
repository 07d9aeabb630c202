# Read before override.fleet.hcl, though its own name sorts among the others.
variable "env" {
  default = "test"
}

locals {
  sites = { bj = 3, gz = 1 }
}

defaults {
  charge {
    duration = 9
  }
}

order "branch" {
  desc = "${var.env} branch ${each.key}"
  charge {
    auto_renew = true
    activity {
      identifier = "autumn"
    }
  }
  lifecycle {
    prevent_change = true
  }
  precondition {
    condition     = each.value < 9
    error_message = "too many"
  }
}

order "gw" {
  spec = "overridden again"
}

rollout {
  parallelism = 8
}
