package ui

import (
	"maps"
	"slices"
	"time"

	"github.com/bastion-fleet/bastion-fleet/pkg/apply"
)

// A toldSpeed is when a region's speed was last told of, and the change that waits to be: a region that is throttled changes
// its speed many times a second.
type toldSpeed struct {
	at      time.Time
	waiting *apply.SpeedChanged
}

// speed tells of a change, or keeps it for a tick where the last one was told a moment ago.
func (l *lineProgress) speed(e apply.SpeedChanged) []byte {
	told, known := l.speeds[e.Region]
	if !known {
		told = &toldSpeed{}
		l.speeds[e.Region] = told
	}
	if e.At.Sub(told.at) < linePeriod {
		told.waiting = &e
		return nil
	}
	return l.tellSpeed(told, e)
}

func (l *lineProgress) tellSpeed(told *toldSpeed, e apply.SpeedChanged) []byte {
	told.at, told.waiting = e.At, nil
	text := Sanitize(e.Region) + ": " + speedText(speed{e.Parallelism, e.Rate}) + " at most"
	if e.Reason != "" {
		text += ": " + Sanitize(e.Reason)
	}
	return l.line("", "speed", text)
}

// waitingSpeeds tells of the changes that are due.
func (l *lineProgress) waitingSpeeds(now time.Time) []byte {
	var out []byte
	for _, region := range slices.Sorted(maps.Keys(l.speeds)) {
		if told := l.speeds[region]; told.waiting != nil && now.Sub(told.at) >= linePeriod {
			out = append(out, l.tellSpeed(told, *told.waiting)...)
		}
	}
	return out
}
