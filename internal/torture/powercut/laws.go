package powercut

import (
	"bytes"
	"encoding/json"
	"regexp"
)

// markerBegin is how a marker begins, which the body of every create carries.
const markerBegin = "[bf:"

var markerPattern = regexp.MustCompile(`\[bf:[0-9A-Z]+\]`)

// Duties are what every image of a tick is held to.
type Duties struct {
	Sent []string // the markers of the calls that may have left by then: the state has to know each of them
	Told []string // the buyIds that the program had said were bought by then: the state has to hold each of them

	// Adopted are the markers of the calls that the program had said it found out about by then: the state has to hold
	// what they bought.
	Adopted []string
}

// Sum is how many duties there are.
func (d Duties) Sum() int { return len(d.Sent) + len(d.Told) + len(d.Adopted) }

// Duties returns what every image of the tick is held to.
func (t *Trace) Duties(tick int) Duties {
	var d Duties
	var said []byte
	for _, o := range t.Ops {
		switch {
		case o.Begin > tick:
		case o.Kind == Send:
			for _, marker := range markerPattern.FindAll(o.Data, -1) {
				d.Sent = append(d.Sent, string(marker))
			}
		case o.Kind == Print && o.File == 1:
			said = append(said, o.Data...)
		}
	}
	d.hear(said)
	return d
}

// hear takes in what the whole lines of a program's JSON output say.
func (d *Duties) hear(said []byte) {
	for line := range bytes.Lines(said) {
		var event struct {
			Type string `json:"type"`
			Hook struct {
				BuyID string `json:"buy_id"`
			} `json:"hook"`
			Finding struct {
				Verdict string `json:"verdict"`
				Marker  string `json:"marker"`
			} `json:"finding"`
		}
		switch json.Unmarshal(line, &event); {
		case event.Type == "apply_complete":
			d.Told = append(d.Told, event.Hook.BuyID)
		case event.Finding.Verdict == "adopted":
			d.Adopted = append(d.Adopted, event.Finding.Marker)
		}
	}
}

// Output is all that the program printed to the standard output, or to the standard error when stream is 2.
func (t *Trace) Output(stream int) string {
	var said []byte
	for _, o := range t.Ops {
		if o.Kind == Print && o.File == stream {
			said = append(said, o.Data...)
		}
	}
	return string(said)
}
