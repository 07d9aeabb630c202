package ui

import (
	"fmt"
)

// Text is the view for people.
type Text struct {
	out, err *output
	failed   error
}

// NewText returns a view that writes to s.
func NewText(s Streams) *Text {
	return &Text{out: newOutput(s.Out), err: newOutput(s.Err)}
}

// Version says nothing: people ask for it.
func (t *Text) Version(string) {}

// Notice prints one line to Err.
func (t *Text) Notice(text string) {
	t.err.println(Sanitize(text))
	t.flush(t.err)
}

// Err is the first error of writing.
func (t *Text) Err() error { return t.failed }

func (t *Text) flush(o *output) {
	if err := o.flush(); err != nil && t.failed == nil {
		t.failed = fmt.Errorf("writing the result: %w", err)
	}
}
