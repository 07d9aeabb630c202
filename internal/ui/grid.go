package ui

import (
	"cmp"
	"slices"
	"strings"
)

// A grid lays rows out in aligned columns. It is its own, and not a table library's, because a plan of 100,000 rows
// has to be printed in a fraction of a second.
type grid struct {
	columns []column
	rows    [][]string // sanitized, without colours
}

type column struct {
	title  string
	right  bool
	give   int                      // which columns are shortened first on a narrow terminal: the lowest; 0 is never
	least  int                      // how far; 0 is not at all
	drop   bool                     // left out where even that is too wide
	cut    func(string, int) string // how; nil cuts at the end
	colour string                   // of its cells
}

const (
	columnGap = 2
	// maxPadding bounds how far one long cell moves the columns behind it.
	maxPadding = 60
)

// widths returns how wide each column is so that a row takes at most limit columns; limit 0 is no limit.
func (g *grid) widths(limit int) []int {
	widths := make([]int, len(g.columns))
	for i, c := range g.columns {
		widths[i] = widthOf(c.title)
	}
	for _, row := range g.rows {
		for i, cell := range row {
			widths[i] = max(widths[i], widthOf(cell))
		}
	}
	if limit == 0 {
		for i := range widths {
			widths[i] = min(widths[i], maxPadding)
		}
		return widths
	}
	return g.narrow(widths, limit)
}

// narrow takes from the columns what is too much, in the order in which they give.
func (g *grid) narrow(widths []int, limit int) []int {
	over := columnGap*(len(widths)-1) - limit
	for _, w := range widths {
		over += w
	}
	var givers []int
	for i, c := range g.columns {
		if c.give > 0 {
			givers = append(givers, i)
		}
	}
	slices.SortFunc(givers, func(a, b int) int { return cmp.Compare(g.columns[a].give, g.columns[b].give) })
	for _, i := range givers {
		if over <= 0 {
			break
		}
		least := g.columns[i].least
		if least == 0 {
			continue
		}
		taken := max(0, min(over, widths[i]-least))
		widths[i] -= taken
		over -= taken
	}
	for _, i := range givers {
		if over > 0 && g.columns[i].drop {
			over -= widths[i] + columnGap
			widths[i] = 0
		}
	}
	return widths
}

// remove takes a column out.
func (g *grid) remove(column int) {
	g.columns = slices.Delete(g.columns, column, column+1)
	for i, row := range g.rows {
		g.rows[i] = slices.Delete(row, column, column+1)
	}
}

// titles returns the columns' titles as a row.
func (g *grid) titles() []string {
	row := make([]string, len(g.columns))
	for i, c := range g.columns {
		row[i] = c.title
	}
	return row
}

// write prints one row without its line's end. The last column is not padded. With shortened false, a cell that is
// wider than its column is printed whole.
func (g *grid) write(o *output, row []string, widths []int, shortened bool) {
	last := len(row) - 1
	for last > 0 && row[last] == "" {
		last--
	}
	for i, cell := range row[:last+1] {
		if widths[i] == 0 {
			continue
		}
		c := g.columns[i]
		if shortened {
			cell = c.fit(cell, widths[i])
		}
		padding := widths[i] - widthOf(cell)
		if c.right {
			o.print(spaces(padding))
		}
		o.print(o.with(c.colour, cell))
		if i == last {
			return
		}
		if !c.right {
			o.print(spaces(padding))
		}
		o.print(spaces(columnGap))
	}
}

// line returns one row, shortened and padded to its full width, without colours.
func (g *grid) line(row []string, widths []int) string {
	var line strings.Builder
	for i, cell := range row {
		if widths[i] == 0 {
			continue
		}
		if line.Len() > 0 {
			line.WriteString(spaces(columnGap))
		}
		c := g.columns[i]
		line.WriteString(pad(c.fit(cell, widths[i]), widths[i], c.right))
	}
	return line.String()
}

func (c column) fit(cell string, width int) string {
	if c.cut != nil {
		return c.cut(cell, width)
	}
	return shorten(cell, width)
}

// print writes the titles and all rows, each with the indent before it.
func (g *grid) print(o *output, indent string) {
	limit := o.width()
	if limit > 0 {
		limit -= len(indent)
	}
	widths := g.widths(limit)
	o.println(indent, o.dim(strings.TrimRight(g.line(g.titles(), widths), " ")))
	for _, row := range g.rows {
		o.print(indent)
		g.write(o, row, widths, limit > 0)
		o.print("\n")
	}
}

const blank = "                                                                "

func spaces(n int) string {
	if n <= 0 {
		return ""
	}
	if n <= len(blank) {
		return blank[:n]
	}
	return strings.Repeat(" ", n)
}
