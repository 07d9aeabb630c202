fleet "rollout" {
  marker = var.marked
}

variable "marked" {
  type    = bool
  default = false
}

rollout {
  parallelism            = 64
  parallelism_per_region = 8
  rate_per_region        = 20
  failure_tolerance      = "2.5%"
  max_in_doubt           = 1
}

defaults {
  region     = "cn-north-1"
  az         = "cn-north-1a"
  vpc_id     = "vpc-a1b2"
  subnet_id  = "subnet-c3d4"
  spec       = "bastion-50"
  ip_version = "v4&v6"
}
order "gw" {}
