fleet "f" {}
locals {
  closed = ["cn-east-1"]
}
order "branch" {
  for_each = { bj = "cn-north-1", sh = "cn-east-1", hz = "cn-east-1" }
  region     = each.value
  az         = "${each.value}a"
  vpc_id     = "vpc-a1b2"
  subnet_id  = "subnet-c3d4"
  spec       = "bastion-50"
  ip_version = "v4"
  precondition {
    condition     = !contains(local.closed, each.value) # ERROR: Precondition failed
    error_message = "${each.value} is closed to new branches: move ${each.key} elsewhere."
  }
  precondition {
    condition     = strlen(each.key) == 2
    error_message = "A branch has a code of two letters."
  }
}
order "gw" {
  region     = "cn-north-1"
  az         = "cn-north-1a"
  vpc_id     = "vpc-a1b2"
  subnet_id  = "subnet-c3d4"
  spec       = "bastion-50"
  ip_version = "v4"
  precondition {
    condition     = length(local.closed) == 0 # ERROR: Precondition failed
    error_message = "Regions are closed."
  }
}
order "many" {
  count = 2000
  region     = "cn-north-1"
  az         = "cn-north-1a"
  vpc_id     = "vpc-a1b2"
  subnet_id  = "subnet-c3d4"
  spec       = "bastion-50"
  ip_version = "v4"
  precondition {
    condition     = count.index % 10 != 9 # ERROR: Precondition failed
    error_message = "No order may end in 9, as ${count.index} does."
  }
}
