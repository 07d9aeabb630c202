fleet "f" {}
locals {
  many  = tolist([for i in range(301) : { "k${i}" = [i] }]) # ERROR: Invalid function argument
  mixed = tolist([[1], { a = 1 }])                          # ERROR: Invalid function argument
  fine  = tolist([for i in range(400) : i % 2 == 0 ? "x" : "y"])
}
variable "sites" {
  type    = map(any)
  default = { a = { x = 1 }, b = [1] } # ERROR: Wrong type
}
order "gw" {
  region     = "cn-north-1"
  az         = "cn-north-1a"
  vpc_id     = "vpc-a1b2"
  subnet_id  = "subnet-c3d4"
  spec       = "bastion-50"
  ip_version = "v4"
}
