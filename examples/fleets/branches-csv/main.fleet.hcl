# Three hundred branches, one order block: the branches stand in a CSV file that any spreadsheet writes. This is the
# way to write a large fleet; it loads far faster than as many blocks would.

fleet "branches" {
  required_version = ">= 0.1"
}

locals {
  # One object for each row, by the branch's code. A code that comes twice is an error.
  branches = { for row in csvdecode(file("sites.csv")) : row.code => row }
}

defaults {
  ip_version = "v4"
  charge {
    mode     = "MONTHLY"
    unit     = "YEAR"
    duration = 1
    auto_pay = true # every branch is approved before it comes into the CSV file
  }
}

region "cn-north-1" {
  az        = "cn-north-1a"
  vpc_id    = "vpc-branchesn1"
  subnet_id = "subnet-branchn1"
}

region "cn-east-1" {
  az        = "cn-east-1a"
  vpc_id    = "vpc-branchese1"
  subnet_id = "subnet-branche1"
}

region "cn-east-2" {
  az        = "cn-east-2a"
  vpc_id    = "vpc-branchese2"
  subnet_id = "subnet-branche2"
}

region "cn-south-1" {
  az        = "cn-south-1a"
  vpc_id    = "vpc-branchess1"
  subnet_id = "subnet-branchs1"
}

# The orders' addresses are order.branch["bj-001"] and so on. A row that is added is bought by the next apply, and
# nothing else is.
order "branch" {
  for_each = local.branches
  region   = each.value.region
  spec     = "bastion-${each.value.assets}"
  quantity = each.value.gateways
  desc     = "${each.value.city} ${each.value.branch}"

  charge {
    # A new branch is tried out for three months, an established one is ordered by the year.
    unit     = each.value.stage == "trial" ? "MONTH" : "YEAR"
    duration = each.value.stage == "trial" ? 3 : 1
  }
}

rollout {
  parallelism       = 32
  failure_tolerance = "5%"
}
