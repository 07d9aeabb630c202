removed { # ERROR: Block in an override file
  from = order.older
}

import { # ERROR: Block in an override file
  to  = order.gw
  bid = "bid-1"
}
