fleet "f" {}
order "my gw" {} # ERROR: Invalid name
