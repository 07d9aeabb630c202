package plan

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

// Input is what a plan is made from.
type Input struct {
	Fleet      string
	Orders     []order.Order              // what the files wish; sorted by address, no address twice
	Lifecycles map[string]order.Lifecycle // by order block; a block without one is not in it, be it written or not
	Known      Known
	Rollout    order.Rollout
	Limits     order.Limits
	Prices     order.Prices
	Selection  Selection
	Latency    time.Duration // of a call, as an earlier run has measured it; 0: unknown

	// What the files say of records: see [order.Moved], [order.Removed] and [order.Import].
	Moved   []order.Moved
	Removed []order.Removed
	Imports []order.Import
}

// Known is what the state holds.
type Known struct {
	Lineage string
	Serial  uint64
	Records []order.Record // sorted by address, no address twice. The plan points into it.

	Campaign Campaign
}

// Build compares wish and state. It fails when its input breaks the order that it asks for: to go on could buy an order
// again whose record it passed by. Where moved, removed and import blocks can't be carried out, or one is missing for what was
// moved before, it is a *ConflictError.
func Build(in Input) (Plan, error) {
	if err := checkSorted(in); err != nil {
		return Plan{}, err
	}
	p := in.header()
	records, rewritten := rewrite(in)
	imports := importsByOrder(in.Imports)
	waves := newAssigner(in)
	var changed []pair
	for both := range join(in.Orders, records) {
		both.move = rewritten.moves[both.address()]
		both.lifecycle = in.Lifecycles[both.address().Name]
		pending := pendingImports(both, imports[both.address()])
		selected := in.Selection.selects(both)
		waves.note(both, selected, len(pending) > 0)
		if !selected {
			continue
		}
		if both.move != nil {
			p.Moves = append(p.Moves, *both.move)
		}
		if len(pending) > 0 {
			p.Imports = append(p.Imports, rewritten.importing(both, pending))
			continue
		}
		switch {
		case both.action() != None:
			changed = append(changed, both)
		case both.wish != nil:
			p.Unchanged++
		}
	}
	rewritten.checkMovedAway(changed, in.Orders, records)
	p.Removals = rewritten.removals(in.Selection)
	if len(rewritten.conflicts) > 0 {
		return Plan{}, &ConflictError{rewritten.conflicts}
	}
	slices.SortStableFunc(changed, func(a, b pair) int { return cmp.Compare(a.region(), b.region()) })
	p.Changes = make([]Change, len(changed))
	for i, both := range changed {
		p.Changes[i] = both.change()
	}
	p.Waves = waves.waves()
	waves.tell(p.Changes)
	p.price()
	return p, nil
}

// header is a plan of nothing yet.
func (in Input) header() Plan {
	return Plan{
		Fleet:    in.Fleet,
		Lineage:  in.Known.Lineage,
		Serial:   in.Known.Serial,
		Rollout:  in.Rollout,
		Limits:   in.Limits,
		Prices:   in.Prices,
		Latency:  in.Latency,
		Selected: !in.Selection.All(),
	}
}

// compareChanges is the order of Plan.Changes.
func compareChanges(a, b *Change) int {
	return cmp.Or(cmp.Compare(a.Region, b.Region), a.Address.Compare(b.Address))
}

func checkSorted(in Input) error {
	for i := 1; i < len(in.Orders); i++ {
		if in.Orders[i-1].Address.Compare(in.Orders[i].Address) >= 0 {
			return fmt.Errorf("%s: orders must be sorted by address, each once", in.Orders[i].Address)
		}
	}
	for i := 1; i < len(in.Known.Records); i++ {
		if in.Known.Records[i-1].Address.Compare(in.Known.Records[i].Address) >= 0 {
			return fmt.Errorf("%s: records must be sorted by address, each once", in.Known.Records[i].Address)
		}
	}
	return nil
}

// A pair is what is wished and what is known at one address; one of both may be nil.
type pair struct {
	wish      *order.Order
	known     *order.Record
	move      *Move // what brought known here; nil: it was here
	lifecycle order.Lifecycle
}

// join yields a pair for every address, in address order.
func join(orders []order.Order, records []order.Record) func(yield func(pair) bool) {
	return func(yield func(pair) bool) {
		for len(orders) > 0 || len(records) > 0 {
			var p pair
			side := compareHeads(orders, records)
			if side <= 0 {
				p.wish, orders = &orders[0], orders[1:]
			}
			if side >= 0 {
				p.known, records = &records[0], records[1:]
			}
			if !yield(p) {
				return
			}
		}
	}
}

// compareHeads says which list holds the next address: -1 the orders, 1 the records, 0 both. One may be empty.
func compareHeads(orders []order.Order, records []order.Record) int {
	switch {
	case len(records) == 0:
		return -1
	case len(orders) == 0:
		return 1
	default:
		return orders[0].Address.Compare(records[0].Address)
	}
}

func (p pair) address() order.Address {
	if p.wish != nil {
		return p.wish.Address
	}
	return p.known.Address
}

func (p pair) region() string {
	switch {
	case p.wish == nil:
		return p.known.Region()
	case p.known != nil && p.known.Status() == order.StatusBought:
		return p.wanted().Region
	default:
		return p.wish.Region
	}
}

// action decides. Doubt comes first: as long as a call may have bought, nothing else may be done at its address.
func (p pair) action() Action {
	status := order.StatusFailed // nothing bought, as if there were no record
	if p.known != nil {
		status = p.known.Status()
	}
	switch {
	case status == order.StatusInDoubt:
		return InDoubt
	case status == order.StatusFailed && p.wish == nil:
		return None
	case status == order.StatusFailed:
		return Create
	case p.wish == nil:
		return Forget
	}
	return p.compare()
}

// compare decides for an order that was bought. What was bought is the sum of the purchases, not the record's
// wish of its time.
func (p pair) compare() Action {
	wanted := p.wanted()
	bought := p.known.Order
	bought.Address = wanted.Address
	bought.Quantity = wanted.Quantity
	bought.Sensitive = wanted.Sensitive
	more := wanted.Quantity - p.known.Bought()
	switch {
	case bought != wanted || more < 0:
		return Update
	case more > 0 && p.lifecycle.Ignore != 0 && !buyable(wanted):
		return Update // what was bought, by an import for instance, can't be bought again as it is
	case more > 0:
		return Grow
	default:
		return None
	}
}

// change is the pair as the plan tells it.
func (p pair) change() Change {
	c := Change{Action: p.action(), Address: p.address(), Region: p.region(), Before: p.known, Lifecycle: p.lifecycle}
	if p.wish != nil {
		c.Order = *p.wish
	}
	switch c.Action {
	case Create:
		c.Quantity = p.wish.Quantity
	case Grow:
		c.Order = p.wanted()
		c.Quantity = c.Order.Quantity - p.known.Bought()
		c.Fields = p.fields()
	case Update:
		c.Fields = p.fields()
	case None, Forget, InDoubt:
	}
	return c
}

// fields lists what is wished otherwise than it was bought.
func (p pair) fields() []FieldChange {
	old, wish := p.known.Order, p.wanted()
	old.Quantity = p.known.Bought()
	var changes []FieldChange
	sensitive := (old.Sensitive | wish.Sensitive) & order.Hideable
	compare := func(f order.Field, old, wish string) {
		if old == wish {
			return
		}
		if sensitive.Has(f) {
			old, wish = hidden(old), hidden(wish)
		}
		changes = append(changes, FieldChange{Field: f, Old: old, New: wish})
	}
	compare(order.FieldRegion, old.Region, wish.Region)
	compare(order.FieldAZ, old.AZ, wish.AZ)
	compare(order.FieldVPCID, old.VPCID, wish.VPCID)
	compare(order.FieldSubnetID, old.SubnetID, wish.SubnetID)
	compare(order.FieldSpec, old.Spec, wish.Spec)
	compare(order.FieldQuantity, strconv.Itoa(old.Quantity), strconv.Itoa(wish.Quantity))
	compare(order.FieldIPVersion, old.IPVersion, wish.IPVersion)
	compare(order.FieldDesc, old.Desc, wish.Desc)
	compare(order.FieldMode, old.Charge.Mode, wish.Charge.Mode)
	compare(order.FieldUnit, old.Charge.Unit, wish.Charge.Unit)
	compare(order.FieldDuration, durationText(old.Charge), durationText(wish.Charge))
	compare(order.FieldAutoRenew, strconv.FormatBool(old.Charge.AutoRenew), strconv.FormatBool(wish.Charge.AutoRenew))
	compare(order.FieldAutoPay, strconv.FormatBool(old.Charge.AutoPay), strconv.FormatBool(wish.Charge.AutoPay))
	compare(order.FieldBuyScenario, old.Charge.BuyScenario, wish.Charge.BuyScenario)
	return changes
}

// hidden stands for a sensitive value; that there is none is no secret.
func hidden(value string) string {
	if value == "" {
		return ""
	}
	return order.SensitiveText
}

func durationText(c order.Charge) string {
	if c.Duration == 0 {
		return ""
	}
	return strconv.Itoa(c.Duration)
}
