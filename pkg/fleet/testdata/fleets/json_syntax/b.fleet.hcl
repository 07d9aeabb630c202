order "native" {
  region = "cn-north-1"
  spec   = var.spec
}
