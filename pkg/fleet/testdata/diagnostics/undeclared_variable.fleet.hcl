fleet "f" {}
variable "region" { default = "cn-north-1" }
order "gw" {
  region     = var.regoin # ERROR: Undeclared variable
  az         = "cn-north-1a"
  vpc_id     = "vpc-a1b2"
  subnet_id  = "subnet-c3d4"
  spec       = "bastion-50"
  ip_version = "v4"
}
