locals {} # ERROR: Block in a vars file
