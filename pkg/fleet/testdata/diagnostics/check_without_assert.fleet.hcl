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
check "c" { # ERROR: Check without an assert
}
check "flat" { # ERROR: Check without an assert
  condition     = true # ERROR: Unknown attribute
  error_message = "Never." # ERROR: Unknown attribute
}
check "half" {
  assert { # ERROR: Incomplete condition
    condition = true
  }
}
check "half" { # ERROR: Duplicate check
  assert {
    condition     = true
    error_message = "Never."
  }
}
check "not a name" { # ERROR: Invalid name
  assert {
    condition     = true
    error_message = "Never."
  }
}
