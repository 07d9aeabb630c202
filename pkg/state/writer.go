package state

import (
	"cmp"
	"errors"
	"os"
	"slices"
	"sync/atomic"

	bolt "go.etcd.io/bbolt"

	"github.com/bastion-fleet/bastion-fleet/pkg/failpoint"
	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

// maxGroup bounds the entries of a group, and with it how long the first of them waits for the last.
const maxGroup = 512

// A writer makes a run's entries durable. It is the only one that writes while the run is open, and works in one
// goroutine.
type writer struct {
	store  *Store
	run    string
	log    logFile
	held   holding                                          // of log
	commit func(head, []stored, func(*bolt.Tx) error) error // Store.commit; tests watch it

	seq    uint64                     // the last line's number
	synced uint64                     // the last line that is durable
	traced map[order.Address]struct{} // the orders whose record before the run the log has
	broken error                      // the first failed write: the database is not written any more

	failing atomic.Pointer[error] // the same, as soon as it is known, and for any goroutine

	logBroken bool                           // the log is not written any more either
	logOnly   map[order.Address]order.Record // the records that the log has and the database perhaps not
	rescue    rescue                         // for what the log does not take either
}

func newWriter(s *Store, run string, log logFile, held holding) *writer {
	return &writer{
		store: s, run: run, log: log, held: held, commit: s.commit,
		seq: s.content.head.Seq, synced: s.content.head.Seq, traced: make(map[order.Address]struct{}),
		logOnly: make(map[order.Address]order.Record), rescue: newRescue(s.paths, s.header(s.content.runs[run])),
	}
}

// serve writes what comes until the queue is closed, in groups of all that is waiting. While one group is synced
// the next gathers: the disk's own pace makes the groups, without a timer.
func (w *writer) serve(queue <-chan ticket) {
	for first := range queue {
		tickets := []ticket{first}
		for len(tickets) < maxGroup {
			select {
			case next, open := <-queue:
				if open {
					tickets = append(tickets, next)
					continue
				}
			default:
			}
			break
		}
		w.write(tickets)
	}
}

// A group is what is made durable at once.
type group struct {
	lines    []byte
	seq      uint64
	pending  map[order.Address]order.Record // the records as the group leaves them
	accepted []ticket                       // those who wait for an answer
	logged   bool                           // the lines were given to the log, durably or not
}

// write makes the tickets durable and answers them. An answer without error is given only after both files are
// synced.
func (w *writer) write(tickets []ticket) {
	if w.broken != nil {
		answer(tickets, w.broken)
		w.save(tickets)
		return
	}
	g := &group{seq: w.seq, pending: make(map[order.Address]order.Record)}
	for _, t := range tickets {
		if err := w.add(g, t); err != nil {
			answer([]ticket{t}, err) // refused: nothing of it is written
		}
	}
	err := w.flush(g)
	answer(g.accepted, err) // at once: after a failure no further call may be made
	failpoint.Here("group-answered")
	if err != nil {
		w.saveGroup(g)
	}
}

func answer(tickets []ticket, err error) {
	for _, t := range tickets {
		if t.durable != nil {
			t.durable <- err
		}
	}
}

// add folds a ticket into the group, or returns why it can't be and leaves the group as it was.
func (w *writer) add(g *group, t ticket) error {
	line, c, err := w.fold(g, t)
	if err != nil {
		return err
	}
	line.Seq, line.Synced = g.seq+1, w.synced
	text, err := encodeLine(line)
	if err != nil {
		return err
	}
	g.seq++
	g.lines = append(g.lines, text...)
	g.accepted = append(g.accepted, t)
	if t.note == nil {
		g.pending[c.after.Address] = c.after
	}
	if c.left != nil {
		g.pending[c.left.Address] = *c.left
	}
	return nil
}

// fold returns a ticket's line and the change that it leads to: by the same steps by which the log is read back.
func (w *writer) fold(g *group, t ticket) (logLine, change, error) {
	line, address := t.line()
	if t.note != nil {
		return line, change{}, nil
	}
	before, brought := w.before(g, address)
	line.Before = brought
	c, _, err := line.apply(before, func(a order.Address) (order.Record, error) {
		record, brought := w.before(g, a)
		line.Move.Before = brought
		return record, nil
	})
	return line, c, err
}

// before is the record at an address, and what the log lacks to tell the same: the record as it was before the run, in
// the run's first line that is about it.
func (w *writer) before(g *group, a order.Address) (order.Record, *diskRecord) {
	record, known := w.record(g, a)
	_, traced := w.traced[a]
	if _, here := g.pending[a]; !known || traced || here {
		return record, nil
	}
	return record, new(toDisk(record))
}

// line is the ticket as a line of the run log, without its number, and the order that it is about.
func (t ticket) line() (logLine, order.Address) {
	switch {
	case t.intent != nil:
		return intentLine(*t.intent), t.intent.Order.Address
	case t.outcome != nil:
		return outcomeLine(*t.outcome), t.outcome.Address
	case t.move != nil:
		return movedLine(*t.move, t.at), t.move.To
	case t.removal != nil:
		return removedLine(t.removal.address, t.removal.givenUp, t.at), t.removal.address
	default:
		return noteLine(*t.note), order.Address{}
	}
}

// record is what is known of an address, this group included.
func (w *writer) record(g *group, address order.Address) (order.Record, bool) {
	if r, ok := g.pending[address]; ok {
		return r, true
	}
	return w.store.content.records.record(address)
}

// flush makes the group durable. After an error the database is never written again: what it holds is unknown then.
func (w *writer) flush(g *group) error {
	if len(g.pending) == 0 {
		return w.flushNotes(g)
	}
	records, err := g.stored()
	if err != nil {
		return w.fail(w.store.paths.DB, err)
	}
	failpoint.Here("group-gathered")
	next := w.store.content.head
	next.Records, next.Sum = w.store.content.records.with(records)
	next.Serial, next.Seq = next.Serial+1, g.seq
	if err := w.makeRoom(g.lines); err != nil {
		return err
	}
	g.logged = true
	if err := w.sync(g.lines, next, records, nil); err != nil {
		return err
	}
	for address := range g.pending {
		w.traced[address] = struct{}{}
	}
	w.store.settled(next, records)
	return nil
}

// saveGroup is save for a group whose writing failed: the log may have it.
func (w *writer) saveGroup(g *group) {
	if !g.logged {
		w.save(g.accepted)
		return
	}
	w.logOnly = g.pending
	if w.logLost() {
		w.rescue.keep(g.accepted)
	}
}

// save keeps the outcomes of calls that were in flight when the journal failed: in the run log, or where that can't be
// written or found any more, in a place of their own. Nothing is promised of it, so they are answered with the failure.
func (w *writer) save(tickets []ticket) {
	fitting := slices.DeleteFunc(slices.Clone(tickets), func(t ticket) bool {
		_, _, err := w.fold(&group{pending: w.logOnly}, t)
		return t.outcome == nil || err != nil // one that does not fit would make what holds it unreadable
	})
	if w.logLost() || !w.salvage(fitting) {
		w.rescue.keep(fitting)
	}
}

// logLost tells whether what is written into the run log is not found there by the next start.
func (w *writer) logLost() bool { return w.logBroken || w.held.check() != nil }

// salvage writes outcomes into the run log, which has room for them when the disk is full, and tells whether it could.
func (w *writer) salvage(outcomes []ticket) bool {
	g := &group{seq: w.seq, pending: w.logOnly}
	for _, t := range outcomes {
		if w.add(g, t) != nil {
			return false
		}
	}
	return len(g.lines) == 0 || w.writeLog(g.lines, g.seq) == nil
}

// writeLog makes lines durable in the log. After an error it must not be called again: the log may end in half a line.
func (w *writer) writeLog(lines []byte, seq uint64) error {
	failpoint.Here("log-due")
	_, err := w.log.Write(lines)
	failpoint.Here("log-written")
	if err == nil {
		err = w.log.Sync()
	}
	failpoint.Here("log-synced")
	if err != nil {
		w.logBroken = true
		return err
	}
	w.seq, w.synced = seq, seq
	return nil
}

// flushNotes writes lines of which nothing is promised. A failure counts all the same, for it may have left half a
// line. They take none of the room that is kept for outcomes: however many notes come, calls are in flight beside them.
func (w *writer) flushNotes(g *group) error {
	if len(g.lines) == 0 {
		return nil
	}
	if err := w.makeRoom(g.lines); err != nil {
		return err
	}
	if _, err := w.log.Write(g.lines); err != nil {
		w.logBroken = true
		return w.fail(w.store.paths.RunLog(w.run), err)
	}
	w.seq = g.seq
	return nil
}

// makeRoom makes sure that the log has room for lines and, behind them, for the outcomes of the calls in flight.
func (w *writer) makeRoom(lines []byte) error {
	if err := w.log.Reserve(len(lines) + logRoom); err != nil {
		return w.fail(w.store.paths.RunLog(w.run), err)
	}
	return nil
}

// sync writes the log and the database at the same time, and returns when both are durable.
func (w *writer) sync(lines []byte, next head, records []stored, also func(*bolt.Tx) error) error {
	logged := make(chan error, 1)
	go func() {
		err := w.writeLog(lines, next.Seq)
		w.warn(w.store.paths.RunLog(w.run), err)
		logged <- err
	}()
	failpoint.Here("commit-due")
	committed := w.commit(next, records, also)
	failpoint.Here("committed")
	w.warn(w.store.paths.DB, committed)
	logErr := <-logged
	switch {
	case logErr != nil && committed != nil:
		return w.fail(w.store.paths.RunLog(w.run), errors.Join(logErr, committed))
	case logErr != nil:
		return w.fail(w.store.paths.RunLog(w.run), logErr)
	case committed != nil:
		return w.fail(w.store.paths.DB, committed)
	}
	if err := w.findable(); err != nil {
		return err
	}
	failpoint.Here("group-durable")
	return nil
}

// findable fails the run if what was just synced stands under no name any more. It must follow the sync: what was taken
// away before it is durable where nobody finds it.
func (w *writer) findable() error {
	if err := cmp.Or(w.store.inPlace(), w.held.check()); err != nil {
		return w.fail(w.store.paths.DB, err)
	}
	return nil
}

// warn lets Run.Err tell of a failure before those who wait for the other file are answered.
func (w *writer) warn(path string, cause error) {
	if cause == nil {
		return
	}
	err := journalError(path, cause)
	w.failing.CompareAndSwap(nil, &err)
}

// fail ends the run: nothing is acknowledged any more.
func (w *writer) fail(path string, cause error) error {
	w.broken = cause
	if !errors.Is(cause, ErrJournal) {
		w.broken = journalError(path, cause)
	}
	w.warn(path, w.broken)
	w.store.mu.Lock()
	w.store.broken = w.broken
	w.store.mu.Unlock()
	return w.broken
}

// end writes the run's summary and closes its log. The queue must be drained.
func (w *writer) end(summary *diskSummary) error {
	err := w.broken
	failpoint.Here("run-ending")
	if err == nil {
		err = w.writeEnd(summary)
	}
	failpoint.Here("run-ended")
	err = errors.Join(err, w.log.Close(), w.rescue.close())
	s := w.store
	_ = os.Remove(s.paths.control(w.run)) // there may be none, and it stands in nobody's way
	s.mu.Lock()
	defer s.mu.Unlock()
	s.run = nil
	s.lock.setRun("", s.content.head.Serial)
	return err
}

// writeEnd makes the run's end durable in the log and then in the database. Not in both at once: a database that holds a
// run's end completes its log no more, and logs that lack one could not rebuild the state.
func (w *writer) writeEnd(summary *diskSummary) error {
	next := w.store.content.head
	next.Serial, next.Seq = next.Serial+1, w.seq+1
	line, err := encodeLine(logLine{
		Seq: next.Seq, Synced: w.synced, Type: lineEnded, At: summary.Ended, Summary: summary, Serial: next.Serial,
	})
	if err != nil {
		return err
	}
	run := w.store.content.runs[w.run]
	run.Summary = summary
	if err := w.writeLog(line, next.Seq); err != nil {
		return w.fail(w.store.paths.RunLog(w.run), err)
	}
	failpoint.Here("end-logged")
	err = w.commit(next, nil, func(tx *bolt.Tx) error { return putSealed(tx, bucketRuns, []byte(w.run), run) })
	if err != nil {
		return w.fail(w.store.paths.DB, err)
	}
	if err := w.findable(); err != nil {
		return err
	}
	w.store.settled(next, nil, run)
	return nil
}

// stored encodes the group's records.
func (g *group) stored() ([]stored, error) {
	records := make([]stored, 0, len(g.pending))
	for _, record := range g.pending {
		encoded, err := encodeRecord(record)
		if err != nil {
			return nil, err
		}
		records = append(records, encoded)
	}
	return records, nil
}

// settled takes over what is durable now.
func (s *Store) settled(h head, records []stored, runs ...diskRun) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.content.head = h
	for _, r := range records {
		s.content.records.put(r.entry)
	}
	for _, run := range runs {
		s.content.runs[run.Run] = run
	}
}
