package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

// Check returns a *PreventedError or a *LimitError if the files rule the plan out, or nil. No plan may be bought, or
// saved to be bought, that it refuses.
func (p Plan) Check() error {
	if err := p.CheckLifecycles(); err != nil {
		return err
	}
	return p.CheckLimits()
}

// CheckLifecycles returns a *PreventedError if the plan changes, grows or forgets what the files say must stay as it is,
// or nil.
func (p Plan) CheckLifecycles() error {
	var e PreventedError
	for i := range p.Changes {
		c := &p.Changes[i]
		if !c.Lifecycle.PreventChange {
			continue
		}
		switch c.Action {
		case Grow, Update, Forget:
			e.add(c)
		case None, Create, InDoubt: // nothing was bought, or nobody knows: there is nothing yet that could change
		}
	}
	if e.count == 0 {
		return nil
	}
	return &e
}

// shownPrevented is how many addresses a PreventedError names.
const shownPrevented = 10

// A PreventedError says which changes lifecycle blocks refuse.
type PreventedError struct {
	count int
	shown []string
}

func (e *PreventedError) add(c *Change) {
	if e.count++; e.count > shownPrevented {
		return
	}
	what := c.Action.String()
	for i, f := range c.Fields { // names alone: a value may be secret
		separator := ", "
		if i == 0 {
			separator = ": "
		}
		what += separator + string(f.Field)
	}
	e.shown = append(e.shown, fmt.Sprintf("%s (%s)", c.Address, what))
}

// Error names the addresses, and the fields that would change.
func (e *PreventedError) Error() string {
	shown := slices.Clone(e.shown)
	if more := e.count - len(shown); more > 0 {
		shown = append(shown, fmt.Sprintf("and %d more", more))
	}
	return "the fleet's lifecycle blocks prevent this change of what was bought: " + strings.Join(shown, "; ")
}

// Hint says what to do about it.
func (e *PreventedError) Hint() string {
	return "Nothing is bought. Set the files back to what was bought, name the fields in ignore_changes, leave the orders out with " +
		"--exclude, or take prevent_change out of their blocks."
}

// wanted is the wish, with what its lifecycle ignores as it was bought. Of what is not bought, nothing is ignored. What the
// files call sensitive stays so: it may be what was bought, before they did.
func (p pair) wanted() order.Order {
	if p.lifecycle.Ignore == 0 || p.known == nil || len(p.known.Purchases) == 0 {
		return *p.wish
	}
	bought := p.known.Order
	bought.Quantity = p.known.Bought()
	kept := p.wish.With(p.lifecycle.Ignore, bought)
	kept.Sensitive |= p.wish.Sensitive
	return kept
}

// buyable tells whether an order may be sent.
func buyable(o order.Order) bool {
	return !slices.ContainsFunc(o.Problems(), func(p order.Problem) bool { return !p.Warning })
}
