fleet "f" {}
variable "secret" {
  default   = "canary"
  sensitive = true
}
variable "port" {
  type      = number
  default   = "canary" # ERROR: Wrong type
  sensitive = true
}
variable "limited" {
  default   = "canary" # ERROR: Invalid value for variable
  sensitive = true
  validation {
    condition     = var.limited == "x"
    error_message = "It must not be ${var.limited}."
  }
  validation {
    condition     = var.limited # ERROR: Invalid condition
    error_message = "It is false."
  }
}
locals {
  parsed  = tonumber(var.secret)                                   # ERROR: Invalid function argument
  missing = file(var.secret)                                       # ERROR: Invalid function argument
  hidden  = tonumber(sensitive("canary"))                          # ERROR: Invalid function argument
  looped  = [for s in [var.secret] : parseint(s, 10)]              # ERROR: Invalid function argument
  inner   = [for s in split(",", var.secret) : parseint(s, 10)]    # ERROR: Invalid function argument
  doubled = { for s in split("", var.secret) : s => 1 }            # ERROR: Duplicate object key
  through = { (var.secret) = 1 }
  beyond  = local.through.nope                                     # ERROR: Unsupported attribute
  slip    = lenght(var.secret)                                     # ERROR: Call to unknown function
  tried   = try(tonumber(var.secret), jsondecode(var.secret))      # ERROR: Error in function call
}
order "gw" {
  for_each   = { a = { secret = var.secret }, b = { secret = var.secret } }
  region     = "cn-north-1"
  az         = "${var.secret}-az" # WARNING: Zone of another region
  vpc_id     = each.value.secret
  subnet_id  = "subnet-${parseint(each.value.secret, 10)}" # ERROR: Invalid function argument
  spec       = "bastion-50"
  ip_version = var.secret # ERROR: Unknown IP version
  quantity   = each.value # ERROR: Wrong type
  charge {
    mode = [var.secret] # ERROR: Wrong type
  }
  precondition {
    condition     = each.value.secret == "x" # ERROR: Precondition failed
    error_message = "It is ${each.value.secret}."
  }
}
