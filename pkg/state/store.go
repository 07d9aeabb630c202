package state

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/google/uuid"
	bolt "go.etcd.io/bbolt"

	"github.com/bastion-fleet/bastion-fleet/pkg/failpoint"
)

// A Store is the state opened for writing, under its lock.
type Store struct {
	paths     Paths
	lock      *lock
	recovered int

	mu      sync.Mutex
	db      *bolt.DB // nil while the state is fresh
	held    holding  // of db's file
	content content  // what db holds; while that is nil, of the head only the binding
	bound   bool     // Bind was called, and agreed
	run     *Run     // the open one
	broken  error    // after a failed write: what the disk holds is unknown
	closed  bool
}

// Open opens the state at path for writing. It waits up to lockTimeout for another process that holds it, and then
// returns a *[HeldError]. Where there never was a state it makes none: the first run does. What a program that died
// left unfinished is settled first.
func Open(ctx context.Context, path string, owner Owner, lockTimeout time.Duration) (*Store, error) {
	paths := PathsOf(path)
	if err := paths.makeDir(); err != nil {
		return nil, err
	}
	lock, err := acquire(ctx, paths.Lock, owner, lockTimeout)
	if err != nil {
		return nil, err
	}
	s := &Store{paths: paths, lock: lock}
	err = s.open()
	if err == nil {
		err = s.takeRescued(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func (s *Store) open() error {
	fresh, err := s.paths.fresh()
	if err != nil || fresh {
		s.content.records = newTable(nil)
		return err
	}
	if err := tighten(s.paths.DB, fileMode); err != nil {
		return err
	}
	if s.db, s.held, err = openDB(s.paths.DB, false); err != nil {
		return err
	}
	c, err := load(s.db, s.held)
	if err != nil {
		return err
	}
	r, err := recoverLogs(s.paths, c)
	if err != nil {
		return err
	}
	if err := s.settle(&r); err != nil {
		return fmt.Errorf("what an earlier run left can't be settled: %w", err)
	}
	s.content, s.recovered = r.content, r.taken
	return s.lock.setState(s.content.head.Lineage, s.content.head.Serial)
}

// Snapshot returns what the state holds now.
func (s *Store) Snapshot() Snapshot {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.content.snapshot(s.recovered)
}

// Holder is the process that holds the state: this one, as others see it.
func (s *Store) Holder() Holder { return *s.lock.note.Holder }

// Bind says what the state is used for. A state that was made for something else refuses; a fresh one keeps it in
// mind and writes it down with its first run.
func (s *Store) Bind(b Binding) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.db == nil {
		s.content.head.Fleet, s.content.head.Account, s.content.head.Endpoint = b.Fleet, b.Account, b.Endpoint
	}
	err := s.content.head.binding().check(s.paths.DB, b)
	s.bound = err == nil
	return err
}

// Rebind is Bind for another access key of the account that the state was bought from. Nothing but a person's word
// tells that the two keys are of one account. It is written down with the next run.
func (s *Store) Rebind(account string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.content.head.Account = account
	s.bound = true
}

// StartRun opens a run: its log is made and its plan is marked as used, both durably. A store has one run at a time.
// It needs Bind or Rebind before.
func (s *Store) StartRun(ctx context.Context, info RunInfo) (*Run, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.admit(ctx, info); err != nil {
		return nil, err
	}
	made := s.db == nil
	if err := s.create(info.Started); err != nil {
		return nil, err
	}
	header := s.header(diskRun{
		Run: info.ID, PlanID: info.PlanID, Command: info.Command, By: cmp.Or(info.By, s.lock.note.Holder.Who()),
		Parallelism: info.Parallelism, Started: canonical(info.Started), Opens: s.opensCampaign(info.Command),
	})
	lost := s.beginAnew(&header)
	s.paths.removeControls() // there is no other run
	log, held, err := s.createLog(header, lost)
	if err != nil {
		return nil, err
	}
	runs := append(lost, header.diskRun)
	next := s.content.head
	next.Serial, next.Run, next.Seq = next.Serial+1, info.ID, 1+header.Records
	if info.LookedOver || made { // what was made just now is no copy
		next.File = fileID(s.held.info)
	}
	if err := s.commit(next, nil, putRuns(runs)); err != nil {
		s.broken = journalError(s.paths.DB, err)
		return nil, errors.Join(s.broken, log.Close())
	}
	failpoint.Here("run-begun")
	s.content.head = next
	s.content.copied = s.content.copied && !info.LookedOver
	for _, run := range runs {
		s.content.runs[run.Run] = run
	}
	s.run = newRun(s, info.ID, log, held)
	s.lock.setRun(info.ID, next.Serial)
	return s.run, nil
}

// admit returns why no run may start.
func (s *Store) admit(ctx context.Context, info RunInfo) error {
	switch {
	case s.closed:
		return ErrClosed
	case s.broken != nil:
		return s.broken
	case s.run != nil:
		return fmt.Errorf("run %s is still open", s.run.id)
	case !s.bound:
		return errors.New("the state was not bound before the run")
	case ctx.Err() != nil:
		return ctx.Err()
	}
	if err := s.inPlace(); err != nil {
		return err
	}
	for id, run := range s.content.runs {
		if info.PlanID != "" && run.PlanID == info.PlanID {
			return &Error{
				Kind: ErrPlanUsed, Path: s.paths.DB, Reason: fmt.Sprintf("run %s applied it", id),
				Remedy: "Make a new plan: bastion-fleet plan --out FILE.",
			}
		}
	}
	return CheckRunID(info.ID)
}

// inPlace returns why what is written would not be found again, or nil.
func (s *Store) inPlace() error {
	if s.db == nil {
		return s.lock.held.check()
	}
	return cmp.Or(s.held.check(), s.lock.held.check())
}

// create makes the database of a fresh state.
func (s *Store) create(at time.Time) error {
	if s.db != nil {
		return nil
	}
	h := s.content.head
	h.Lineage, h.CreatedAt = uuid.NewString(), canonical(at)
	if err := createDB(s.paths.DB, h); err != nil {
		return err
	}
	failpoint.Here("db-made")
	db, held, err := openDB(s.paths.DB, false)
	if err != nil {
		return err
	}
	s.db, s.held = db, held
	s.content = content{head: h, records: s.content.records, runs: make(map[string]diskRun)}
	return s.lock.setState(h.Lineage, 0)
}

// commit writes records and head in one transaction, with whatever also writes.
func (s *Store) commit(h head, records []stored, also func(*bolt.Tx) error) error {
	return guarded(s.paths.DB, func() error {
		return s.db.Update(func(tx *bolt.Tx) error {
			bucket := tx.Bucket(bucketRecords)
			for _, r := range records {
				if err := bucket.Put([]byte(r.record.Address.String()), r.sealed); err != nil {
					return err
				}
			}
			if also != nil {
				if err := also(tx); err != nil {
					return err
				}
			}
			return putSealed(tx, bucketMeta, keyHead, h)
		})
	})
}

// putRuns writes what is known of runs.
func putRuns(runs []diskRun) func(*bolt.Tx) error {
	return func(tx *bolt.Tx) error {
		for _, run := range runs {
			if err := putSealed(tx, bucketRuns, []byte(run.Run), run); err != nil {
				return err
			}
		}
		return nil
	}
}

// Close lets go of the state. A run that is still open stays unfinished; the next Open settles it.
func (s *Store) Close() error {
	s.mu.Lock()
	run := s.run
	closed := s.closed
	s.closed = true
	s.mu.Unlock()
	if closed {
		return nil
	}
	var errs []error
	if run != nil {
		errs = append(errs, run.abandon())
	}
	if s.db != nil {
		errs = append(errs, s.db.Close())
	}
	failpoint.Here("unlocking")
	errs = append(errs, s.lock.release())
	failpoint.Here("unlocked")
	return errors.Join(errs...)
}

// canonical is t as the disk gives it back.
func canonical(t time.Time) time.Time { return t.UTC().Round(0) }

// journalError is the error of a write after which nothing is written any more.
func journalError(path string, cause error) error {
	return &Error{
		Kind: ErrJournal, Path: path, Cause: cause,
		Remedy: "Nothing more is bought. See that the disk has room and can be written, and run apply again.",
	}
}
