fleet "f" {}
variable "env" {
  default = "staging" # ERROR: Invalid value for variable
  validation {
    condition     = contains(["prod", "test"], var.env)
    error_message = "There is no ${var.env}: write prod or test."
  }
  validation {
    condition     = length(var.env) < 7
    error_message = "Too long: ${length(var.env)}."
  }
  validation {
    condition     = var.n > 3
    error_message = "With n = ${var.n} there is no environment."
  }
}
variable "n" {
  type    = number
  default = 3
}
order "gw" {
  region     = "cn-north-1"
  az         = "cn-north-1a"
  vpc_id     = "vpc-a1b2"
  subnet_id  = "subnet-c3d4"
  spec       = "bastion-50"
  ip_version = "v4"
}
