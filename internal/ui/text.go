package ui

import (
	"fmt"
)

// Text is the view for people.
type Text struct {
	out, err *output
	failed   error
	shown    bool // something stands above what comes next
	heldTold bool // that orders stay in doubt stands above, with what to do about them
}

// NewText returns a view that writes to s.
func NewText(s Streams) *Text {
	return &Text{out: newOutput(s.Out), err: newOutput(s.Err)}
}

// Version says nothing: people ask for it.
func (t *Text) Version(string) {}

// Notice prints a paragraph to Err. A line that begins with a space, such as a command to copy, is not broken.
func (t *Text) Notice(text string) {
	t.apart()
	for _, line := range wrap(SanitizeText(text), t.err.width()) {
		t.err.println(line)
	}
	t.flush(t.err)
}

// Err is the first error of writing.
func (t *Text) Err() error { return t.failed }

// apart sets what is printed to Err apart from a plan or a result above it.
func (t *Text) apart() {
	if t.shown {
		t.err.print("\n")
	}
	t.shown = false
}

func (t *Text) flush(o *output) {
	if err := o.flush(); err != nil && t.failed == nil {
		t.failed = fmt.Errorf("writing the result: %w", err)
	}
}
