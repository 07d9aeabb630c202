fleet "f" {}
variable "secret" {
  default   = "cn-north-1"
  sensitive = true
}
variable "none" {
  default = []
}
rollout {
  wave "types" {
    regions    = "cn-north-1"         # ERROR: Wrong type
    orders     = { a = "order.gw" }   # ERROR: Wrong type
    max_orders = "few"                # ERROR: Wrong type
    percent    = "most"               # ERROR: Invalid percentage
    bake       = 10                   # ERROR: Invalid time
    approve    = "maybe"              # ERROR: Wrong type
  }
  wave "bounds" {
    regions    = [""]      # ERROR: Invalid region
    orders     = ["gw"]    # ERROR: Invalid pattern
    max_orders = 0         # ERROR: Limit out of range
    percent    = "100.5%"  # ERROR: Invalid percentage
    bake       = "25h"     # ERROR: Invalid time
  }
  wave "lists" {
    regions = []               # ERROR: Empty list
    orders  = concat(var.none) # ERROR: Empty list
  }
  wave "twice" {
    regions = ["cn-north-1", "cn-north-1"]              # ERROR: Named twice
    orders  = [for i in range(2) : "order.gw[${i % 1}]"] # ERROR: Named twice
  }
  wave "elements" {
    regions = [null, 1 == 1, ["cn-north-1"]] # ERROR: Wrong type
    orders  = [
      order.gw[0],
      order.gw[length(var.none)], # ERROR: Not an address
      "order.gw[",           # ERROR: Invalid pattern
      "gw*",                 # ERROR: Invalid pattern
      order.gw.buy_id,       # ERROR: Not an address
      [for i in [1] : i],    # ERROR: Wrong type
    ]
  }
  wave "computed" {
    orders  = order.gw                            # ERROR: Wrong type
    regions = [for r in ["cn-north-1", null] : r] # ERROR: Wrong type
    percent = 0                                   # ERROR: Invalid percentage
  }
  wave "long" {
    regions = [for i in range(1001) : "cn-north-${i}"] # ERROR: Too long a list
  }
  wave "secret" {
    regions = [var.secret]                           # ERROR: Sensitive value not allowed
    orders  = [for s in [var.secret] : "order.${s}"] # ERROR: Sensitive value not allowed
  }
  wave "attributes" {
    region    = "cn-north-1" # ERROR: Unknown attribute
    percents  = 10           # ERROR: Unknown attribute
    bake {}                  # ERROR: Attribute written as a block
    canary {}                # ERROR: Unknown block
  }
}
order "gw" {
  count      = 3
  region     = "cn-north-1"
  az         = "cn-north-1a"
  vpc_id     = "vpc-a1b2"
  subnet_id  = "subnet-c3d4"
  spec       = "bastion-50"
  ip_version = "v4"
}
