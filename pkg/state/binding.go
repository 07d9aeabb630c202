package state

import "fmt"

// A Binding names what a state belongs to. The same order bought from another account or endpoint is another
// purchase, so a state answers for one of each.
type Binding struct {
	Fleet    string // the fleet block's label
	Account  string // what tells the buying account apart; never a secret
	Endpoint string // the API's base URL
}

// check returns why a state bound to b refuses other, naming both.
func (b Binding) check(path string, other Binding) error {
	for _, part := range []struct{ what, bound, wanted, remedy string }{
		{"fleet", b.Fleet, other.Fleet, "Give each fleet a state of its own: --state FILE."},
		{"account", b.Account, other.Account, "Use the credentials that it was bought with, or another state: --state FILE. If this is another access key of the " +
			"same account, say so with bastion-fleet state rebind."},
		{"endpoint", b.Endpoint, other.Endpoint, "Use the endpoint that it was bought from, or another state: --state FILE."},
	} {
		if part.bound != part.wanted {
			return &Error{
				Kind: ErrBound, Path: path,
				Reason: fmt.Sprintf("it was made for %s %q, not for %q", part.what, part.bound, part.wanted),
				Remedy: part.remedy,
			}
		}
	}
	return nil
}

// CheckBinding returns why the state at path, of which s is a snapshot, must not be used for b. A fresh one may be
// used for anything.
func (s Snapshot) CheckBinding(path string, b Binding) error {
	if s.Fresh() {
		return nil
	}
	return s.Binding.check(path, b)
}
