fleet "f" {}
order "gw" { # ERROR: Missing required attribute
  region = "cn-north-1"
}
