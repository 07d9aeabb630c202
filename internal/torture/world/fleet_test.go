package world

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

// A wish is an order of the fleet's files.
type wish struct {
	name     string // its first one, by which the audit knows it
	now      string // what the files call it by now
	region   string
	quantity int
	autoPay  bool
	spec     string
}

// address is the order's first, and its description: the ledger tells by it whose a purchase is.
func (w wish) address() string { return "order." + w.name }

// A fleet is what the files say, and what they have ever said.
type fleet struct {
	regions []string
	limits  limits
	waves   []wave
	settle  time.Duration // after which what is in doubt is bought again; 0: it is held
	wishes  []wish
	most    map[string]int // by address: the most instances that were ever wished
	moved   []rename
	drawn   int // orders so far, for their names
}

// A rename is an order that got another name, with a moved block for what is recorded of it.
type rename struct{ first, from, to string }

// called returns records as if no order had got another name. What is left behind under old names holds nothing.
func (f *fleet) called(records []order.Record) []order.Record {
	first := map[string]string{}
	for _, m := range f.moved {
		first[m.to] = m.first
	}
	records = slices.Clone(records)
	for n := range records {
		if name, renamed := first[records[n].Address.Name]; renamed && !records[n].Gone {
			records[n].Address.Name = name
		}
	}
	return records
}

// limits are the rollout block's.
type limits struct {
	parallelism, perRegion, rate, maxInDoubt, tolerance int
}

// calm are like limits under which no two regions compete for the places of intents ahead of their calls: which of them
// comes first there is up to the scheduler.
func (l limits) calm() limits {
	if l.parallelism > 2 && l.perRegion == 0 {
		l.perRegion = 3
	}
	return l
}

// tight tells whether failures or doubts can stop a region.
func (l limits) tight() bool { return l.maxInDoubt < 100 || l.tolerance < 100 }

var allRegions = []string{"cn-east-2", "cn-north-1", "cn-south-1"}

// drawFleet returns a fleet of 1 to 24 orders.
func drawFleet(dice *rand.Rand, paced bool) fleet {
	f := fleet{
		regions: allRegions[:1+dice.IntN(len(allRegions))],
		limits: limits{
			parallelism: pick(dice, 1, 2, 4, 16), perRegion: pick(dice, 0, 0, 1, 3), rate: pick(dice, 0, 0, 20),
			maxInDoubt: pick(dice, 1, 3, 1000, 1000), tolerance: pick(dice, 0, 30, 100, 100),
		},
		most: map[string]int{},
	}
	if paced {
		f.limits = f.limits.calm()
	}
	f.waves = drawWaves(dice)
	f.add(dice, 1+dice.IntN(24))
	return f
}

func pick[T any](dice *rand.Rand, from ...T) T { return from[dice.IntN(len(from))] }

// add wishes for n more orders.
func (f *fleet) add(dice *rand.Rand, n int) {
	for range n {
		w := wish{
			name: fmt.Sprintf("g%02d", f.drawn), now: fmt.Sprintf("g%02d", f.drawn), region: pick(dice, f.regions...),
			quantity: 1 + dice.IntN(3), autoPay: dice.IntN(8) > 0, spec: "bastion-50",
		}
		f.drawn++
		f.wishes = append(f.wishes, w)
		f.most[w.address()] = w.quantity
	}
}

// edit changes the files as their owner would between two runs, and says what it did.
func (f *fleet) edit(dice *rand.Rand) string {
	if len(f.wishes) == 1 { // a fleet has one at least
		f.add(dice, 3)
		return "3 orders added to the only one"
	}
	n := dice.IntN(len(f.wishes))
	w := &f.wishes[n]
	switch dice.IntN(8) {
	case 0, 1:
		more := 1 + dice.IntN(4)
		f.add(dice, more)
		return fmt.Sprintf("%d orders added", more)
	case 2, 3:
		w.quantity += 1 + dice.IntN(2)
		f.most[w.address()] = max(f.most[w.address()], w.quantity)
		return fmt.Sprintf("%s grown to %d", w.address(), w.quantity)
	case 4:
		gone := w.address()
		f.wishes = slices.Delete(f.wishes, n, n+1)
		return gone + " removed"
	case 5, 6:
		was := w.now
		w.now = fmt.Sprintf("r%02d", len(f.moved))
		f.moved = append(f.moved, rename{w.name, was, w.now})
		return fmt.Sprintf("%s renamed from %s to %s", w.address(), was, w.now)
	default:
		w.spec = pick(dice, "bastion-50", "bastion-100")
		return fmt.Sprintf("%s wished as %s", w.address(), w.spec)
	}
}

// write puts the files into the directory.
func (f *fleet) write(dir string) error {
	var s strings.Builder
	fmt.Fprintf(&s, "fleet \"world\" {}\nrollout {\n  parallelism = %d\n  parallelism_per_region = %d\n  rate_per_region = %d\n",
		f.limits.parallelism, f.limits.perRegion, f.limits.rate)
	fmt.Fprintf(&s, "  max_in_doubt = %d\n  failure_tolerance = \"%d%%\"\n", f.limits.maxInDoubt, f.limits.tolerance)
	if f.settle > 0 {
		fmt.Fprintf(&s, "  on_in_doubt = \"rebuy_after_settle\"\n  settle = %q\n", f.settle)
	}
	for _, w := range f.waves {
		s.WriteString(w.text())
	}
	s.WriteString("}\n")
	s.WriteString("defaults {\n  vpc_id = \"vpc-1\"\n  subnet_id = \"subnet-1\"\n  ip_version = \"v4\"\n}\n")
	for _, w := range f.wishes {
		fmt.Fprintf(&s, `order %q {
  region   = %q
  az       = "%[2]sa"
  spec     = %[3]q
  quantity = %[4]d
  desc     = %[5]q
  charge {
    mode     = "MONTHLY"
    unit     = "MONTH"
    duration = 1
    auto_pay = %[6]t
  }
}
`, w.now, w.region, w.spec, w.quantity, w.address(), w.autoPay)
	}
	for _, m := range f.moved {
		if slices.ContainsFunc(f.wishes, func(w wish) bool { return w.name == m.first }) {
			fmt.Fprintf(&s, "moved {\n  from = order.%s\n  to   = order.%s\n}\n", m.from, m.to)
		}
	}
	return os.WriteFile(filepath.Join(dir, "main.fleet.hcl"), []byte(s.String()), 0o600)
}
