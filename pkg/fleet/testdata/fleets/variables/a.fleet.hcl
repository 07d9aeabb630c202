fleet "variables" {}

variable "site" {
  type = object({
    spec     = optional(string, "bastion-50")
    quantity = optional(number, 2)
    name     = string
  })
  description = "what to order"
}

variable "names" {
  type    = map(object({ n = number }))
  default = { a = { n = "1" }, b = { n = 2, extra = true } }
}

variable "codes" {
  type    = set(string)
  default = ["x", "x", "y"]
}

variable "suffix" { default = null }

defaults {
  region     = "cn-north-1"
  az         = "cn-north-1a"
  vpc_id     = "vpc-a1b2"
  subnet_id  = "subnet-c3d4"
  spec       = "bastion-50"
  ip_version = "v4&v6"
}

order "gw" {
  spec     = var.site.spec
  quantity = var.site.quantity
  desc     = var.site.name
}

order "named" {
  for_each = var.names
  quantity = each.value.n
}

order "coded" {
  for_each = var.codes
  desc     = var.suffix
}
