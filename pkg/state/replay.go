package state

import (
	"cmp"
	"errors"
	"reflect"
	"runtime"

	"golang.org/x/sync/errgroup"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

// A replay is what the run logs of a state tell together, from its first run on. It needs no database.
type replay struct {
	paths   Paths
	head    head // without count and sum; its serial is the most that serials allow
	serials serials
	records map[order.Address]order.Record
	runs    map[string]diskRun
	former  []diskRun // those whose logs were gone when a log began anew
	lines   int
	strays  int // logs without a whole line, of runs that never were
}

func newReplay(paths Paths) *replay {
	return &replay{paths: paths, records: make(map[order.Address]order.Record), runs: make(map[string]diskRun)}
}

// takeAll takes all logs, sorted by serial.
func (r *replay) takeAll(ids []string) error {
	history, chain := r.paths.split(ids)
	for _, id := range chain {
		if err := r.take(id); err != nil {
			return err
		}
	}
	for _, id := range history {
		if err := r.takeHistory(id); err != nil {
			return err
		}
	}
	for _, run := range r.former {
		if logged, known := r.runs[run.Run]; known {
			run = logged // its log was found again, and is needed no more
		}
		run.LogLost = true
		r.runs[run.Run] = run
	}
	return nil
}

// take goes on with the log of a run. After an error the replay is of no use.
func (r *replay) take(id string) error {
	path := r.paths.RunLog(id)
	if h, known := r.paths.headerOf(id); known {
		if err := r.follows(path, id, h); err != nil {
			return err
		}
	}
	var log folded
	traced := make(map[order.Address]struct{})
	if err := log.readFile(path, func(line logLine) error { return r.change(line, traced) }); err != nil {
		return err
	}
	if !log.begun() {
		r.strays++
		return nil
	}
	h := log.header
	started := r.head.CreatedAt
	if len(r.runs) == 0 {
		started = h.Started
	}
	r.head = head{
		Lineage: h.Lineage, Serial: log.serials.most, Fleet: h.Fleet, Account: h.Account, Endpoint: h.Endpoint, CreatedAt: started,
		Run: id, Seq: log.lastSeq,
	}
	r.serials = log.serials
	r.enter(h.diskRun, log)
	return nil
}

// takeHistory takes in no more of a log than that there was its run, which is over: a later log began anew.
func (r *replay) takeHistory(id string) error {
	path := r.paths.RunLog(id)
	log, err := readHeadings(path)
	lineage := cmp.Or(r.head.Lineage, log.header.Lineage)
	switch h := log.header; {
	case err != nil:
		return err
	case !log.begun():
		r.strays++
		return nil
	case h.Run != id || h.Lineage != lineage:
		return foreignLog(path, h, lineage)
	}
	log.summary = log.end(log.header.Started)
	r.enter(log.header.diskRun, log)
	return nil
}

// enter notes a log that was read.
func (r *replay) enter(run diskRun, log folded) {
	run.Summary = log.summary
	r.runs[run.Run] = run
	r.former = append(r.former, log.former...)
	r.lines += int(log.lastSeq)
}

// follows refuses a log that does not go on where those before it ended. The first one may be one that begins anew.
func (r *replay) follows(path, id string, h logHeader) error {
	first, lineage := len(r.runs) == 0, r.head.Lineage
	if first {
		lineage = h.Lineage
	}
	if h.Lineage != lineage || h.Run != id {
		return foreignLog(path, h, lineage)
	}
	if first && h.Anew {
		return nil
	}
	return follows(path, h, r.serials)
}

// change folds one line into the records. The first line of an order in a log says what was known of it before: that must
// be what the logs before say.
func (r *replay) change(line logLine, traced map[order.Address]struct{}) error {
	if !line.changesRecord() {
		return nil
	}
	address, err := order.ParseAddress(line.Address)
	if err != nil {
		return err
	}
	if line.Type == lineRecord {
		traced[address] = struct{}{} // it says all by itself
	}
	before, err := r.before(address, line.Before, traced)
	if err != nil {
		return err
	}
	c, _, err := line.apply(before, func(a order.Address) (order.Record, error) { return r.before(a, line.Move.Before, traced) })
	if err != nil {
		return err
	}
	r.records[address] = c.after
	if c.left != nil {
		r.records[c.left.Address] = *c.left
	}
	return nil
}

var errOtherBefore = errors.New("the record was another one before the run than the logs of earlier runs tell")

// before is the record at an address. In the first line of a log that is about it, it must be the one that the line brings.
func (r *replay) before(a order.Address, brought *diskRecord, traced map[order.Address]struct{}) (order.Record, error) {
	record, known := r.records[a]
	if _, seen := traced[a]; seen {
		return record, nil
	}
	traced[a] = struct{}{}
	if known != (brought != nil) {
		return record, errOtherBefore
	}
	if !known {
		return record, nil
	}
	got, err := brought.record()
	if err == nil && !reflect.DeepEqual(got, record) {
		err = errOtherBefore
	}
	return record, err
}

// inParallel calls f for 0 to n-1, on all processors.
func inParallel(n int, f func(i int)) {
	share := n/runtime.GOMAXPROCS(0) + 1
	var g errgroup.Group
	for from := 0; from < n; from += share {
		g.Go(func() error {
			for i := from; i < min(from+share, n); i++ {
				f(i)
			}
			return nil
		})
	}
	_ = g.Wait() // f returns nothing
}
