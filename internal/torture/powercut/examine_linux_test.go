//go:build amd64 || arm64

package powercut_test

import (
	"compress/gzip"
	"context"
	"encoding/gob"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/bastion-fleet/bastion-fleet/internal/torture"
	"github.com/bastion-fleet/bastion-fleet/internal/torture/powercut"
	"github.com/bastion-fleet/bastion-fleet/pkg/order"
	"github.com/bastion-fleet/bastion-fleet/pkg/simulator"
	"github.com/bastion-fleet/bastion-fleet/pkg/state"
)

// Evidence is a trace and what its images are held against. It can be kept: no program makes the same calls twice.
type evidence struct {
	Trace  *powercut.Trace
	Ledger []simulator.Purchase // what the API had sold when the trace ended
	Orders int                  // that the fleet asks for
	From   int                  // the tick from which on images are of interest

	// Refuses: its images may be refused, if their run logs restore them. All others open without help.
	Refuses bool

	world *world // where it was recorded; nil of evidence that was kept
}

// save writes the evidence to a file.
func (e *evidence) save(path string) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	packed := gzip.NewWriter(file)
	return errors.Join(gob.NewEncoder(packed).Encode(e), packed.Close(), file.Close())
}

// loadEvidence reads what save wrote.
func loadEvidence(path string) (*evidence, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	packed, err := gzip.NewReader(file)
	if err != nil {
		return nil, err
	}
	e := new(evidence)
	return e, gob.NewDecoder(packed).Decode(e)
}

// A moment is what every image of one tick is held against.
type moment struct {
	powercut.Duties
	sold   []simulator.Purchase // what the API may have sold by then
	wished map[string]int
}

// moment returns what the images of a tick are held against. All that was asked for by then may be sold, and what the
// trace did not ask for was sold before it.
func (e *evidence) moment(tick int) moment {
	m := moment{Duties: e.Trace.Duties(tick), wished: wished(e.Orders)}
	later := slices.DeleteFunc(e.Trace.Duties(e.Trace.Ticks).Sent, func(marker string) bool {
		return slices.Contains(m.Sent, marker)
	})
	m.sold = slices.DeleteFunc(slices.Clone(e.Ledger), func(p simulator.Purchase) bool {
		return slices.Contains(later, string(order.FindMarker(p.Desc)))
	})
	return m
}

// examine returns what is wrong with the image that was built in dir, and leaves there what opening it makes of it.
func (m moment) examine(dir string) error {
	path := statePath(dir)
	rescued, err := filepath.Glob(filepath.Join(filepath.Dir(path), "*.rescued-*")) // which opening takes in
	if err != nil {
		return err
	}
	found, err := m.audit(path)
	if err != nil {
		return fmt.Errorf("as it is found: %w", err)
	}
	if err := settle(path); err != nil {
		return fmt.Errorf("it can be read, and not be opened: %w", err)
	}
	opened, err := m.audit(path)
	if err != nil {
		return fmt.Errorf("after it was opened: %w", err)
	}
	if d := cmp.Diff(found, opened, cmpopts.EquateComparable(order.Address{})); d != "" && len(rescued) == 0 {
		return fmt.Errorf("opening it changed what it holds (-found +opened):\n%s", d)
	}
	verified, err := state.Verify(path)
	if err = errors.Join(append(verified.Problems, err)...); err != nil {
		return fmt.Errorf("after it was opened, state verify finds: %w", err)
	}
	return nil
}

// mend restores the state from its run logs alone.
func mend(path string) error {
	r, err := state.PrepareRestore(context.Background(), path, "", state.Owner{Command: "test"}, 0)
	if err != nil {
		return fmt.Errorf("it can't be restored from its run logs: %w", err)
	}
	_, err = r.Commit(time.Now())
	return errors.Join(err, r.Close())
}

// settle opens the state as an apply does, and leaves it.
func settle(path string) error {
	store, err := state.Open(context.Background(), path, state.Owner{Command: "test"}, 0)
	if err != nil {
		return err
	}
	return store.Close()
}

// audit holds the state at path against the moment and returns its records.
func (m moment) audit(path string) ([]order.Record, error) {
	h, err := torture.Hold(path)
	if err != nil {
		return nil, err
	}
	v := torture.Audit{Wished: m.wished, Sold: m.sold, Held: h, Told: m.Told}.Check()
	if !v.Sound() {
		return nil, errLost{v}
	}
	return h.Records, m.knownTo(h)
}

// held counts the orders in doubt.
func held(records []order.Record) (n int) {
	for _, r := range records {
		if r.Status() == order.StatusInDoubt {
			n++
		}
	}
	return n
}

// errLost is an audit's verdict.
type errLost struct{ torture.Verdict }

func (e errLost) Error() string { return e.String() }

// knownTo returns which of the calls that left, or that were found out about, the state knows nothing of.
func (m moment) knownTo(h torture.Holding) error {
	known, bought := make(map[string]bool), make(map[string]bool)
	lineage := ""
	for _, log := range h.Logs { // a log may have been cut before its header was written
		if log.Lineage != "" {
			lineage = log.Lineage
		}
	}
	for _, r := range h.Records {
		for _, p := range r.Purchases {
			bought[string(p.Marker)] = true
		}
		for attempt := range r.Attempt {
			known[string(order.NewMarker(fleetName, lineage, r.Address, attempt+1))] = true
		}
	}
	for _, marker := range m.Sent {
		if !known[marker] {
			return fmt.Errorf("the call %s left, and the state knows nothing of it", marker)
		}
	}
	for _, marker := range m.Adopted {
		if !bought[marker] {
			return fmt.Errorf("%s was told as adopted, and the state holds no purchase of it", marker)
		}
	}
	return nil
}
