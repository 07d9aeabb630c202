# *.auto.vars.hcl files win over fleet.vars.hcl, and the later in name order over the earlier.
team = {
  name  = "operations"
  lines = 3
}
