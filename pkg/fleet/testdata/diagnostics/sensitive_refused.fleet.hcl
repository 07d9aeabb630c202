fleet "f" {}
variable "text" {
  default   = "cn-north-1"
  sensitive = true
}
variable "n" {
  type      = number
  default   = 1
  sensitive = true
}
variable "sites" {
  type      = map(string)
  default   = { a = "1" }
  sensitive = true
}
locals { all = { for k, v in var.sites : k => v } }
defaults {
  az         = "cn-north-1a"
  vpc_id     = "vpc-a1b2"
  subnet_id  = "subnet-c3d4"
  spec       = "bastion-50"
  ip_version = "v4"
}
order "one" {
  region   = var.text # ERROR: Sensitive value not allowed
  spec     = "b-${var.n}" # ERROR: Sensitive value not allowed
  quantity = var.n # ERROR: Sensitive value not allowed
  charge {
    unit       = upper(var.text) # ERROR: Sensitive value not allowed
    duration   = var.n + 1 # ERROR: Sensitive value not allowed
    auto_renew = var.n == 1 # ERROR: Sensitive value not allowed
  }
}
order "keys" {
  for_each = local.all # ERROR: Sensitive value not allowed
  region   = "cn-north-1"
}
order "texts" {
  for_each = toset([sensitive("a")]) # ERROR: Sensitive value not allowed
  region   = "cn-north-1"
}
order "number" {
  count  = var.n # ERROR: Sensitive value not allowed
  region = "cn-north-1"
}
order "each" {
  for_each = { a = { spec = sensitive("bastion-50") }, b = { spec = sensitive("bastion-100") } }
  region   = "cn-north-1"
  spec     = each.value.spec # ERROR: Sensitive value not allowed
}
rollout {
  parallelism = var.n # ERROR: Sensitive value not allowed
}
