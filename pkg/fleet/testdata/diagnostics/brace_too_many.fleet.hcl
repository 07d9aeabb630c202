fleet "f" {}
order "gw" {
  spec = "bastion-50"
}
} # ERROR: Brace too many
