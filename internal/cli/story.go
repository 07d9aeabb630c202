package cli

import (
	"fmt"
	"strings"

	"github.com/bastion-fleet/bastion-fleet/pkg/apply"
)

// A story follows a run's events for what has to be told of it later: at an approval, and at its end. Its handle is called
// for one event at a time, and by nobody else while a wave is approved.
type story struct {
	wave   waveStory
	failed []apply.InstanceFailed
}

// A waveStory is what has happened in a wave so far.
type waveStory struct {
	bought, instances, failed, inDoubt int
	baked                              *apply.Baking // how its bake stood last; nil: there is none
	ended                              *apply.WaveEnded
}

func (s *story) handle(e apply.Event) {
	w := &s.wave
	switch e := e.(type) {
	case apply.WaveStarted:
		*w = waveStory{}
	case apply.Bought:
		w.bought++
		w.instances += e.Purchase.Quantity
	case apply.Failed:
		w.failed++
	case apply.InDoubt:
		w.inDoubt++
	case apply.Baking:
		w.baked = &e
	case apply.WaveEnded:
		w.ended = &e
	case apply.InstanceFailed:
		s.failed = append(s.failed, e)
	}
}

// last says how the last wave ended; "" where none has.
func (s *story) last() string {
	w := s.wave
	if w.ended == nil {
		return ""
	}
	parts := []string{fmt.Sprintf("%s bought (%s)", counted(w.bought, "order"), counted(w.instances, "instance"))}
	for _, n := range []struct {
		count int
		what  string
	}{{w.failed, "failed"}, {w.inDoubt, "in doubt"}} {
		if n.count > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n.count, n.what))
		}
	}
	if b := w.baked; b != nil {
		parts = append(parts, fmt.Sprintf("%d up, %d coming, %d down", b.Up, b.Coming, b.Down))
	}
	how := "has ended"
	if w.ended.End == apply.WaveGood {
		how = "ended well"
	}
	return fmt.Sprintf("Wave %s %s: %s.", w.ended.Wave, how, strings.Join(parts, ", "))
}
