package ui

import (
	"fmt"
	"io"
	"os"

	"golang.org/x/term"
)

// A Prompt asks a person at a terminal for lines, which can be edited and called back by the arrow keys.
type Prompt struct {
	in       *os.File
	out      Stream
	terminal *term.Terminal
}

// What stands before a line, and before one that continues it.
const (
	promptText   = "> "
	continueText = ". "
)

// Prompt returns a prompt, or false where nobody sits at a terminal that can show one.
func (s Streams) Prompt() (*Prompt, bool) {
	in, ok := s.In.(*os.File)
	if !ok || !s.Out.Terminal || !term.IsTerminal(int(in.Fd())) {
		return nil, false
	}
	return &Prompt{in: in, out: s.Out, terminal: newLineEditor(in, s.Out)}, true
}

func newLineEditor(in io.Reader, out io.Writer) *term.Terminal {
	return term.NewTerminal(struct {
		io.Reader
		io.Writer
	}{in, out}, promptText)
}

// ReadLine asks for a line; io.EOF is the end of the talk. The terminal is taken over only meanwhile, so that Ctrl-C ends
// what takes too long in between. continued tells that the line goes on with the one before.
func (p *Prompt) ReadLine(continued bool) (string, error) {
	before, err := term.MakeRaw(int(p.in.Fd()))
	if err != nil {
		return "", fmt.Errorf("taking over the terminal: %w", err)
	}
	defer func() { _ = term.Restore(int(p.in.Fd()), before) }()
	if p.out.Size != nil {
		_ = p.terminal.SetSize(p.out.Size()) // what it can't draw for that size, it leaves
	}
	p.terminal.SetPrompt(promptText)
	if continued {
		p.terminal.SetPrompt(continueText)
	}
	line, err := p.terminal.ReadLine()
	if err != nil {
		_, _ = io.WriteString(p.out, "\r\n") // what follows must not stand beside the prompt
	}
	return line, err
}
