order "gw" {
  spec = "bastion-200"
  charge {
    duration = 1
  }
}
