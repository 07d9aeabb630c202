fleet "f" {}
variable "sites" {
  type = map(object({
    region = string
    size   = optional(number, 50)
    zones  = optional(list(string), [])
    nodes  = optional(map(object({ count = number })), {})
  }))
  default = { # ERROR: Wrong type
    bj       = { region = "cn-north-1" }
    "new s." = { region = "cn-north-1", nodes = { "a b" = { count = "two" } } }
  }
}
variable "zones" {
  type    = list(list(number))
  default = [[1], [2, true]] # ERROR: Wrong type
}
variable "terms" {
  type    = object({ unit = string, duration = number })
  default = { unit = "YEAR" } # ERROR: Wrong type
}
variable "names" {
  type    = set(string)
  default = "gw" # ERROR: Wrong type
}
order "gw" {
  region     = "cn-north-1"
  az         = "cn-north-1a"
  vpc_id     = "vpc-a1b2"
  subnet_id  = "subnet-c3d4"
  spec       = "bastion-50"
  ip_version = "v4"
}
