fleet "f" {}
order "branch" {
  spec = # ERROR: Value expected
}
