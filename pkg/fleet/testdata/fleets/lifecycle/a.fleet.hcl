fleet "kept" {}

variable "frozen" {
  default = true
}

defaults {
  region     = "cn-north-1"
  az         = "cn-north-1a"
  vpc_id     = "vpc-a1b2"
  subnet_id  = "subnet-c3d4"
  spec       = "bastion-50"
  ip_version = "v4"
}

order "some" {
  lifecycle {
    ignore_changes = [desc, charge.duration, charge.activity.type]
  }
}

order "block" {
  lifecycle {
    ignore_changes = [charge]
  }
}

order "every" {
  lifecycle {
    ignore_changes = all
    prevent_change = !var.frozen
  }
}

order "none" {
  count = 0
  lifecycle {
    ignore_changes = []
    prevent_change = var.frozen
  }
}
