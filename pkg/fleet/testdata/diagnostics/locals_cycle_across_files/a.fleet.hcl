fleet "f" {}
locals {
  first  = "${local.second} and more" # ERROR: Cycle of locals
  third  = { for k, v in local.fourth : k => v }
  alone  = [for local in [{ x = 1 }] : local.x] # a name of its own, no reference
}
order "gw" {
  desc = local.first
}
