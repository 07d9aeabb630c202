fleet "f" {}
locals {
  list  = ["a"]
  sizes = { small = 50, large = 100 }
  rows  = csvdecode("site;region\nbj;cn-north-1")
}
order "a" {
  spec = local.list[3] # ERROR: Invalid index
  desc = local.list.name # ERROR: Unsupported attribute
}
order "b" {
  spec = local.sizes["smal"] # ERROR: Invalid index
  desc = local.sizes.medium # ERROR: Unsupported attribute
}
order "c" {
  for_each = toset(["medium"])
  spec     = local.sizes[each.key] # ERROR: Invalid index
  desc     = each.value.region # ERROR: Unsupported attribute
}
order "d" {
  desc = local.rows[0].site # ERROR: Unsupported attribute
}
