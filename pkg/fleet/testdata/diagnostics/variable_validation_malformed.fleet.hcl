fleet "f" {}
locals { most = 3 }
variable "n" {
  type    = number
  default = 3 # ERROR: Invalid value for variable
  validation { # ERROR: Incomplete condition
    condition = var.n > 0
  }
  validation {
    condition     = var.n < local.most # ERROR: Reference not allowed
    error_message = "Too many."
  }
  validation {
    condition     = var.n < var.moist # ERROR: Undeclared variable
    error_message = "Too many for ${each.key}." # ERROR: Reference not allowed
  }
  validation {
    condition     = order.gw.quantity > var.n # ERROR: Reference not allowed
    error_message = "Too many."
  }
  validation {
    condition     = "${var.n} sites" # ERROR: Invalid condition
    error_message = "Too many."
  }
  validation {
    condition     = var.n > 4
    error_message = "" # ERROR: Invalid error_message
    message       = "Too few." # ERROR: Unknown attribute
  }
  condition = true # ERROR: Unknown attribute
}
order "gw" {
  region     = "cn-north-1"
  az         = "cn-north-1a"
  vpc_id     = "vpc-a1b2"
  subnet_id  = "subnet-c3d4"
  spec       = "bastion-50"
  ip_version = "v4"
}
