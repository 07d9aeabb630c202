package apply

import (
	"fmt"
	"slices"
	"time"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

// A bake looks at what a wave bought in rounds. How far they are apart depends on how long it lasts, within these bounds.
const (
	bakeRounds   = 60
	minBakeRound = 5 * time.Second
	maxBakeRound = time.Minute
)

// bakes tells whether there is something of the wave to be baked, or will be when its orders have ended. What earlier
// runs bought of it counts unless one of them has seen the wave to the end of its bake.
func (e *engine) bakes(w *wave) bool {
	return e.Watcher != nil && w.Bake > 0 && (len(w.parts) > 0 || !w.Ended && len(w.Bought) > 0)
}

// bake is a wave that is watched.
type bake struct {
	*engine
	wave      *wave
	until     time.Time
	watched   []Watched
	sights    []sight // of watched
	unwatched int     // instances that nobody can look for
	seen      bool    // a look showed something
	blind     error   // why none did
	told      Baking
}

// A sight is what was seen of a purchase. What was down once counts as down: an instance that comes and goes is not well.
type sight struct{ up, down int }

// bake watches what the wave bought until its time is over, and returns by region how many of its orders have instances
// that failed or did not come up. It ends early only when the run drains, with an error.
func (e *engine) bake(w *wave) (unwell map[string]int, err error) {
	b := e.newBake(w)
	if b == nil {
		return nil, e.draining.Err()
	}
	b.tell()
	for {
		began := time.Now()
		b.look()
		if err := e.draining.Err(); err != nil {
			return nil, err
		}
		b.tellChange()
		if !began.Before(b.until) {
			break
		}
		next := sooner(began.Add(roundOf(w.Bake)), b.until)
		if err := pause(e.draining, time.Until(next)); err != nil {
			return nil, err
		}
	}
	b.giveUpComing()
	b.tell()
	w.baked = true
	return b.unwell(), nil
}

func roundOf(length time.Duration) time.Duration {
	return min(max(length/bakeRounds, minBakeRound), maxBakeRound)
}

// newBake returns nil where the wave has bought nothing. Its time begins with the last purchase: when a run is killed in
// a bake, the next one bakes no longer than was left of it. A purchase in the future, by a clock that went back, prolongs
// nothing.
func (e *engine) newBake(w *wave) *bake {
	b := &bake{engine: e, wave: w}
	for _, o := range w.earlier {
		for _, p := range o.Purchases {
			if !w.Ended {
				b.add(o.Address, o.Region, p)
			}
		}
	}
	for _, p := range w.parts {
		for _, i := range p.orders {
			if entry := e.entries[i]; entry.End == EndBought {
				b.add(entry.Address, entry.Region, entry.Purchase)
			}
		}
	}
	if b.until.IsZero() {
		return nil
	}
	b.until = sooner(b.until.Add(w.Bake), time.Now().Add(w.Bake))
	b.sights = make([]sight, len(b.watched))
	return b
}

// add has the purchase watched, if there is a way to. until becomes the time of the last purchase.
func (b *bake) add(address order.Address, region string, p order.Purchase) {
	if p.At.After(b.until) {
		b.until = p.At
	}
	if p.Unpaid || len(p.SourceIDs) == 0 {
		b.unwatched += p.Quantity
		return
	}
	b.watched = append(b.watched, Watched{Address: address, Region: region, SourceIDs: p.SourceIDs, Instances: p.Quantity})
}

func sooner(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// look sees how all that is watched is.
func (b *bake) look() {
	if len(b.watched) == 0 {
		return
	}
	seen, err := b.Watcher.Look(b.draining, slices.Clone(b.watched))
	if err == nil && len(seen) != len(b.watched) {
		err = fmt.Errorf("%d purchases were looked at, and %d seen", len(b.watched), len(seen))
	}
	if err != nil {
		if !b.seen {
			b.blind = err
		}
		return
	}
	b.seen, b.blind = true, nil
	for i, h := range seen {
		if failed := b.sights[i].take(h, b.watched[i].Instances); failed > 0 {
			b.tellFailed(b.watched[i], failed, h.Why)
		}
	}
}

// take takes in what a look showed of n instances, and returns how many failed since the one before.
func (s *sight) take(h Health, n int) (failed int) {
	before := s.down
	s.down = min(n, max(before, h.Down))
	s.up = min(max(0, h.Up), n-s.down)
	return s.down - before
}

// giveUpComing tells of what has not come up by the end of the bake.
func (b *bake) giveUpComing() {
	for i, s := range b.sights {
		coming := b.watched[i].Instances - s.up - s.down
		if coming == 0 {
			continue
		}
		why := "it did not come up within " + order.Span(b.wave.Bake)
		if b.blind != nil {
			why = "nobody could look whether it came up: " + b.blind.Error()
		}
		b.tellFailed(b.watched[i], coming, why)
	}
}

// unwell counts by region the orders whose instances are not all up. One that was bought by several purchases counts once.
func (b *bake) unwell() map[string]int {
	orders := map[string]int{}
	counted := map[order.Address]bool{}
	for i, s := range b.sights {
		w := b.watched[i]
		if s.up == w.Instances || counted[w.Address] {
			continue
		}
		counted[w.Address] = true
		orders[w.Region]++
	}
	return orders
}

func (b *bake) tellFailed(w Watched, instances int, why string) {
	b.emit(InstanceFailed{Address: w.Address, Region: w.Region, Instances: instances, Why: why, At: time.Now()})
}

// tell says how the bake stands.
func (b *bake) tell() {
	b.told = b.stand()
	told := b.told
	told.At = time.Now()
	b.emit(told)
}

// tellChange does so when a count has changed since the last time.
func (b *bake) tellChange() {
	if b.stand() != b.told {
		b.tell()
	}
}

// stand returns how the bake stands, without a time.
func (b *bake) stand() Baking {
	now := Baking{Wave: b.wave.Name, Until: b.until, Unwatched: b.unwatched}
	for i, s := range b.sights {
		now.Up += s.up
		now.Down += s.down
		now.Coming += b.watched[i].Instances - s.up - s.down
	}
	return now
}
