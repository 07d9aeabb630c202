locals {
  from_b = # ERROR: Invalid expression
}
