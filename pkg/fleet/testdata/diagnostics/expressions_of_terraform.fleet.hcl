fleet "f" {}
variable "none" {
  default = null
}
order "a" {
  desc = file("${path.module}/a.txt") # ERROR: Unknown reference
  spec = terraform.workspace # ERROR: Unknown reference
}
order "b" {
  desc = "x" + "y" # ERROR: Invalid operand
  spec = lookup({ a = 1 }, "a") # ERROR: Not enough function arguments
}
order "c" {
  desc = list("a") # ERROR: Call to unknown function
  spec = uuid() # ERROR: Call to unknown function
}
order "d" {
  desc = "x ${var.none}" # ERROR: Invalid template interpolation value
  spec = "x ${["a"]}" # ERROR: Invalid template interpolation value
}
order "e" {
  desc     = "x ${{ a = 1 }}" # ERROR: Invalid template interpolation value
  spec     = upper("a", "b") # ERROR: Too many function arguments
  quantity = 1 / 0 # ERROR: Expression out of bounds
}
order "f" {
  desc = true ? ["x"] : { a = 1 } # ERROR: Inconsistent conditional result types
}
