fleet "f" {}
order "gw" {
  for_each   = toset(["a", "b"])
  region     = "cn-north-1"
  az         = "cn-north-1a"
  vpc_id     = "vpc-a1b2"
  subnet_id  = "subnet-c3d4"
  spec       = "bastion-50"
  ip_version = "v4"
  precondition {} # ERROR: Incomplete condition
  precondition { # ERROR: Incomplete condition
    condition = true
    message   = "no" # ERROR: Unknown attribute
  }
  precondition {
    condition     = "perhaps" # ERROR: Invalid condition
    error_message = "never shown"
  }
  precondition {
    condition     = null # ERROR: Invalid condition
    error_message = "never shown"
  }
  precondition {
    condition     = each.key != "a" # ERROR: Precondition failed
    error_message = [] # ERROR: Invalid error_message
  }
  precondition {
    condition     = each.key != "a" # ERROR: Precondition failed
    error_message = " " # ERROR: Invalid error_message
  }
  precondition {
    condition     = each.key != "b" # ERROR: Precondition failed
    error_message = substr() # ERROR: Not enough function arguments
  }
  precondition {
    condition     = each.valu != "a" # ERROR: Unknown reference
    error_message = "${local.nothing}" # ERROR: Undeclared local
  }
  precondition {
    condition     = each.value.region == "a" # ERROR: Unsupported attribute
    error_message = "never shown"
  }
}
