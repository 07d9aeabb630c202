fleet "f" {}
variable "v" {
  type = object { a = string } # ERROR: Attribute without an end
}
