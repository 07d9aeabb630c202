fleet "f" {}
order "gw" {
  region     = "cn-north-1"
  az         = "cn-north-1a"
  vpc_id     = "vpc-a1b2"
  subnet_id  = "subnet-c3d4"
  ip_version = "v4"
  spec       = "bastion-50"
  dynamic "charge" {
    for_each = [1]
    content {
      unit     = "YEAR"
      duration = 1
    }
    content { # ERROR: Duplicate content block
      unit = "MONTH"
    }
  }
}
