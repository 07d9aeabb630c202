package order

// A Lifecycle says what a plan makes of differences between an order block's wish and what was bought for it. The zero
// value is that of a block without any: each difference is a change, and each change may be planned.
type Lifecycle struct {
	// Ignore are the fields that stay as they were bought, whatever the files say. They say nothing about an order of
	// which nothing is bought.
	Ignore FieldSet
	// PreventChange refuses every plan that would change, grow or forget what was bought.
	PreventChange bool
}
