site = { name = "north" }
