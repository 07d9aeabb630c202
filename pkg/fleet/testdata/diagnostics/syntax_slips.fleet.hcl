fleet "f" {}
order 'gw' { # ERROR: Invalid character
}
order "a" {
  desc = “curly” # ERROR: Invalid character
}
order "b" {
  desc: "colon" # ERROR: Attribute or block expected
}
order "c" { desc = "x", spec = "y" } # ERROR: Block on one line
