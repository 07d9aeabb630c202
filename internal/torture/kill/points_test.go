//go:build unix

package kill_test

import (
	"fmt"
	"testing"

	"github.com/bastion-fleet/bastion-fleet/internal/torture"
	"github.com/bastion-fleet/bastion-fleet/pkg/failpoint"
	"github.com/bastion-fleet/bastion-fleet/pkg/simulator"
)

// A profile is what goes wrong with calls beside the kills, by their number within a region.
type profile struct {
	name   string
	faults []simulator.Fault
}

var (
	sound   = profile{"sound", []simulator.Fault{simulator.NoFault}}
	lost    = profile{"lost", []simulator.Fault{simulator.DropAnswer, simulator.NoFault, simulator.ErrorAfter, simulator.CutAnswer}}
	refused = profile{"refused", []simulator.Fault{simulator.NoFault, simulator.Reject, simulator.ErrorBefore}}
)

func (p profile) options() simulator.Options {
	return simulator.Options{Script: func(c simulator.Call) simulator.Fault { return p.faults[(c.N-1)%len(p.faults)] }}
}

// orders is how many orders a fleet needs for so many calls to be in flight at a time.
func orders(parallelism int) int { return 4 + parallelism }

// ways lead by failpoints: each of these is on one of them at least. They tell whether the program was killed there.
var ways = []func(f *fleet, point string) bool{
	func(f *fleet, point string) bool { return f.killed(point) },
	func(f *fleet, point string) bool { return f.killed("call-returned:1") && f.killed(point) },
	func(f *fleet, point string) bool {
		if !f.killed("intent-durable:1") {
			return false
		}
		held := f.unsold().Order.Address.String() // others may have called before the program was dead
		return f.ended(f.start(point, "resolve", held, "--not-bought", "--auto-approve")).killed
	},
	func(f *fleet, point string) bool {
		if !f.killed("call-returned:1") {
			return false
		}
		f.rename()
		return f.killed(point)
	},
	func(f *fleet, point string) bool {
		return f.killed("call-returned:1") && f.restored(point, "--from-log").killed && f.restored("", "--from-log").code == exitDone
	},
	func(f *fleet, point string) bool {
		for range 2 { // runs before, of which one loses its log
			if !f.killed("call-returned:1") {
				return false
			}
		}
		return f.loseLog() && f.run(f.startApply(point)).killed
	},
}

// Killed at every failpoint once, the program buys nothing twice and loses nothing; the next apply goes on.
func TestKillsAtEveryPoint(t *testing.T) {
	s := torture.Begin(t, "points")
	for _, p := range failpoint.Points() {
		t.Run(p.Name, func(t *testing.T) {
			t.Parallel()
			for _, comesBy := range ways {
				f := newFleet(t, s, 16, 4, lost.options()) // a kill leaves some to buy
				killed := comesBy(f, p.Name+":1")
				f.finish()
				if killed {
					return
				}
			}
			t.Errorf("nothing came by %s", p.Name)
		})
	}
}

// Every failpoint, passed for the first time or later, with others going on for a moment or not, by as many calls in
// flight, beside every kind of fault.
func TestKillsAtEveryPassage(t *testing.T) {
	s := torture.Begin(t, "passages")
	passages := []string{"1", "2", "5", "1:15ms", "2:15ms", "9:15ms"}
	parallelisms := []int{1, 4, 32}
	points := failpoint.Points()
	if !s.Long() {
		passages, parallelisms, points = passages[4:5], parallelisms[2:], every(points, 15)
	}
	for _, p := range points {
		t.Run(p.Name, func(t *testing.T) {
			t.Parallel()
			for _, parallelism := range parallelisms {
				for _, profile := range []profile{sound, lost, refused} {
					for _, passage := range passages {
						t.Run(fmt.Sprintf("%d-%s-%s", parallelism, profile.name, passage), func(t *testing.T) {
							f := newFleet(t, s, orders(parallelism), parallelism, profile.options())
							for range 3 { // the next apply goes on from there
								f.killed(p.Name + ":" + passage)
							}
							f.finish()
						})
					}
				}
			}
		})
	}
}

// Killed wherever it writes while it moves what is recorded to another name, the program buys nothing under the new name
// that it has under the old one, and holds what is in doubt.
func TestKillsWhileRecordsAreMoved(t *testing.T) {
	s := torture.Begin(t, "moves")
	for _, point := range []string{
		"run-begun", "rewrites-due", "group-gathered", "log-due", "log-written", "log-synced", "commit-due", "committed",
		"group-durable", "group-answered", "rewritten",
	} {
		t.Run(point, func(t *testing.T) {
			t.Parallel()
			f := newFleet(t, s, orders(16), 16, lost.options())
			f.killed("call-returned:9")
			f.rename()
			for _, passage := range []string{":1", ":2", ":1:2ms"} {
				f.killed(point + passage)
			}
			f.finish()
		})
	}
}

// A kill at every failpoint, and another at every failpoint of the apply that goes on: while it settles what the first
// left, looks for it, adopts it, or buys the rest.
func TestKillsInTheRecoveryOfKills(t *testing.T) {
	s := torture.Begin(t, "recoveries")
	points, rounds := failpoint.Points(), s.Size(1, 4)
	if !s.Long() {
		points = every(points, 20)
	}
	for _, first := range points {
		t.Run(first.Name, func(t *testing.T) {
			t.Parallel()
			for _, second := range points {
				for round := range rounds {
					t.Run(fmt.Sprintf("%s-%d", second.Name, round), func(t *testing.T) {
						f := newFleet(t, s, orders(4), 4, lost.options())
						f.killed(first.Name + ":2")
						f.killed(second.Name + ":1")
						f.killed(second.Name + ":2:5ms")
						f.finish()
					})
				}
			}
		})
	}
}

// every returns every n-th of a list.
func every[T any](list []T, n int) []T {
	var some []T
	for i := n / 2; i < len(list); i += n {
		some = append(some, list[i])
	}
	return some
}
