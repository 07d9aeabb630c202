fleet "f" {}
defaults {
  spec = "a"
  spec = "b" # ERROR: Attribute redefined
}
