# Variables are what differs from one use of the fleet to the next. Weakest first, their values come from default,
# BASTION_FLEET_VAR_name, fleet.vars.hcl, *.auto.vars.hcl, and --var and --var-file.

variable "team" {
  description = "whose gateways these are"
  nullable    = false

  # optional() attributes may be left out, and have a default then.
  type = object({
    name  = string
    lines = optional(number, 2)
  })

  validation {
    condition     = var.team.lines <= 10
    error_message = "A team has 10 lines at most, not ${var.team.lines}."
  }
}

# A sensitive value is shown nowhere, neither in plans nor in messages, and sent as it is.
variable "campaign" {
  description = "the voucher's identifier, as the account manager names it"
  type        = string
  sensitive   = true
}
