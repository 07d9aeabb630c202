package state

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

// takeRescued takes in what an earlier run kept in a rescue file, as a run of its own, and removes the file. A file that
// does not fit the state keeps it from being opened: what it holds was bought.
func (s *Store) takeRescued(ctx context.Context) error {
	files, err := s.paths.rescueFiles()
	if err != nil {
		return err
	}
	for _, path := range files {
		lacking, err := s.content.lackingOf(path)
		if err != nil {
			return err
		}
		if err := s.recordRescued(ctx, lacking); err != nil {
			return fmt.Errorf("%s can't be taken into the state: %w", path, err)
		}
		s.recovered += len(lacking)
		if err := errors.Join(os.Remove(path), syncDir(filepath.Dir(path))); err != nil {
			return err
		}
	}
	return nil
}

// foresee takes in what takeRescued will, and writes nothing.
func (r *recovery) foresee(paths Paths) error {
	files, err := paths.rescueFiles()
	if err != nil {
		return err
	}
	for _, path := range files {
		lacking, err := r.content.lackingOf(path)
		if err != nil {
			return err
		}
		for _, o := range lacking {
			before, _ := r.content.records.record(o.Address)
			after, err := before.Finish(o)
			if err != nil {
				return err
			}
			r.content.records.put(entry{record: after})
		}
		if len(lacking) > 0 {
			r.taken += len(lacking)
			r.content.head.Serial += uint64(len(lacking)) + 2 // the run's begin and end, and a commit for each
		}
	}
	return nil
}

// lackingOf returns the outcomes in a rescue file that the state lacks.
func (c *content) lackingOf(path string) ([]order.Outcome, error) {
	outcomes, h, err := readRescueFile(path)
	if err != nil {
		return nil, err
	}
	if len(outcomes) > 0 && h.Lineage != c.head.Lineage {
		return nil, foreignLog(path, h, c.head.Lineage)
	}
	var lacking []order.Outcome
	for _, o := range outcomes {
		record, _ := c.records.record(o.Address)
		switch {
		case record.Doubt != nil && record.Doubt.Attempt == o.Attempt:
			lacking = append(lacking, o)
		case !agrees(record, o):
			return nil, &Error{
				Kind: ErrInconsistent, Path: path,
				Reason: fmt.Sprintf("attempt %d of %s came to %s %s, and the state holds something else", o.Attempt, o.Address, o.Result, o.Purchase.BuyID),
				Remedy: "An earlier run kept this file because it could not record what it bought. Look the purchase up in the console. " +
					"Where the state is right, move the file away.",
			}
		}
	}
	return lacking, nil
}

// readRescueFile returns the outcomes in a rescue file and its header.
func readRescueFile(path string) ([]order.Outcome, logHeader, error) {
	var outcomes []order.Outcome
	var log folded
	err := log.readFile(path, func(l logLine) error {
		if l.Type != lineOutcome || l.Outcome == nil {
			return nil
		}
		address, err := order.ParseAddress(l.Address)
		if err == nil {
			outcomes = append(outcomes, l.Outcome.outcome(address))
		}
		return err
	})
	return outcomes, log.header, err
}

// agrees tells whether a record in which the outcome's attempt is not in doubt may have come of it.
func agrees(r order.Record, o order.Outcome) bool {
	for i := range r.Purchases {
		if p := &r.Purchases[i]; p.Attempt == o.Attempt {
			return o.Result == order.ResultInDoubt || o.Result == order.ResultBought && p.BuyID == o.Purchase.BuyID
		}
	}
	return o.Result != order.ResultBought
}

// recordRescued records outcomes that an earlier run kept, with the run that made the calls named in each purchase.
func (s *Store) recordRescued(ctx context.Context, outcomes []order.Outcome) error {
	if len(outcomes) == 0 {
		return nil
	}
	now := time.Now()
	s.bound = true // to what it is bound to
	run, err := s.StartRun(ctx, RunInfo{ID: NewRunID(now), Command: "rescue", Started: now})
	s.bound = false
	if err != nil {
		return err
	}
	summary := RunSummary{Ended: now}
	for _, o := range outcomes {
		o.Run = run.ID()
		err = errors.Join(err, run.Finish(o))
		if o.Result == order.ResultBought {
			summary.Bought++
			summary.Instances += o.Purchase.Quantity
		}
	}
	return errors.Join(err, run.Close(summary))
}
