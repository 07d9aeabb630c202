fleet "f" {}
locals {
  a = [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]
  b = [local.a, local.a, local.a, local.a, local.a, local.a, local.a, local.a, local.a, local.a]
  c = [local.b, local.b, local.b, local.b, local.b, local.b, local.b, local.b, local.b, local.b]
  d = [local.c, local.c, local.c, local.c, local.c, local.c, local.c, local.c, local.c, local.c]
  e = [local.d, local.d, local.d, local.d, local.d, local.d, local.d, local.d, local.d, local.d]
  f = [local.e, local.e, local.e, local.e, local.e, local.e, local.e, local.e, local.e, local.e] # ERROR: Value too large
  g = "${1e400}" # ERROR: Expression out of bounds
  h = format("%1000d", 1) # ERROR: Error in function call
  i = uppr("a") # ERROR: Call to unknown function
}
