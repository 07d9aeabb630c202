package cli

import (
	"github.com/bastion-fleet/bastion-fleet/internal/ui"
	"github.com/bastion-fleet/bastion-fleet/pkg/order"
	"github.com/bastion-fleet/bastion-fleet/pkg/state"
)

// A standing is how a run that has not ended stands, by its log.
type standing struct {
	command  string
	orders   map[order.Address]orderStanding
	wave     string
	paused   bool
	awaiting bool // somebody's approval
	draining bool
	skipped  int
	ended    *state.RunSummary
	last     state.Entry
}

// An orderStanding is what the run's last line about an order tells.
type orderStanding struct {
	result    order.Result
	class     order.Class
	called    bool // there is an outcome
	instances int
}

// standingOf reads the log of a run up to where it is now.
func standingOf(path, id string) (*standing, error) {
	log, err := readRunLog(path, id)
	if err != nil {
		return nil, err
	}
	s := &standing{command: log.Info.Command, orders: make(map[order.Address]orderStanding)}
	for e, err := range log.Entries() {
		if err != nil {
			return nil, err
		}
		s.take(e)
	}
	return s, nil
}

// take goes on with an entry.
func (s *standing) take(e state.Entry) {
	s.last = e
	switch {
	case e.Intent != nil:
		s.orders[e.Address] = orderStanding{}
	case e.Outcome != nil:
		s.orders[e.Address] = orderStanding{e.Outcome.Result, e.Outcome.Failure.Class, true, e.Outcome.Purchase.Quantity}
	case e.Note != nil:
		s.note(*e.Note)
	case e.Ended != nil:
		s.ended = e.Ended
	}
}

func (s *standing) note(n state.Note) {
	switch n.Kind {
	case state.NoteWaveStarted:
		s.wave, s.awaiting = n.Wave, false
	case state.NoteAwaitingApproval:
		s.wave, s.awaiting = n.Wave, true
	case state.NotePaused:
		s.paused = true
	case state.NoteResumed:
		s.paused = false
	case state.NoteDraining:
		s.draining = true
	case state.NoteSkipped:
		s.skipped++
	}
}

// status is how a run that is under way stands.
func (s *standing) status() ui.RunStatus {
	switch {
	case s.ended != nil:
		return runStatus(*s.ended)
	case s.draining:
		return ui.RunEnding
	case s.paused:
		return ui.RunPaused
	case s.awaiting:
		return ui.RunAwaiting
	}
	return ui.RunRunning
}

// describe fills in how the run stands. One that is not under way and has not ended has died.
func (s *standing) describe(line *ui.RunLine, underWay bool) {
	line.Status, line.Wave, line.Skipped = s.status(), s.wave, s.skipped
	for _, o := range s.orders {
		switch {
		case !o.called && underWay:
			line.UnderWay++
		case !o.called || o.result == order.ResultInDoubt:
			line.InDoubt++
		case o.result == order.ResultBought:
			line.Bought++
			line.Instances += o.instances
		case o.class == order.ClassRejected || o.class == order.ClassDenied:
			line.Failed++
		}
	}
	if !underWay {
		line.Status, line.Ended = ui.RunDied, s.last.At
	}
}
