// Command picture draws a terminal's screen, with its colours, as an SVG: tmux capture-pane -e -p | picture > x.svg.
// The pictures in the documentation are drawn from real output by it (make picture).
package main

import (
	"bufio"
	"fmt"
	"html"
	"io"
	"log"
	"os"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Sizes in the picture's pixels.
const (
	cellWidth  = 8.43
	lineHeight = 18
	margin     = 16
)

// The colours of a dark terminal, by SGR number from 30.
var colours = [8]string{"#484f58", "#ff7b72", "#3fb950", "#d29922", "#58a6ff", "#bc8cff", "#39c5cf", "#c9d1d9"}

// A style is what the escape sequences so far have set.
type style struct {
	colour      string
	bold, faint bool
}

var sequence = regexp.MustCompile(`\x1b\[([0-9;]*)m`)

// hardSpaces keeps runs of spaces, which SVG would fold into one.
var hardSpaces = strings.NewReplacer(" ", "\u00a0")

func main() {
	log.SetFlags(0)
	var lines []string
	in := bufio.NewScanner(os.Stdin)
	for in.Scan() {
		lines = append(lines, strings.TrimRight(in.Text(), " "))
	}
	if err := in.Err(); err != nil {
		log.Fatal(err)
	}
	for len(lines) > 0 && lines[len(lines)-1] == "" {
		lines = lines[:len(lines)-1]
	}
	out := bufio.NewWriter(os.Stdout)
	draw(out, lines)
	if err := out.Flush(); err != nil {
		log.Fatal(err)
	}
}

func draw(w io.Writer, lines []string) {
	columns := 0
	for _, line := range lines {
		columns = max(columns, utf8.RuneCountInString(sequence.ReplaceAllString(line, "")))
	}
	width, height := float64(columns)*cellWidth+2*margin, len(lines)*lineHeight+2*margin
	fmt.Fprintf(w, `<svg xmlns="http://www.w3.org/2000/svg" width="%.0f" height="%d" viewBox="0 0 %.0f %d">`+"\n", width, height, width, height)
	fmt.Fprintln(w, `<rect width="100%" height="100%" rx="8" fill="#0d1117"/>`)
	fmt.Fprintln(w, `<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, monospace" font-size="14" fill="#c9d1d9">`)
	var s style
	for i, line := range lines {
		s = drawLine(w, line, margin+float64(i)*lineHeight+lineHeight*0.75, s)
	}
	fmt.Fprintln(w, "</g>\n</svg>")
}

// drawLine draws a line in runs of one style, each at its column, and returns the style at its end.
func drawLine(w io.Writer, line string, y float64, s style) style {
	column := 0
	run := func(text string) {
		n := utf8.RuneCountInString(text)
		if strings.TrimSpace(text) != "" {
			fmt.Fprintf(w, `<text x="%.1f" y="%.1f" textLength="%.1f"%s>%s</text>`+"\n",
				margin+float64(column)*cellWidth, y, float64(n)*cellWidth, s.attributes(), html.EscapeString(hardSpaces.Replace(text)))
		}
		column += n
	}
	for {
		at := sequence.FindStringSubmatchIndex(line)
		if at == nil {
			run(line)
			return s
		}
		run(line[:at[0]])
		s = s.apply(line[at[2]:at[3]])
		line = line[at[1]:]
	}
}

// apply reads a sequence's numbers: reset, bold, faint, and the sixteen colours.
func (s style) apply(numbers string) style {
	for _, text := range strings.Split(numbers, ";") {
		n, _ := strconv.Atoi(text) // an empty number is 0
		switch {
		case n == 0:
			s = style{}
		case n == 1:
			s.bold = true
		case n == 2:
			s.faint = true
		case n == 22:
			s.bold, s.faint = false, false
		case n >= 30 && n <= 37:
			s.colour = colours[n-30]
		case n == 39:
			s.colour = ""
		case n >= 90 && n <= 97:
			s.colour = colours[n-90]
		}
	}
	return s
}

func (s style) attributes() string {
	var a string
	if s.colour != "" {
		a += ` fill="` + s.colour + `"`
	}
	if s.bold {
		a += ` font-weight="bold"`
	}
	if s.faint {
		a += ` opacity="0.6"`
	}
	return a
}
