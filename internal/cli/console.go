package cli

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/bastion-fleet/bastion-fleet/internal/ui"
	"github.com/bastion-fleet/bastion-fleet/pkg/fleet"
)

func newConsoleCmd(g *globals) *cobra.Command {
	return &cobra.Command{
		Use:   "console",
		Short: "Try out expressions over the fleet and its state",
		Long: `Evaluate expressions over the fleet in this directory and what its state knows: var.NAME, local.NAME, order.NAME, and
all functions. Nothing is called, nothing is changed, and no credentials are needed.

At a terminal it asks for one expression after the other, with a history on the arrow keys; exit or Ctrl-D leaves. From a
pipe it reads an expression a line and prints a result a line. In both, an expression goes on while a bracket is open.

Exit codes: 0 done; 1 error, or from a pipe an expression had a mistake.`,
		Example: `  bastion-fleet console
  echo 'order.branch["bj"].buy_id' | bastion-fleet console
  echo '{ for k, o in order.branch : k => o if o.status != "bought" }' | bastion-fleet console --json`,
		Args: takes(0, 0, "no arguments: --chdir DIR names the fleet's directory"),
		RunE: func(*cobra.Command, []string) error { return g.console() },
	}
}

func (g *globals) console() error {
	g.view().Version(programVersion())
	f, s, err := g.fleetAndState(fleet.Options{Console: true})
	if err != nil {
		return err
	}
	console, diags := f.Console(s.Records)
	if g.refuse(diags, f) {
		return exitCode(exitError)
	}
	defer console.Close()
	session := &session{globals: g, fleet: f, console: console}
	if prompt, ok := g.streams().Prompt(); ok && !g.json {
		return session.ask(prompt)
	}
	return session.read(bufio.NewReader(g.streams().In))
}

// A session evaluates what is read, line by line.
type session struct {
	*globals
	fleet    fleet.Fleet
	console  *fleet.Console
	pending  string // the lines of an expression that is not finished
	line     int    // the last one's number
	first    int    // the number of pending's first line
	mistaken bool
}

// ask talks to a person.
func (s *session) ask(prompt *ui.Prompt) error {
	for {
		line, err := prompt.ReadLine(s.pending != "")
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return fmt.Errorf("reading an expression: %w", err)
		case s.pending == "" && strings.TrimSpace(line) == "exit":
			return nil
		}
		s.take(line, "<console>")
	}
}

// read evaluates what a pipe or a file holds.
func (s *session) read(in *bufio.Reader) error {
	for {
		line, err := readLine(in)
		if err == nil || line != "" {
			if s.pending == "" && strings.TrimSpace(line) == "exit" {
				break
			}
			s.take(line, "")
		}
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return fmt.Errorf("reading expressions: %w", err)
		}
	}
	if s.pending != "" {
		s.evaluate(s.origin()) // the mistake says what is open
	}
	if s.mistaken {
		return exitCode(exitError)
	}
	return nil
}

// readLine returns a line without its end. One that is longer than an expression may be is an error.
func readLine(in *bufio.Reader) (string, error) {
	var line strings.Builder
	for {
		part, err := in.ReadSlice('\n')
		line.Write(part)
		if line.Len() > fleet.MaxExpression+2 {
			return "", fmt.Errorf("a line has more than %d bytes", fleet.MaxExpression)
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return strings.TrimRight(line.String(), "\r\n"), err
		}
	}
}

// take adds a line to the expression, and evaluates it where it ends.
func (s *session) take(line, origin string) {
	s.line++
	if s.pending == "" {
		s.first = s.line
		if strings.TrimSpace(line) == "" {
			return
		}
	}
	s.pending += line + "\n"
	if fleet.Unfinished(s.pending) {
		return
	}
	if origin == "" {
		origin = s.origin()
	}
	s.evaluate(origin)
}

// origin names the input's line, as a file in diagnostics.
func (s *session) origin() string { return fmt.Sprintf("<input, line %d>", s.first) }

func (s *session) evaluate(origin string) {
	text := s.pending
	s.pending = ""
	if !strings.Contains(text, "<<") { // a heredoc ends with a line, and of all else an error is on the last
		text = strings.TrimSuffix(text, "\n")
	}
	v, diags := s.console.Evaluate(text, origin)
	if s.refuse(diags, s.fleet) {
		s.mistaken = true
		return
	}
	s.view().Result(v)
}
