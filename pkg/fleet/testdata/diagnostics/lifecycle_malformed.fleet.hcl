fleet "f" {}
defaults {
  region     = "cn-north-1"
  az         = "cn-north-1a"
  vpc_id     = "vpc-a1b2"
  subnet_id  = "subnet-c3d4"
  spec       = "bastion-50"
  ip_version = "v4"
}
order "misspelt" {
  lifecycle {
    ignore_changes = [dsc, charge.term, "desc", charge[0], desc == "", all] # ERROR: Invalid ignore_changes
    prevent_change = "perhaps" # ERROR: Wrong type
  }
}
order "text" {
  lifecycle {
    ignore_changes = "desc" # ERROR: Invalid ignore_changes
  }
  lifecycle {} # ERROR: Duplicate lifecycle block
}
order "word" {
  lifecycle {
    ignore_changes  = desc # ERROR: Invalid ignore_changes
    prevent_destroy = true # ERROR: Unknown attribute
    prevent_changes = true # ERROR: Unknown attribute
    precondition {} # ERROR: Unknown block
  }
}
order "each" {
  for_each = toset(["a"])
  lifecycle {
    prevent_change = each.key == "a" # ERROR: Invalid prevent_change
  }
}
order "attribute" {
  lifecycle = { prevent_change = true } # ERROR: Block written as an attribute
}
region "cn-east-2" {
  lifecycle {} # ERROR: Unknown block
}
