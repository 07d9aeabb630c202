fleet "f" {}
order "gw" { # ERROR: Unclosed configuration block
  spec = "bastion-50"
