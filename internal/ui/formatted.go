package ui

import (
	"strings"

	"github.com/rogpeppe/go-internal/diff"
)

// Formatted is a file whose layout was changed, or would be.
type Formatted struct {
	File    string // as it was named, or StandardInput
	Before  string
	After   string
	Written bool
	Diff    bool // show what differs
}

// StandardInput is the name of what is no file.
const StandardInput = "-"

// diff is what differs, as a unified diff: no line of it begins with one of the file's.
func (f Formatted) diff() string {
	name := Sanitize(f.File)
	return string(diff.Diff(name, []byte(f.Before), name, []byte(f.After)))
}

// Formatted prints the file's name, or what differs in it. Lines are shown as they can be read: with spaces for tabs.
func (t *Text) Formatted(f Formatted) {
	if !f.Diff {
		t.out.println(Sanitize(f.File))
		t.flush(t.out)
		return
	}
	for line := range strings.Lines(f.diff()) {
		line = showSource(strings.TrimRight(line, "\r\n"))
		switch {
		case strings.HasPrefix(line, "+"):
			line = t.out.green(line)
		case strings.HasPrefix(line, "-"):
			line = t.out.red(line)
		}
		t.out.println(line)
	}
	t.flush(t.out)
}

// Formatted prints a formatted event.
func (j *JSON) Formatted(f Formatted) {
	event := struct {
		envelope
		Formatted jsonFormatted `json:"formatted"`
	}{newEnvelope(levelInfo, "formatted", f.File), jsonFormatted{File: f.File, Written: f.Written}}
	if f.File == StandardInput {
		event.Formatted.Text = f.After
	}
	if f.Diff {
		event.Formatted.Diff = f.diff()
	}
	j.emit(event)
	j.flush()
}

type jsonFormatted struct {
	File    string `json:"file"`
	Written bool   `json:"written"`
	Text    string `json:"text,omitempty"` // laid out, of what came by standard input
	Diff    string `json:"diff,omitempty"`
}
