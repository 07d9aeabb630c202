package ui

import (
	"fmt"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
	"github.com/bastion-fleet/bastion-fleet/pkg/plan"
)

// notes prints beneath an order what its line can't hold.
func (t *Text) notes(c *plan.Change) {
	switch c.Action {
	case plan.Update:
		t.fields(c.Fields)
	case plan.InDoubt:
		d := c.Before.Doubt
		t.note(fmt.Sprintf("in doubt since %s, attempt %d: %s", moment(d.At), d.Attempt, causeOfDoubt(c.Before)))
		if d.Marker != "" {
			t.note("its marker is " + Sanitize(string(d.Marker)))
		}
	case plan.Create:
		if c.Before != nil && c.Before.Failure != nil {
			t.note(lastAttempt(*c.Before.Failure))
		}
	case plan.None, plan.Grow, plan.Forget:
	}
}

// lastAttempt says why an order is to be created after a call was made for it.
func lastAttempt(f order.Failure) string {
	if f.Class == order.ClassSettled {
		return "the last attempt counts as one that bought nothing: " + causeOfCall(f)
	}
	return "the last attempt bought nothing: " + causeOfCall(f)
}

const noteIndent = "      "

func (t *Text) note(text string) {
	for _, line := range wrap(text, max(0, t.out.width()-len(noteIndent))) {
		t.out.println(noteIndent, t.out.dim(line))
	}
}

// fields prints old and new values, aligned; on two lines where they don't fit on one.
func (t *Text) fields(changes []plan.FieldChange) {
	o := t.out
	longest := 0
	for _, f := range changes {
		longest = max(longest, len(f.Field))
	}
	for _, f := range changes {
		name := pad(string(f.Field), longest, false)
		old, wished := fieldText(f.Field, f.Old), fieldText(f.Field, f.New)
		if old == wished { // both are hidden
			o.println(noteIndent, name, spaces(columnGap), "changed: ", old)
			continue
		}
		indent := len(noteIndent) + longest + columnGap
		o.print(noteIndent, name, spaces(columnGap))
		room := o.width() - indent
		if o.width() == 0 || widthOf(old)+len(" -> ")+widthOf(wished) <= room {
			o.println(o.red(old), " -> ", o.green(wished))
			continue
		}
		o.println(o.red(shorten(old, room)))
		o.println(spaces(indent-len("-> ")), "-> ", o.green(shorten(wished, room)))
	}
}

// fieldText is a value as a fleet file has it.
func fieldText(f order.Field, value string) string {
	switch value {
	case "":
		return "not set"
	case order.SensitiveText:
		return value
	}
	switch f {
	case order.FieldQuantity, order.FieldDuration, order.FieldAutoRenew, order.FieldAutoPay:
		return value
	default:
		return `"` + Sanitize(value) + `"`
	}
}
