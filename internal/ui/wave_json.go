package ui

import (
	"time"

	"github.com/bastion-fleet/bastion-fleet/pkg/apply"
)

// jsonRunWave is what a wave sets out to do and, with wave_complete, what it came to.
type jsonRunWave struct {
	Run       string         `json:"run"`
	Wave      string         `json:"wave"`   // empty where the fleet names none
	Number    int            `json:"number"` // from 1
	Of        int            `json:"of"`
	Orders    int            `json:"orders"`
	Instances int            `json:"instances"`
	Regions   []jsonWavePart `json:"regions"` // in the sequence in which they come
	Result    *jsonWaveEnded `json:"result,omitempty"`
}

type jsonWavePart struct {
	Region    string `json:"region"`
	Orders    int    `json:"orders"`
	Instances int    `json:"instances"`
}

type jsonWaveEnded struct {
	End     string  `json:"end"`              // good, bad, cut_short, unapproved
	Reason  string  `json:"reason,omitempty"` // why it did not end well
	Bought  int     `json:"bought"`
	Failed  int     `json:"failed"`
	InDoubt int     `json:"in_doubt"`
	Skipped int     `json:"skipped"`
	Up      int     `json:"instances_up"`   // as the bake's last look saw them; 0 without a bake
	Down    int     `json:"instances_down"` // likewise
	Elapsed float64 `json:"elapsed_seconds"`
}

type jsonRunWaveEvent struct {
	envelope
	Wave jsonRunWave `json:"wave"`
}

type jsonBake struct {
	Run       string `json:"run"`
	Wave      string `json:"wave"`
	Until     string `json:"until"`
	Up        int    `json:"instances_up"`
	Coming    int    `json:"instances_coming"`
	Down      int    `json:"instances_down"`
	Unwatched int    `json:"instances_unwatched"` // unpaid, or without a sourceId
}

type jsonBakeEvent struct {
	envelope
	Bake jsonBake `json:"bake"`
}

type jsonSpeed struct {
	Run         string  `json:"run"`
	Region      string  `json:"region"`
	Parallelism int     `json:"parallelism"`      // calls in flight
	Rate        float64 `json:"calls_per_second"` // 0: no limit
	Reason      string  `json:"reason,omitempty"`
}

type jsonSpeedEvent struct {
	envelope
	Speed jsonSpeed `json:"speed"`
}

type jsonCommand struct {
	Run string `json:"run"`
	By  string `json:"by"`
}

type jsonCommandEvent struct {
	envelope
	Command jsonCommand `json:"command"`
}

// wave prints what happens between calls.
func (j jsonProgress) wave(e apply.Event, t *tally) []byte {
	switch e := e.(type) {
	case apply.WaveStarted:
		return j.waveEvent(levelInfo, "wave_start", "wave "+waveStartText(t), e.At, waveJSON(t, e.Wave))
	case apply.AwaitingApproval:
		return j.waveEvent(levelWarn, "wave_approval", "waiting for approval of "+approvalText(e), e.At, waveJSON(t, e.Wave.Wave))
	case apply.WaveEnded:
		return j.waveEnded(e, t)
	case apply.Baking:
		return j.enc.encode(jsonBakeEvent{envelopeAt(levelInfo, "bake_progress", "wave "+Sanitize(e.Wave)+" bakes: "+bakeText(e, e.At), e.At), jsonBake{
			Run: t.run, Wave: e.Wave, Until: eventTime(e.Until), Up: e.Up, Coming: e.Coming, Down: e.Down, Unwatched: e.Unwatched,
		}})
	case apply.SpeedChanged:
		message := Sanitize(e.Region) + ": " + speedText(speed{e.Parallelism, e.Rate}) + " at most"
		return j.enc.encode(jsonSpeedEvent{envelopeAt(levelInfo, "speed_change", message, e.At), jsonSpeed{
			Run: t.run, Region: e.Region, Parallelism: e.Parallelism, Rate: e.Rate, Reason: e.Reason,
		}})
	case apply.Paused:
		return j.command("run_paused", "paused by "+e.By, e.By, t, e.At)
	case apply.Resumed:
		return j.command("run_resumed", "resumed by "+e.By, e.By, t, e.At)
	}
	return nil
}

func (j jsonProgress) waveEvent(level, kind, message string, at time.Time, w jsonRunWave) []byte {
	return j.enc.encode(jsonRunWaveEvent{envelopeAt(level, kind, message, at), w})
}

func (j jsonProgress) waveEnded(e apply.WaveEnded, t *tally) []byte {
	w := t.waves[t.waveNamed(e.Wave)]
	level := levelInfo
	if e.End != apply.WaveGood {
		level = levelWarn
	}
	of := waveJSON(t, e.Wave)
	of.Result = &jsonWaveEnded{
		End: e.End.String(), Reason: e.Reason, Bought: w.sum.bought, Failed: w.sum.failed, InDoubt: w.sum.inDoubt,
		Skipped: w.sum.skipped, Up: w.bake.Up, Down: w.bake.Down, Elapsed: w.took().Seconds(),
	}
	return j.waveEvent(level, "wave_complete", "wave "+waveEndText(w), e.At, of)
}

func (j jsonProgress) command(kind, message, by string, t *tally, at time.Time) []byte {
	return j.enc.encode(jsonCommandEvent{envelopeAt(levelInfo, kind, message, at), jsonCommand{Run: t.run, By: by}})
}

func waveJSON(t *tally, name string) jsonRunWave {
	at := t.waveNamed(name)
	w := t.waves[at]
	out := jsonRunWave{
		Run: t.run, Wave: w.name, Number: at + 1, Of: len(t.waves), Orders: w.sum.orders, Instances: w.sum.instances,
		Regions: []jsonWavePart{},
	}
	for _, r := range w.regions {
		out.Regions = append(out.Regions, jsonWavePart{r.name, r.orders, r.instances})
	}
	return out
}
