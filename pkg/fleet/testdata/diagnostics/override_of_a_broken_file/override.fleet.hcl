order "branch" {
  spec = "bastion-50"
}
