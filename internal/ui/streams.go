package ui

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"
)

// Streams are where a command reads and writes. Make them once, with [Standard], and pass them on.
type Streams struct {
	In  io.Reader
	Out Stream // data
	Err Stream // progress, warnings, errors
}

// A Stream is a place to write to. Its zero values but the writer fit a file or a pipe.
type Stream struct {
	io.Writer
	Color    bool              // colours may be used
	Terminal bool              // a person looks at it: what was written may be drawn over
	Size     func() (w, h int) // of the terminal; nil: not a terminal, nothing is shortened
}

// Standard returns the process's own streams. A terminal gets colours unless noColor, NO_COLOR or TERM=dumb speak
// against it.
func Standard(noColor bool) Streams {
	plain := noColor || os.Getenv("NO_COLOR") != "" || os.Getenv("TERM") == "dumb"
	return Streams{In: os.Stdin, Out: fileStream(os.Stdout, plain), Err: fileStream(os.Stderr, plain)}
}

func fileStream(f *os.File, plain bool) Stream {
	fd := int(f.Fd())
	if !term.IsTerminal(fd) {
		return Stream{Writer: f}
	}
	size := func() (int, int) {
		w, h, err := term.GetSize(fd)
		if err != nil || w <= 0 || h <= 0 {
			return fallbackWidth, fallbackHeight
		}
		return w, h
	}
	return Stream{Writer: f, Color: !plain, Terminal: os.Getenv("TERM") != "dumb", Size: size}
}

const (
	fallbackWidth  = 80
	fallbackHeight = 24
	// leastWidth is what a layout is made for on narrower terminals: they may break lines.
	leastWidth = 40
)

// width is how long a line may be; 0 is as long as it likes.
func (s Stream) width() int {
	if s.Size == nil {
		return 0
	}
	w, _ := s.Size()
	return max(w, leastWidth)
}

// Attended tells whether In is a terminal, where somebody may sit who can be asked.
func (s Streams) Attended() bool {
	in, ok := s.In.(*os.File)
	return ok && term.IsTerminal(int(in.Fd()))
}

// maxAnswer bounds what is read of an answer.
const maxAnswer = 1024

// Confirm asks on Err and reports whether the answer is exactly yes. The end of input is no.
func (s Streams) Confirm(question string) (bool, error) {
	question = strings.Join(wrap(SanitizeText(question), s.Err.width()), "\n")
	if _, err := fmt.Fprintf(s.Err, "%s\nOnly \"yes\" goes on: ", question); err != nil {
		return false, fmt.Errorf("asking for confirmation: %w", err)
	}
	answer, err := bufio.NewReader(io.LimitReader(s.In, maxAnswer)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return false, fmt.Errorf("reading the confirmation: %w", err)
	}
	if err != nil || !s.Attended() {
		_, _ = fmt.Fprintln(s.Err) // nobody's Enter has ended the line
	}
	return strings.TrimSpace(answer) == "yes", nil
}
