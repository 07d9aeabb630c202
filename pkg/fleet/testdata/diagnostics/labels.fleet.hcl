fleet "f" {}
order {} # ERROR: Missing name for order
rollout "fast" {} # ERROR: Extraneous label for rollout
var "env" {} # ERROR: Unknown block
lifecycle {} # ERROR: Unknown block
order "gw" {
  region     = "cn-north-1"
  az         = "cn-north-1a"
  vpc_id     = "vpc-a1b2"
  subnet_id  = "subnet-c3d4"
  spec       = "bastion-50"
  ip_version = "v4"
}
