package order

// Limits are the ceilings of what one apply may buy. nil is no ceiling; 0 lets nothing be bought.
type Limits struct {
	MaxOrders    *int
	MaxInstances *int
	MaxSpend     *Amount // in the currency of the fleet's prices; at most MaxSpend
}
