fleet "repetition" {}

defaults {
  region     = "cn-north-1"
  az         = "cn-north-1a"
  vpc_id     = "vpc-a1b2"
  subnet_id  = "subnet-c3d4"
  spec       = "bastion-50"
  ip_version = "v4&v6"
}

locals {
  rows = csvdecode(file("sites.csv"))
  more = yamldecode(file("more.yaml"))
}

order "counted" {
  count = local.n
  desc  = "no. ${count.index + 1} of ${local.n}"
}

order "none" {
  count = 0
}

order "of_set" {
  for_each = toset(["b", "a"])
  desc     = "${each.key}/${each.value}"
}

order "of_object" {
  for_each = { x = { quantity = 2 }, y = { quantity = 3, spec = "bastion-100" } }
  quantity = each.value.quantity
  spec     = try(each.value.spec, null)
}

order "of_csv" {
  for_each = { for row in local.rows : row.site => row if row.open == "yes" }
  region   = each.value.region
  az       = "${each.value.region}a"
  quantity = each.value.quantity
  desc     = each.value.site == "bj" ? "head office" : "branch ${each.key}"
}

order "of_yaml" {
  for_each = local.more
  spec     = each.value.spec
  desc     = templatefile("desc.tmpl", { site = each.key, tags = each.value.tags })
}
