package cli

import (
	"github.com/bastion-fleet/bastion-fleet/pkg/apply"
	"github.com/bastion-fleet/bastion-fleet/pkg/order"
	"github.com/bastion-fleet/bastion-fleet/pkg/state"
)

// note tells what a note says: note in runlog.go the other way round.
func (r *retelling) note(n *state.Note, a order.Address) {
	if n.Kind == state.NotePlanned && n.Planned != nil {
		r.plan(*n.Planned)
		return
	}
	if e := r.event(n, a); e != nil {
		r.begin()
		r.tell(e)
	}
	if n.Kind == state.NoteRetrying || n.Kind == state.NoteSkipped {
		delete(r.calls, a)
	}
}

// plan takes in what the run sets out to do.
func (r *retelling) plan(p state.Planned) {
	r.planned = p
	r.prices = order.Prices{Currency: p.Currency, List: map[order.PriceOf]order.Amount{}}
	for _, price := range p.Prices {
		r.prices.List[order.PriceOf{Region: price.Region, Spec: price.Spec, Unit: price.Unit}] = price.Amount
	}
	r.begin()
}

// event is what a note says, or nil where it says nothing that a run's event does.
func (r *retelling) event(n *state.Note, a order.Address) apply.Event {
	switch n.Kind {
	case state.NoteWaveStarted:
		return apply.WaveStarted{Wave: n.Wave, At: n.At}
	case state.NoteWaveEnded:
		return apply.WaveEnded{Wave: n.Wave, End: waveEnd(n.End), Reason: n.Text, At: n.At}
	case state.NoteAwaitingApproval:
		return apply.AwaitingApproval{Wave: r.waveTotal(n.Wave), At: n.At}
	case state.NoteBaking:
		return apply.Baking{Wave: n.Wave, Until: n.Until, Up: n.Up, Coming: n.Coming, Down: n.Down, At: n.At}
	case state.NoteInstanceFailed:
		return apply.InstanceFailed{Address: a, Region: n.Region, Why: n.Text, At: n.At}
	case state.NoteSpeedChanged:
		return apply.SpeedChanged{Region: n.Region, Parallelism: n.Parallelism, Rate: n.Rate, Reason: n.Text, At: n.At}
	case state.NotePaused:
		return apply.Paused{By: n.By, At: n.At}
	case state.NoteResumed:
		return apply.Resumed{By: n.By, At: n.At}
	case state.NoteRegionStopped:
		return apply.RegionStopped{Region: n.Region, Reason: n.Text, At: n.At}
	case state.NoteDraining:
		return apply.Draining{Reason: n.Text, InFlight: len(r.calls), At: n.At}
	case state.NoteSkipped:
		r.sure(a)
		return apply.Skipped{Address: a, Region: n.Region, Wave: n.Wave, At: n.At}
	case state.NoteRetrying:
		return r.retrying(n, a)
	}
	return nil
}

func (r *retelling) retrying(n *state.Note, a order.Address) apply.Event {
	o, _ := r.sure(a)
	f := o.Failure
	if f.Class == order.ClassInDoubt { // the zero value: the outcome was not there
		f = order.Failure{Class: order.ClassNotSent, Code: n.Code, Message: n.Text}
	}
	return apply.Retrying{Address: a, Region: n.Region, Attempt: n.Attempt, Failure: f, Delay: n.Delay, At: n.At}
}

// waveTotal is what the run sets out to do in a wave.
func (r *retelling) waveTotal(name string) apply.WaveTotal {
	for _, w := range r.totals {
		if w.Wave == name {
			return w
		}
	}
	return apply.WaveTotal{Wave: name}
}

// waveEnd is the end of that name; one that is not known claims least.
func waveEnd(name string) apply.WaveEnd {
	for _, end := range []apply.WaveEnd{apply.WaveUnapproved, apply.WaveCutShort, apply.WaveBad, apply.WaveGood, apply.WaveIdle} {
		if end.String() == name {
			return end
		}
	}
	return apply.WaveNotBegun
}
