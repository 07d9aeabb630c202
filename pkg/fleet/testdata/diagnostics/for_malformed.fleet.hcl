fleet "f" {}
locals {
  a = [for x in [1] x] # ERROR: Invalid for expression
}
