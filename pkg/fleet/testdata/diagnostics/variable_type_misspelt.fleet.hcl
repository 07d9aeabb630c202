fleet "f" {}
variable "a" {
  type    = strng # ERROR: Invalid type specification
  default = null
}
variable "b" {
  type    = integer # ERROR: Invalid type specification
  default = null
}
variable "c" {
  type    = lst(string) # ERROR: Invalid type specification
  default = null
}
variable "d" {
  type    = list # ERROR: Invalid type specification
  default = null
}
variable "e" {
  type    = "string" # ERROR: Invalid type specification
  default = null
}
variable "f" {
  type    = map(object({ a = sting })) # ERROR: Invalid type specification
  default = null
}
variable "g" {
  type    = optional(string) # ERROR: Invalid type specification
  default = null
}
variable "h" {
  type    = object({ a = optional(number, "many") }) # ERROR: Invalid default value for optional attribute
  default = null
}
order "gw" {
  region     = "cn-north-1"
  az         = "cn-north-1a"
  vpc_id     = "vpc-a1b2"
  subnet_id  = "subnet-c3d4"
  spec       = "bastion-50"
  ip_version = "v4"
}
