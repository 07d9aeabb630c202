fleet "f" {}
order "gw" {
  desc = "gateway ${var.env
  spec = "bastion-50" # ERROR: Unclosed interpolation
}
