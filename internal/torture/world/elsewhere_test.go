package world

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/bastion-fleet/bastion-fleet/internal/torture"
	"github.com/bastion-fleet/bastion-fleet/pkg/simulator"
)

// takeCopy keeps a copy of the fleet's directory, for somebody elsewhere to go on with one day.
func (w *world) takeCopy() error {
	if w.copy == "" {
		w.copy = filepath.Join(w.dir, "copy")
	}
	return errors.Join(os.RemoveAll(w.copy), copyTree(w.home, w.copy))
}

// applyElsewhere lets a second operator apply where the state is not: with the files alone, or with an old copy of the
// state. Where listings show what the fleet bought, in a region in which his state is about to buy for the first time,
// he must be refused. What they don't show can't be noticed, so there he leaves it.
func (w *world) applyElsewhere() error {
	elsewhere := filepath.Join(w.dir, "elsewhere")
	defer func() { _ = os.RemoveAll(elsewhere) }()
	old := w.copy != "" && w.dice.IntN(2) == 0
	err := os.Mkdir(elsewhere, 0o700)
	if old {
		err = copyTree(w.copy, elsewhere)
	}
	if err = errors.Join(err, w.fleet.write(elsewhere)); err != nil {
		return err
	}
	known, err := torture.Hold(statePath(elsewhere))
	if err != nil {
		return err
	}
	seen := w.strangersTo(known)
	w.trace.say("  elsewhere, with an old copy: %t, sees %d strangers", old, len(seen))
	if len(seen) == 0 {
		return nil
	}
	p := w.process()
	p.home = elsewhere
	if err := w.run(p, "apply", elsewhere, "--auto-approve"); err != nil {
		return err
	}
	if p.code != exitError || p.bought > 0 || !strings.Contains(p.said(), "--ignore-existing") {
		return fmt.Errorf("elsewhere, with an old copy: %t, %d creates were sent past %v; exit code %d\n%s", old, p.bought, seen, p.code, p.said())
	}
	if _, err := os.Stat(statePath(elsewhere)); !old && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("the refused apply began a state: %w", err)
	}
	return nil
}

// strangersTo are the sales that listings show by now, in regions in which a state is about to buy for the first time.
func (w *world) strangersTo(known torture.Holding) []string {
	bought := map[string]int{} // by address
	var began []string         // regions
	for _, r := range w.fleet.called(known.Records) {
		bought[r.Address.String()] = r.Bought()
		if len(r.Purchases) > 0 || r.Doubt != nil {
			began = append(began, r.Region())
		}
	}
	first := map[string]bool{}
	for _, wish := range w.fleet.wishes {
		if bought[wish.address()] == 0 && !slices.Contains(began, wish.region) {
			first[wish.region] = true
		}
	}
	var seen []string
	for _, sale := range w.cloud.sim.Ledger() {
		if first[sale.Region] && w.shown(sale) {
			seen = append(seen, sale.BuyID)
		}
	}
	return seen
}

// shown tells whether listings show a sale by now.
func (w *world) shown(sale simulator.Purchase) bool {
	return sale.Paid && time.Since(sale.Time) >= w.lag
}
