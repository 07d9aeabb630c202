tokn  = "canary" # ERROR: Undeclared variable
ports = [1, "canary"] # ERROR: Wrong type
token = canary # ERROR: Reference not allowed
