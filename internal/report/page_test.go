package report

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"html"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/bastion-fleet/bastion-fleet/pkg/state"
)

// TestPageNeedsNothingElse holds the page to its policy: what it runs is its own, and nothing in it can fetch anything.
func TestPageNeedsNothingElse(t *testing.T) {
	page := written(t, "html", folded(t, smallRun()))
	policy := html.UnescapeString(regexp.MustCompile(`http-equiv="Content-Security-Policy" content="([^"]*)"`).FindStringSubmatch(page)[1])
	if !strings.HasPrefix(policy, "default-src 'none'; ") || strings.Contains(policy, "unsafe") {
		t.Errorf("the policy is %q", policy)
	}
	blocks := regexp.MustCompile(`(?s)<(style|script)>(.*?)</(?:style|script)>`).FindAllStringSubmatch(page, -1)
	if len(blocks) != 3 {
		t.Fatalf("%d styles and scripts", len(blocks))
	}
	for _, b := range blocks {
		sum := sha256.Sum256([]byte(b[2]))
		if hash := base64.StdEncoding.EncodeToString(sum[:]); !strings.Contains(policy, "'sha256-"+hash+"'") {
			t.Errorf("the policy does not let a %s run", b[1])
		}
	}
	for _, fetching := range []string{`\ssrc=`, `<link`, `<img`, `url\(`, `@import`, `<iframe`, `\sstyle=`, `\son[a-z]+=`, `fetch\(`, `XMLHttp`} {
		if found := regexp.MustCompile(fetching).FindString(page); found != "" {
			t.Errorf("%q is in the page", found)
		}
	}
	for _, link := range regexp.MustCompile(`href="([^"]*)"`).FindAllStringSubmatch(page, -1) {
		if id, within := strings.CutPrefix(link[1], "#"); !within || !strings.Contains(page, `id="`+id+`"`) {
			t.Errorf("the link %q leads out of the page or nowhere", link[1])
		}
	}
}

// TestPageIsAccessible holds what can be told of that from the page's text.
func TestPageIsAccessible(t *testing.T) {
	for name, page := range map[string]string{
		"small": written(t, "html", folded(t, smallRun())), "large": written(t, "html", folded(t, largeRun(2_000))),
	} {
		for _, has := range []string{`<html lang="en">`, `<title>Incomplete: run `, `<meta name="viewport" content="width=device-width, initial-scale=1">`, `<label for="find">`} {
			if !strings.Contains(page, has) {
				t.Errorf("%s: there is no %s", name, has)
			}
		}
		if n := strings.Count(page, "<h1>"); n != 1 {
			t.Errorf("%s: %d headings of the first level", name, n)
		}
		if tables, captions := strings.Count(page, "<table"), strings.Count(page, "<caption"); tables != captions {
			t.Errorf("%s: %d tables and %d captions", name, tables, captions)
		}
		for _, chart := range regexp.MustCompile(`<svg[^>]*>`).FindAllString(page, -1) {
			if !strings.Contains(chart, `role="img" aria-label="`) && !strings.Contains(chart, `class="ticks"`) {
				t.Errorf("%s: a chart says nothing to those who can't see it: %s", name, chart)
			}
		}
		for _, labelled := range regexp.MustCompile(`aria-labelledby="([^"]*)"`).FindAllStringSubmatch(page, -1) {
			if !strings.Contains(page, `id="`+labelled[1]+`"`) {
				t.Errorf("%s: nothing has the id %s", name, labelled[1])
			}
		}
	}
}

// TestColoursHaveContrast holds every colour of a text to what WCAG asks for on every ground that it stands on, by day and by
// night.
func TestColoursHaveContrast(t *testing.T) {
	_, night, _ := strings.Cut(pageStyle, "prefers-color-scheme: dark")
	for name, style := range map[string]string{"day": pageStyle, "night": night} {
		colours := map[string]string{}
		for _, c := range regexp.MustCompile(`--([a-z0-9-]+): (#[0-9a-f]+)`).FindAllStringSubmatch(style, -1) {
			if _, known := colours[c[1]]; !known {
				colours[c[1]] = c[2]
			}
		}
		for _, pair := range strings.Fields("ink/page ink/card soft/page soft/card soft/field link/page link/card good/card warn/card bad/card good/good-back warn/warn-back bad/bad-back ink/warn-back ink/field") {
			text, ground, _ := strings.Cut(pair, "/")
			if c := contrast(t, colours[text], colours[ground]); c < 4.5 {
				t.Errorf("by %s, %s on %s has a contrast of %.1f", name, text, ground, c)
			}
		}
		for _, mark := range []string{"c-bought", "c-throttled", "c-refused", "c-unknown", "c-p50"} {
			if c := contrast(t, colours[mark], colours["card"]); c < 2.3 {
				t.Errorf("by %s, %s has a contrast of %.1f", name, mark, c)
			}
		}
	}
}

// contrast is WCAG's contrast ratio of two colours.
func contrast(t *testing.T, a, b string) float64 {
	t.Helper()
	l, m := luminance(t, a), luminance(t, b)
	return (max(l, m) + 0.05) / (min(l, m) + 0.05)
}

func luminance(t *testing.T, colour string) float64 {
	t.Helper()
	hex := strings.TrimPrefix(colour, "#")
	if len(hex) == 3 {
		hex = string([]byte{hex[0], hex[0], hex[1], hex[1], hex[2], hex[2]})
	}
	n, err := strconv.ParseUint(hex, 16, 32)
	if err != nil || len(hex) != 6 {
		t.Fatalf("%q is no colour", colour)
	}
	light := 0.0
	for i, weight := range []float64{0.0722, 0.7152, 0.2126} {
		c := float64(n>>(8*i)&0xff) / 255
		if c <= 0.03928 {
			c /= 12.92
		} else {
			c = math.Pow((c+0.055)/1.055, 2.4)
		}
		light += weight * c
	}
	return light
}

// TestPageIsBounded holds the page's size, what it lists first, and that it says what it leaves out.
func TestPageIsBounded(t *testing.T) {
	r := folded(t, largeRun(1_000))
	failed := r.Counts.Failed + r.Counts.InDoubt + r.Counts.NotTried
	for len(r.Orders) < 30_000 {
		r.Orders = append(r.Orders, r.Orders[:1_000]...)
	}
	page := written(t, "html", r)
	if rows := strings.Count(page, "\n<tr><td>"); rows != pageOrders {
		t.Errorf("%d rows", rows)
	}
	if !strings.Contains(page, "10,000 orders are not here. All of them: bastion-fleet report 20261123T101500Z-k7q2m9 --csv") {
		t.Error("it is not said what is left out")
	}
	if _, body, _ := strings.Cut(page, `<table id="table"`); failed == 0 || strings.Index(body, `"chip`) > strings.Index(body, "<td>bought") {
		t.Error("those that need a look don't come first")
	}
	for i := range r.Orders {
		r.Orders[i].SourceIDs = []string{strings.Repeat("s", 2_000)}
	}
	if page = written(t, "html", r); len(page) > pageOrderText+1<<20 {
		t.Errorf("with long ids it has %d bytes", len(page))
	}
}

// TestHostileTexts puts texts that somebody else may have made where each form would act on them.
func TestHostileTexts(t *testing.T) {
	const evil = "\x1b[31m\u202e</script><script>alert(1)</script><b onclick=x>`\\|@me |@all=1\n=cmd|' /C calc'!A0\t"
	s := smallRun()
	s.head.Fleet, s.head.Endpoint = evil, evil
	for i := range s.entries {
		if n := s.entries[i].Note; n != nil {
			n.Region, n.Text, n.By = n.Region+evil, evil, evil
			if n.Kind == state.NoteSpeedChanged {
				n.Kind = "evil" + evil
			}
		}
		if in := s.entries[i].Intent; in != nil {
			in.Order.Region, in.Order.Spec = evil, evil
		}
		if o := s.entries[i].Outcome; o != nil {
			o.Purchase.BuyID, o.Purchase.SourceIDs, o.Purchase.RequestID, o.Failure.Message = "="+evil, []string{evil, "-1"}, "@"+evil, evil
		}
	}
	r := folded(t, s)
	for form := range forms {
		text := written(t, form, r)
		if strings.ContainsAny(text, "\x1b\u202e") {
			t.Errorf("%s: it holds what a terminal would act on", form)
		}
	}
	page := written(t, "html", r)
	if strings.Contains(page, "<script>alert") || strings.Contains(page, "<b onclick") || strings.Count(page, "</script>") != 2 {
		t.Error("the page holds markup from outside")
	}
	for _, row := range readCSV(t, written(t, "csv", r)) {
		for title, cell := range row {
			if strings.ContainsAny(cell[:min(1, len(cell))], "=+-@\t") {
				t.Errorf("csv: %s is a formula: %q", title, cell)
			}
		}
	}
	for i, line := range strings.Split(written(t, "md", r), "\n") {
		if outside := outsideOfCode(line); strings.ContainsAny(outside, "@`") || strings.Contains(outside, "<b") {
			t.Errorf("md: line %d holds markup from outside: %q of %s", i+1, outside, line)
		}
	}
}

// outsideOfCode is what a line of Markdown holds beside code. A code ends with as many backticks as it begins with; in a table
// it also ends with its cell.
func outsideOfCode(line string) string {
	var outside strings.Builder
	for _, cell := range cells.FindAllString(line, -1) {
		for {
			before, rest, _ := strings.Cut(cell, "`")
			outside.WriteString(before)
			if rest == "" {
				break
			}
			fence := "`" + rest[:len(rest)-len(strings.TrimLeft(rest, "`"))]
			_, after, closed := strings.Cut(rest[len(fence)-1:], fence)
			if !closed {
				outside.WriteString("`" + rest)
				break
			}
			cell = after
		}
	}
	return outside.String()
}

// cells are a table's, as GitHub parts them: a backslash escapes what follows it.
var cells = regexp.MustCompile(`(\\.|[^|\\])+`)

func ExampleWriteCSV() {
	for _, text := range []string{"buy-1", "=1+1", "a;=1+1", "-1", "＝1"} {
		fmt.Println(cell(text))
	}
	// Output:
	// buy-1
	// '=1+1
	// a;'=1+1
	// '-1
	// '＝1
}
