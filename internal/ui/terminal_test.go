package ui_test

import (
	"fmt"
	"strings"
	"sync"

	"github.com/jedib0t/go-pretty/v6/text"
)

// A screen understands the few codes that a board is drawn with, and fails the test at any other and at a line that
// the terminal would break. It has no bottom: what scrolls off stays to be looked at.
type screen struct {
	t      failer
	mu     sync.Mutex
	width  int
	height int  // 0: frames are not held against it
	breaks bool // what stands above a frame may have words that are too long for a line
	lines  []string
	row    int
	top    int // where the cursor last moved up to: what stands from there on is drawn over
}

// A failer is a test, or a check of a property.
type failer interface {
	Error(args ...any)
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
}

// last is what was drawn last.
func (s *screen) last() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return strings.Join(s.lines[s.top:], "\n")
}

func (s *screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	rest := string(p)
	for rest != "" {
		rest = s.next(rest)
	}
	return len(p), nil
}

// next acts on the first line or code and returns what follows.
func (s *screen) next(in string) string {
	for len(s.lines) <= s.row {
		s.lines = append(s.lines, "")
	}
	var up int
	switch {
	case in[0] == '\n':
		s.row++
		return in[1:]
	case in[0] == '\r':
		s.t.Error("a carriage return that no move up precedes")
		return in[1:]
	case strings.HasPrefix(in, "\x1b[J"):
		s.lines = append(s.lines[:s.row], "")
		return in[len("\x1b[J"):]
	case strings.HasPrefix(in, "\x1b[K"):
		return in[len("\x1b[K"):]
	}
	if n, _ := fmt.Sscanf(in, "\x1b[%dA\r", &up); n == 1 {
		if s.height > 0 && up >= s.height {
			s.t.Errorf("a frame of %d lines and the cursor's do not fit into %d", up, s.height)
		}
		s.row -= up
		s.top = s.row
		if s.row < 0 {
			s.t.Fatalf("moved up %d lines beyond the top", -s.row)
		}
		_, rest, _ := strings.Cut(in, "A\r")
		return rest
	}
	line, _, _ := strings.Cut(in, "\n")
	shown, _, erased := strings.Cut(line, "\x1b[K")
	if w := text.StringWidthWithoutEscSequences(shown); w > s.width && !s.breaks {
		s.t.Errorf("%d columns do not fit into %d: %s", w, s.width, shown)
	}
	if old := s.lines[s.row]; !erased && text.StringWidthWithoutEscSequences(old) > text.StringWidthWithoutEscSequences(shown) {
		s.t.Errorf("%q would show through behind %q", old, shown)
	}
	s.lines[s.row] = shown
	return in[len(shown):]
}

// resize breaks the lines that a narrower terminal breaks; the cursor stays where it is in the text.
func (s *screen) resize(width int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.width = width
	var lines []string
	for i, line := range s.lines {
		if i == s.row {
			s.row = len(lines)
		}
		for len(line) > width { // what the test shows is ASCII
			lines = append(lines, line[:width])
			line = line[width:]
		}
		lines = append(lines, line)
	}
	s.lines = lines
}

func (s *screen) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return strings.Join(s.lines, "\n")
}
