# What became of orders that the state knows by other names. Where it knows none, these blocks do nothing.

# It was ordered as order.office: it is not bought again for its new name.
moved {
  from = order.office
  to   = order.head_office
}

# It was on trial, and is the fleet's no more. Nothing is deleted; the state forgets it, and keeps its ids.
removed {
  from = order.trial
}
