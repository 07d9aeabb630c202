package plan

import (
	"fmt"
	"time"
)

// A File is a plan that was written down to be applied later. Its seal tells whether it is what the owner of the state's
// [Key] wrote, so a plan file is as trustworthy as the place where the state is kept, wherever it has been itself.
type File struct {
	ID      string // names the plan, so that a state can refuse it the second time
	Created time.Time
	Expires time.Time
	Program string // the version of bastion-fleet that wrote it

	// What it was planned for, as the state binds itself to it. Either may be empty: unknown then, and not checked.
	Account  string
	Endpoint string
	// State is the absolute path of the state's database. A plan that is applied elsewhere must not begin a state there:
	// its orders would be bought, and the next plan of the fleet would know nothing of it.
	State string

	Plan Plan
}

// Here is what a plan file is about to be applied to.
type Here struct {
	Now      time.Time
	Fleet    string
	Lineage  string
	Serial   uint64
	Account  string // empty: not checked
	Endpoint string // empty: not checked
}

// Check returns why the plan must not be applied here, or nil. Whether it was applied before is for the state to say.
func (f File) Check(h Here) error {
	p := f.Plan
	switch {
	case p.Fleet != h.Fleet:
		return refuse(ErrOtherState, "it is of fleet %q, this is fleet %q", p.Fleet, h.Fleet)
	case differ(f.Account, h.Account):
		return refuse(ErrOtherState, "it is for account %s, the credentials are of account %s", f.Account, h.Account)
	case differ(f.Endpoint, h.Endpoint):
		return refuse(ErrOtherState, "it is for endpoint %s, this is endpoint %s", f.Endpoint, h.Endpoint)
	case p.Lineage != "" && p.Lineage != h.Lineage:
		return refuse(ErrOtherState, "it is of lineage %s, the state has lineage %s", p.Lineage, orNone(h.Lineage))
	case p.Lineage != h.Lineage: // planned before there was a state
		return refuse(ErrStale, "it was made before the state began, which now has serial %d", h.Serial)
	case p.Serial != h.Serial:
		return refuse(ErrStale, "it was made at serial %d, the state has serial %d", p.Serial, h.Serial)
	case !h.Now.Before(f.Expires):
		return refuse(ErrExpired, "it could be applied until %s", f.Expires.UTC().Format(time.RFC3339))
	}
	return nil
}

func differ(planned, here string) bool { return planned != "" && here != "" && planned != here }

func orNone(s string) string {
	if s == "" {
		return "none"
	}
	return s
}

func refuse(reason error, format string, args ...any) error {
	return &FileError{Err: reason, Detail: fmt.Sprintf(format, args...)}
}
