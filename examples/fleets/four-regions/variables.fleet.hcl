# Variables are what differs from one use of the fleet to the next. Weakest first, their values come from the default,
# BASTION_FLEET_VAR_env, fleet.vars.hcl, *.auto.vars.hcl, and --var env=staging or --var-file.

variable "env" {
  type        = string
  default     = "prod"
  description = "what the gateways are for; it begins their descriptions"
}

variable "spec" {
  type        = string
  default     = "bastion-50"
  description = "the size, where an order names no other"
}

variable "pay_at_once" {
  type        = bool
  default     = false
  description = "pay from the account's balance, instead of by hand in the console"
}
