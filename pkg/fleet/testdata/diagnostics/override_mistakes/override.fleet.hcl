fleet "g" {} # ERROR: Nothing to override
variable "env" { # ERROR: Nothing to override
  default = "prod"
}
locals {
  sizes = 50 # ERROR: Nothing to override
}
rollout { # ERROR: Nothing to override
  parallelism = 1
}
region "cn-north-1" {} # ERROR: Nothing to override
order "brunch" {} # ERROR: Nothing to override
order "branch" {
  sepc = "bastion-100" # ERROR: Unknown attribute
  spec = ["bastion-100"] # ERROR: Wrong type
  charge {}
  charge {} # ERROR: Duplicate charge block
}
order "branch" {} # ERROR: Duplicate override
ordr "x" {} # ERROR: Unknown block
moved { # ERROR: Block in an override file
  from = order.a
  to   = order.branch
}
removed { # ERROR: Block in an override file
  from = order.b
}
import {} # ERROR: Block in an override file
