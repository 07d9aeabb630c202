fleet "f" {}
variable "token" {
  default   = "hunter2"
  sensitive = true
}
order "gw" {
  region     = "cn-north-1"
  az         = "cn-north-1a"
  vpc_id     = "vpc-a1b2"
  subnet_id  = "subnet-c3d4"
  spec       = "bastion-50"
  ip_version = "v4"
  desc       = "owner ${var.token}"
}
output "token" {
  value = var.token # ERROR: Sensitive output
}
output "inside" {
  value = { gate = { owner = order.gw.desc } } # ERROR: Sensitive output
}
output "declared" {
  value     = var.token
  sensitive = true
}
output "revealed" {
  value = length(nonsensitive(var.token))
}
output "mistake" {
  value     = jsondecode(var.token) # ERROR: Error in function call
  sensitive = true
}
check "message" {
  assert {
    condition     = var.token # ERROR: Invalid condition
    error_message = "Never."
  }
}
