# A gateway that somebody bought by hand, and that the fleet takes over. An import block names an instance that exists,
# which is why this file stands apart: copy it to the others when there is one.

variable "bought_by_hand" {
  description = "the instance's bid, as the console shows it"
  type        = string
}

order "warehouse" {
  region = "cn-south-1"
  desc   = "warehouse"
}

import {
  to  = order.warehouse
  bid = var.bought_by_hand
}
