package ui

// A Page is how another package prints something long to people in the layout of this one. What it is given is sanitized
// here.
type Page struct {
	o *output
}

// NewPage returns a page that goes to s. It reaches the reader with Flush.
func NewPage(s Stream) Page { return Page{newOutput(s)} }

// Mood colours what says how something went.
type Mood uint8

// The moods.
const (
	Plain Mood = iota
	Good
	Bad
	Uncertain
)

// Title prints a line that stands out, the end of it by its mood.
func (p Page) Title(text, verdict string, mood Mood) {
	codes := [...]string{Plain: "", Good: codeGreen, Bad: codeRed, Uncertain: codeYellow}
	p.o.println(p.o.bold(Sanitize(text)), p.o.with(codes[mood], Sanitize(verdict)))
}

// Facts prints names and values in two columns, indented. Empty values are left out.
func (p Page) Facts(pairs [][2]string) {
	t := Text{out: p.o}
	t.facts("  ", pairs)
}

// Heading prints a line that begins a part, with an empty one above.
func (p Page) Heading(text string) { p.o.println("\n", p.o.bold(Sanitize(text))) }

// Paragraph prints text, broken between words where it is wider than the terminal.
func (p Page) Paragraph(indent, text string) {
	width := p.o.width()
	if width > 0 {
		width -= len(indent)
	}
	for _, line := range wrap(Sanitize(text), width) {
		p.o.println(indent, line)
	}
}

// A TableColumn is a column of a table: its title, and where its cells stand.
type TableColumn struct {
	Title  string
	Right  bool // cells end below each other
	Shrink bool // on a narrow terminal, cells are shortened in their middle
	Drop   int  // on one that is too narrow all the same, the columns with the lowest number above 0 go first
}

// Table prints rows below titles, with an empty line above.
func (p Page) Table(columns []TableColumn, rows [][]string) {
	var g grid
	for _, c := range columns {
		made := column{title: c.Title, right: c.Right}
		switch {
		case c.Shrink:
			made.give, made.least, made.cut = 100, 12, shortenMiddle
		case c.Drop > 0:
			made.give, made.drop = c.Drop, true
		}
		g.columns = append(g.columns, made)
	}
	for _, row := range rows {
		cells := make([]string, len(row))
		for i, cell := range row {
			cells[i] = Sanitize(cell)
		}
		g.rows = append(g.rows, cells)
	}
	p.o.print("\n")
	g.print(p.o, "")
}

// Flush writes what was printed.
func (p Page) Flush() error { return p.o.flush() }
