package ui_test

import (
	"errors"
	"io"
	"os"
	"strings"
	"testing"

	"golang.org/x/term"

	"github.com/bastion-fleet/bastion-fleet/internal/pty"
	"github.com/bastion-fleet/bastion-fleet/internal/ui"
)

// newTerminal returns a terminal's two ends: what a person types at and looks at, and what a program reads and writes.
func newTerminal(t *testing.T) (person, program *os.File) {
	t.Helper()
	person, program, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = person.Close(), program.Close() })
	return person, program
}

// A looker is a person who looks at a terminal.
type looker struct{ chunks chan string }

func newLooker(person io.Reader) looker {
	l := looker{make(chan string)}
	go func() {
		defer close(l.chunks)
		buf := make([]byte, 1024)
		for {
			n, err := person.Read(buf)
			if err != nil {
				return // the terminal's end
			}
			l.chunks <- string(buf[:n])
		}
	}()
	return l
}

// await looks on until the text stands at the end.
func (l looker) await(text string) {
	seen := ""
	for chunk := range l.chunks {
		if seen += chunk; strings.HasSuffix(seen, text) {
			return
		}
	}
}

// TestPrompt types at a terminal: lines can be edited and called back, Ctrl-D ends, and the terminal is left as it was.
func TestPrompt(t *testing.T) {
	person, program := newTerminal(t)
	before, err := term.GetState(int(program.Fd()))
	if err != nil {
		t.Fatal(err)
	}
	size := func() (int, int) { return 60, 24 }
	prompt, ok := ui.Streams{In: program, Out: ui.Stream{Writer: program, Terminal: true, Size: size}}.Prompt()
	if !ok {
		t.Fatal("no prompt at a terminal")
	}
	const up, left, backspace, end = "\x1b[A", "\x1b[D", "\x7f", "\x04"
	screen := newLooker(person)
	read := func(shown, typed string, continued bool) (string, error) {
		typing := make(chan error, 1)
		go func() {
			screen.await(shown) // typed earlier, it would reach the terminal before the prompt has taken it over
			_, err := person.WriteString(typed)
			typing <- err
		}()
		line, err := prompt.ReadLine(continued)
		return line, errors.Join(err, <-typing)
	}
	steps := []struct {
		shown, typed string
		continued    bool
		want         string
	}{
		{"> ", "order.gw\r", false, "order.gw"},
		{"> ", "[1,\r", false, "[1,"},
		{". ", "3x" + backspace + "]" + left + "0\r", true, "30]"},
		{"> ", up + up + up + ".buy_id\r", false, "order.gw.buy_id"},
	}
	for _, s := range steps {
		if got, err := read(s.shown, s.typed, s.continued); got != s.want || err != nil {
			t.Errorf("%q is read as %q, %v", s.typed, got, err)
		}
	}
	if _, err := read("> ", end, false); !errors.Is(err, io.EOF) {
		t.Errorf("Ctrl-D is read as %v", err)
	}
	if after, err := term.GetState(int(program.Fd())); err != nil || *after != *before {
		t.Errorf("the terminal was left in another state: %v", err)
	}
}

// TestNoPrompt holds that only somebody at a terminal is asked.
func TestNoPrompt(t *testing.T) {
	_, program := newTerminal(t)
	for name, s := range map[string]ui.Streams{
		"a pipe":           {In: strings.NewReader("1\n"), Out: ui.Stream{Writer: program, Terminal: true}},
		"output to a file": {In: program, Out: ui.Stream{Writer: io.Discard}},
	} {
		if _, ok := s.Prompt(); ok {
			t.Errorf("%s has a prompt", name)
		}
	}
}
