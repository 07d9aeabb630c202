fleet "f" {}
defaults {
  region     = "cn-north-1"
  az         = "cn-north-1a"
  vpc_id     = "vpc-a1b2"
  subnet_id  = "subnet-c3d4"
  spec       = "bastion-50"
  ip_version = "v4"
}
order "gw" {}
order "branch" {
  for_each = toset(["bj", "sh"])
}
order "pool" {
  count = 3
}
order "none" {
  for_each = {}
}
check "text" {
  assert {
    condition     = order.gw.region # ERROR: Invalid condition
    error_message = "Never."
  }
}
check "null" {
  assert {
    condition     = null # ERROR: Invalid condition
    error_message = "Never."
  }
}
check "message" {
  assert {
    condition     = false
    error_message = { a = 1 } # ERROR: Invalid error_message
  }
}
check "message_null" {
  assert {
    condition     = false
    error_message = null # ERROR: Invalid error_message
  }
}
