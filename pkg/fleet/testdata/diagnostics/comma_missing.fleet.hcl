fleet "f" {}
locals {
  a = ["a" "b"] # ERROR: Missing comma
}
