envv = "x" # ERROR: Undeclared variable
env = "prod"
n = "many" # ERROR: Wrong type
