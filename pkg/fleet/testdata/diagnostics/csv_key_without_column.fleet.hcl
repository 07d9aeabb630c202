fleet "f" {}
locals {
  rows  = csvdecode("site,region\na,cn-north-1\nb,cn-east-2\n")
  sites = { for row in local.rows : row.stie => row } # ERROR: Unsupported attribute
}
order "gw" {
  for_each = local.sites
  region   = each.value.region
}
