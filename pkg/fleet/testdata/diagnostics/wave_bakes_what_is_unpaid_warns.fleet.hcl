fleet "f" {}
rollout {
  wave "unpaid" {
    orders = [order.gw]
    bake   = "10m" # WARNING: Bake of what is not paid
  }
  wave "paid" {
    bake = "10m"
  }
}
defaults {
  region     = "cn-north-1"
  az         = "cn-north-1a"
  vpc_id     = "vpc-a1b2"
  subnet_id  = "subnet-c3d4"
  spec       = "bastion-50"
  ip_version = "v4"
}
order "gw" {}
order "branch" {
  for_each = toset(["a", "b"])
  charge {
    mode     = "MONTHLY"
    unit     = "YEAR"
    duration = 1
    auto_pay = each.key == "a"
  }
}
