fleet "f" {}
variable "secret" {
  default   = "canary"
  sensitive = true
}
order "gw" {
  region     = "cn-north-1"
  az         = "cn-north-1a"
  vpc_id     = "vpc-a1b2"
  subnet_id  = "subnet-c3d4"
  spec       = "bastion-50"
  ip_version = "v4"
  dynamic "charge" {
    for_each = [[var.secret]]
    content {
      unit         = "YEAR"
      duration     = [for s in charge.value : tonumber(s)][0] # ERROR: Invalid function argument
      buy_scenario = charge.value[0]                          # ERROR: Malformed buy_scenario
    }
  }
}
order "hidden" {
  region     = "cn-north-1"
  az         = "cn-north-1a"
  vpc_id     = "vpc-a1b2"
  subnet_id  = "subnet-c3d4"
  spec       = "bastion-50"
  ip_version = "v4"
  dynamic "charge" {
    for_each = split(",", var.secret) # ERROR: Sensitive value not allowed
    content {
      unit     = "YEAR"
      duration = 1
    }
  }
}
