fleet "f" {}
order "gw" { # ERROR: Unclosed block
  spec = "bastion-50"
