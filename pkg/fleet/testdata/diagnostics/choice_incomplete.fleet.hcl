fleet "f" {}
locals {
  a = true ? 1 # ERROR: Incomplete choice
}
