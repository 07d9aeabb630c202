package plan

import (
	"fmt"
	"slices"
)

// Action is what a plan intends for an address. The zero value is None: nothing is done.
type Action uint8

// The actions. Create and Grow buy; nothing else is ever executed.
const (
	None    Action = iota // bought as wished
	Create                // nothing was bought yet
	Grow                  // bought, and only more instances are wished: the difference is bought
	Update                // bought, and something else is wished that a purchase can't bring about: shown only
	Forget                // bought, but no longer in the files: shown, kept in the state, never deleted
	InDoubt               // a call's outcome is unknown: held until it is settled, whatever the files say
)

var actionNames = [...]string{
	None: "none", Create: "create", Grow: "grow", Update: "update", Forget: "forget", InDoubt: "in_doubt",
}

// String is the action as scripts read it in JSON.
func (a Action) String() string {
	if int(a) >= len(actionNames) {
		return fmt.Sprintf("action(%d)", uint8(a))
	}
	return actionNames[a]
}

// Buys tells whether an apply executes the action.
func (a Action) Buys() bool { return a == Create || a == Grow }

// MarshalText lets an action stand in JSON as its name.
func (a Action) MarshalText() ([]byte, error) { return []byte(a.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (a *Action) UnmarshalText(text []byte) error {
	i := slices.Index(actionNames[:], string(text))
	if i < 0 {
		return fmt.Errorf("%q is not an action of a plan", text)
	}
	*a = Action(i)
	return nil
}
