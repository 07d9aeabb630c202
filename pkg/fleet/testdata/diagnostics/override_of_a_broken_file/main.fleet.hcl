fleet "f" {}
order "branch" {
  spec = # ERROR: Invalid expression
}
