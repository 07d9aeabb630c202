fleet "f" {
  required_version = ">= 99" # ERROR: Unsupported version
}
unheard_of {}
