fleet "f" {}
order "gw" {
  spec = = "bastion-50" # ERROR: Value expected
}
