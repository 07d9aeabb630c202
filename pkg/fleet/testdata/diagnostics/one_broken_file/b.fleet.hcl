locals {
  from_b = # ERROR: Value expected
}
