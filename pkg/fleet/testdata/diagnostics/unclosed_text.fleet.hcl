fleet "f" {}
order "gw" {
  desc = "gateway # ERROR: Unclosed text
  spec = "bastion-50"
}
order "other" {
  desc = "none of this is looked at
}
