fleet "f" {} # ERROR: No orders
