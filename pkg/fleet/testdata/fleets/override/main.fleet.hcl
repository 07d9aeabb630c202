fleet "gates" {}

variable "env" {
  type    = string
  default = "prod"
}

locals {
  sites = { bj = 1, sh = 2 }
  size  = 50
}

defaults {
  az         = "cn-north-1a"
  vpc_id     = "vpc-a1b2"
  subnet_id  = "subnet-c3d4"
  ip_version = "v4"
  charge {
    unit     = "MONTH"
    duration = 6
    auto_pay = true
  }
}

region "cn-north-1" {
  spec = "bastion-${local.size}"
}

order "branch" {
  for_each = local.sites
  region   = "cn-north-1"
  quantity = each.value
  desc     = "${var.env} ${each.key}"
  charge {
    mode     = "MONTHLY"
    duration = 3
    activity {
      type       = "promo"
      identifier = "spring"
    }
  }
  lifecycle {
    ignore_changes = [desc]
  }
  precondition {
    condition     = each.value == 9
    error_message = "overridden"
  }
  precondition {
    condition     = false
    error_message = "overridden, too"
  }
}

order "gw" {
  region = "cn-north-1"
}

rollout {
  parallelism    = 4
  max_in_doubt   = 2
}
