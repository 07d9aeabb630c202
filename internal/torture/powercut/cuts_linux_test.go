//go:build amd64 || arm64

package powercut_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/bastion-fleet/bastion-fleet/internal/torture"
	"github.com/bastion-fleet/bastion-fleet/internal/torture/powercut"
	"github.com/bastion-fleet/bastion-fleet/pkg/order"
	"github.com/bastion-fleet/bastion-fleet/pkg/state"
)

// envImage names one image that is examined alone: a file of evidence and the image's name, with a comma between them.
const envImage = "POWERCUT_IMAGE"

// A cut is one image of one tick of a trace.
type cut struct {
	system        powercut.FileSystem
	tick, variant int
	image         powercut.Image
	moment        moment
}

// String names the cut within its trace.
func (c cut) String() string { return fmt.Sprintf("%v:%d:%d", c.system, c.tick, c.variant) }

// cuts yields the images of a trace that differ in what they hold or in what they are held to: of each tick the two
// certain ones and as many drawn ones as said, for both file systems.
func cuts(e *evidence, seed uint64, drawn int, yield func(cut)) {
	for _, system := range []powercut.FileSystem{powercut.Strict, powercut.Ordered} {
		seen := make(map[string]bool)
		for d := e.disk(system); ; {
			m := e.moment(d.Tick())
			for variant := range powercut.VariantDrawn + drawn {
				c := cut{system, d.Tick(), variant, d.Image(seed, variant), m}
				if key := fmt.Sprintf("%x %d", c.image.Sum(), m.Duties.Sum()); !seen[key] {
					seen[key] = true
					yield(c)
				}
			}
			if !d.Advance() {
				break
			}
		}
	}
}

// disk is the disk at the first tick of interest.
func (e *evidence) disk(system powercut.FileSystem) *powercut.Disk {
	d := powercut.NewDisk(e.Trace, system)
	for d.Tick() < e.From && d.Advance() {
	}
	return d
}

// Whatever a power cut leaves of a state, it opens, and nothing is missing that was told of or had left.
func TestPowerCuts(t *testing.T) {
	if one := os.Getenv(envImage); one != "" {
		examineOne(t, one)
		return
	}
	stage := torture.Begin(t, "powercut")
	for _, s := range scenarios {
		t.Run(s.name, func(t *testing.T) {
			x := examiner{t: t, stage: stage, evidence: s.play(t, stage.Seed())}
			x.all()
		})
	}
}

// While a run log begins anew, whatever a power cut leaves of it is taken as the whole log or as none.
func TestALogThatBeginsAnewIsWholeOrNone(t *testing.T) {
	e := applyAfterLostLog(t, 0)
	write := func(suffix string) func(*powercut.Op) bool {
		return func(o *powercut.Op) bool {
			return o.Begin > e.From && o.Kind == powercut.Write && strings.HasSuffix(o.Name, suffix)
		}
	}
	e.From = 0
	e.From = e.Trace.Ops[slices.IndexFunc(e.Trace.Ops, write(".ndjson"))].Begin
	committed := e.Trace.Ops[slices.IndexFunc(e.Trace.Ops, write("state.db"))].End
	dir := filepath.Join(scratch(t), "image")
	for d := e.disk(powercut.Strict); d.Tick() < committed && d.Advance(); {
		m := e.moment(d.Tick())
		for variant := range 12 {
			image := d.Image(1, variant)
			err := image.Build(dir)
			if err == nil {
				err = settle(statePath(dir))
			}
			if err == nil {
				_, err = m.audit(statePath(dir))
			}
			if err != nil {
				t.Fatalf("at tick %d (%s): %v", d.Tick(), image.Told, err)
			}
		}
	}
}

// The laws see what is missing: without the syncs of directories, or of files once calls are made, images lose purchases.
func TestWithoutSyncsPurchasesAreLost(t *testing.T) {
	e := firstApply(t, 0)
	ops, firstCall := e.Trace.Ops, slices.IndexFunc(e.Trace.Ops, func(o *powercut.Op) bool { return o.Kind == powercut.Send })
	directories := make(map[int]bool)
	for _, o := range ops {
		directories[o.Dir] = true
	}
	for what, missing := range map[string]func(*powercut.Op) bool{
		"directories": func(o *powercut.Op) bool { return directories[o.File] },
		"files":       func(o *powercut.Op) bool { return o.Begin > ops[firstCall].Begin },
	} {
		e.Trace.Ops = slices.DeleteFunc(slices.Clone(ops), func(o *powercut.Op) bool {
			return o.Kind == powercut.Sync && missing(o)
		})
		d := powercut.NewDisk(e.Trace, powercut.Strict)
		for d.Advance() {
		}
		dir := filepath.Join(scratch(t), "image")
		if err := d.Image(1, powercut.VariantNothing).Build(dir); err != nil {
			t.Fatal(err)
		}
		if err := e.moment(d.Tick()).examine(dir); !errors.As(err, new(errLost)) {
			t.Errorf("without syncs of %s the image is told to be: %v", what, err)
		}
	}
}

// examiner examines the images of one trace.
type examiner struct {
	t     *testing.T
	stage *torture.Stage
	*evidence

	refused  atomic.Int64 // and restored then
	restored atomic.Int64 // though they were not refused
	world    sync.Mutex   // held while an image is gone on with
	wentOn   int

	mu   sync.Mutex
	kept string // the file with the evidence, once something is wrong
}

// all examines images of all ticks, on all processors.
func (x *examiner) all() {
	images := make(chan cut)
	var workers sync.WaitGroup
	var examined atomic.Int64
	for range runtime.GOMAXPROCS(0) {
		dir := filepath.Join(scratch(x.t), "image")
		workers.Go(func() {
			for c := range images {
				x.one(c, dir)
				n := int(examined.Add(1))
				if n%25 == 0 {
					x.goOn(c)
				}
				if n%5 == 0 && len(c.moment.sold) > 0 {
					x.restore(c, dir)
				}
			}
		})
	}
	n := 0
	cuts(x.evidence, x.stage.Seed(), x.stage.Size(1, 40), func(c cut) {
		if n++; n%x.stage.Size(5, 1) == 0 {
			images <- c
		}
	})
	close(images)
	workers.Wait()
	x.t.Logf("%d ticks, %d images, %d refused and restored, %d restored without need, %d gone on with",
		x.Trace.Ticks, examined.Load(), x.refused.Load(), x.restored.Load(), x.wentOn)
	x.stage.Add(torture.Figures{Cases: int(examined.Load()), Kills: int(examined.Load()), Purchases: len(x.Ledger)})
}

// one examines an image: as it is found, or where that is refused, as its run logs restore it.
func (x *examiner) one(c cut, dir string) {
	err := c.image.Build(dir)
	if err == nil {
		err = c.moment.examine(dir)
	}
	if x.Refuses && (errors.Is(err, state.ErrLost) || errors.Is(err, state.ErrDamaged) || errors.Is(err, state.ErrEmpty)) {
		x.refused.Add(1)
		err = x.withoutDatabase(c, dir, err)
	}
	if err == nil {
		return
	}
	if lost := new(errLost); errors.As(err, lost) {
		x.stage.Add(lost.Figures())
	}
	x.complain(c, err)
}

// restore examines an image that lost its database besides.
func (x *examiner) restore(c cut, dir string) {
	if err := x.withoutDatabase(c, dir, nil); err != nil {
		x.complain(c, fmt.Errorf("without its database: %w", err))
		return
	}
	x.restored.Add(1)
}

// withoutDatabase examines what the run logs of an image restore alone. Where there are none, as before the first run, it
// returns the error that it is given.
func (x *examiner) withoutDatabase(c cut, dir string, withoutLogs error) error {
	err := c.image.Build(dir)
	db := statePath(dir)
	if _, there := c.image.Files[stateName]; err == nil && there {
		err = os.Remove(db)
	}
	if err != nil {
		return err
	}
	logs, err := filepath.Glob(filepath.Join(state.PathsOf(db).Runs, "*"))
	if len(logs) == 0 {
		return errors.Join(err, withoutLogs)
	}
	if err := mend(db); err != nil {
		return err
	}
	if err := c.moment.examine(dir); err != nil {
		return fmt.Errorf("restored from its run logs: %w", err)
	}
	return nil
}

// goOn applies the fleet from an image on, in the world as it was at its tick.
func (x *examiner) goOn(c cut) {
	x.world.Lock()
	defer x.world.Unlock()
	w := x.evidence.world
	err := c.image.Build(w.dir)
	w.fleet(x.t, x.Orders, 2)
	w.account(x.t, c.moment.sold, nil)
	if _, refused := state.Read(statePath(w.dir)); err == nil && x.Refuses && refused != nil {
		err = mend(statePath(w.dir))
	}
	if err == nil {
		err = w.run("apply", "--auto-approve")
	}
	m := c.moment
	m.sold = w.sim.Load().Ledger()
	var records []order.Record
	if err == nil {
		records, err = m.audit(statePath(w.dir))
	}
	if err == nil && len(records) != x.Orders {
		err = fmt.Errorf("%d of %d orders are in the state", len(records), x.Orders)
	}
	if err != nil {
		x.complain(c, fmt.Errorf("an apply that goes on with it: %w", err))
		return
	}
	x.wentOn++
	x.stage.Add(torture.Figures{Purchases: len(m.sold), Held: held(records)})
}

// complain tells how an image that failed is examined again.
func (x *examiner) complain(c cut, problem error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.kept == "" {
		dir, err := os.MkdirTemp("", "powercut-evidence-*")
		if err == nil {
			x.kept = filepath.Join(dir, "evidence")
			err = x.save(x.kept)
		}
		if err != nil {
			x.t.Errorf("the evidence can't be kept: %v", err)
		}
	}
	x.t.Errorf("%v (%s): %v\n%s=%s,%v %s=%d go test -count=1 -run '^TestPowerCuts$' ./internal/torture/powercut",
		c, c.image.Told, problem, envImage, x.kept, c, torture.EnvSeed, x.stage.Seed())
}

// examineOne examines the image that the environment names, and leaves it beside the evidence.
func examineOne(t *testing.T, which string) {
	stage := torture.Begin(t, "powercut")
	path, name, _ := strings.Cut(which, ",")
	e, err := loadEvidence(path)
	if err != nil {
		t.Fatal(err)
	}
	var system string
	var tick, variant int
	if _, err := fmt.Sscanf(strings.ReplaceAll(name, ":", " "), "%s %d %d", &system, &tick, &variant); err != nil {
		t.Fatalf("%s: %q names no image: %v", envImage, name, err)
	}
	of := powercut.Strict
	if system == powercut.Ordered.String() {
		of = powercut.Ordered
	}
	d := powercut.NewDisk(e.Trace, of)
	for d.Tick() < tick && d.Advance() {
	}
	dir := filepath.Join(filepath.Dir(path), "image")
	for _, o := range e.Trace.Ops {
		if o.Begin <= tick {
			t.Log(o)
		}
	}
	t.Logf("the image is in %s", dir)
	x := examiner{t: t, stage: stage, evidence: e, kept: path}
	x.one(cut{of, tick, variant, d.Image(stage.Seed(), variant), e.moment(tick)}, dir)
}
