fleet "f" {}
order "gw" {
  desc = "gateway ${var.env" # ERROR: Unclosed interpolation
  spec = "bastion-50"
}
