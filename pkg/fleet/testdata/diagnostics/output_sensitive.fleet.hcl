fleet "f" {}
order "gw" {
  region     = "cn-north-1"
  az         = "cn-north-1a"
  vpc_id     = "vpc-a1b2"
  subnet_id  = "subnet-c3d4"
  ip_version = "v4"
  spec       = "bastion-50"
}

variable "token" {
  default   = "canary-4711"
  sensitive = true
}

output "shown" {
  value = "x${var.token}" # ERROR: Sensitive output
}

output "kept" {
  value     = var.token
  sensitive = true
}

output "allowed" {
  value = nonsensitive(var.token)
}
