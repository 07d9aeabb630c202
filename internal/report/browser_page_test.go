package report

import (
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// TestPageInABrowser opens pages as people do: on a phone and on a desk, by day and by night, with scripts and without, on
// paper. Where no Chromium is, the other tests of the page have to do.
func TestPageInABrowser(t *testing.T) {
	b := startBrowser(t)
	if b == nil {
		fmt.Println("There is no Chromium here: the report's page was not opened in a browser.")
		return
	}
	const many = 600
	pages := map[string]string{}
	for name, s := range map[string]*script{"small": smallRun(), "large": largeRun(many), "empty": newScript()} {
		pages[name] = filepath.Join(t.TempDir(), name+".html")
		if err := os.WriteFile(pages[name], []byte(written(t, "html", folded(t, s))), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, page := range pages {
		for _, width := range []int{360, 1280} {
			b.look(width, width == 360, true)
			b.open(page)
			shows(t, b, "document.documentElement.scrollWidth > innerWidth", false)
			shows(t, b, "getComputedStyle(document.body).backgroundColor", map[int]string{360: "rgb(16, 19, 22)", 1280: "rgb(246, 247, 248)"}[width])
			shows(t, b, sumsFit, true)
			if t.Failed() {
				t.Fatalf("that was the page %s, %d wide", name, width)
			}
		}
	}
	withoutScripts(t, b, pages["large"], many)
	withScripts(t, b, pages["large"], many)
	for _, said := range b.said {
		t.Errorf("a page complains: %s", said)
	}
}

func shows(t *testing.T, b *browser, expression string, want any) {
	t.Helper()
	if got := b.eval(expression); got != want {
		t.Errorf("%s is %v, want %v", expression, got, want)
	}
}

const (
	// sumsFit tells whether a sum of hundreds of millions takes no more lines in a tile than what stands there.
	sumsFit = `[...document.querySelectorAll('.tiles dd:not(.more)')].every((d) => {
		const height = d.offsetHeight;
		d.textContent = '343,917,072.00';
		return d.offsetHeight === height;
	})`
	rowsShown = "[...document.querySelectorAll('#table tbody tr')].filter((r) => r.checkVisibility()).length"
	firstCell = "document.querySelector('#table tbody td').textContent"
)

// withoutScripts reads the page where no script runs: all of it is there, and nothing that would do nothing.
func withoutScripts(t *testing.T, b *browser, page string, orders int) {
	b.look(1280, false, false)
	b.open(page)
	shows(t, b, rowsShown, float64(orders))
	shows(t, b, "document.querySelector('#find').checkVisibility()", false)
	shows(t, b, "document.querySelector('#some').checkVisibility()", false)
}

// withScripts searches, sorts and prints.
func withScripts(t *testing.T, b *browser, page string, orders int) {
	b.look(1280, false, true)
	b.open(page)
	shows(t, b, rowsShown, 100.0)
	shows(t, b, "document.querySelector('#found').textContent", "600 orders")
	search := func(text string) {
		b.eval(fmt.Sprintf("(async () => { const find = document.querySelector('#find'); find.value = %q; find.dispatchEvent(new Event('input')); await new Promise((r) => setTimeout(r, 300)); })()", text))
	}
	search("SITE-000123 bought")
	shows(t, b, rowsShown, 1.0)
	shows(t, b, firstCell, `order.branch["site-000123"]`)
	shows(t, b, "document.querySelector('#found').textContent", "1 of 600 orders")
	search("")
	shows(t, b, rowsShown, 100.0)
	b.eval("document.querySelector('#all').click()")
	shows(t, b, rowsShown, float64(orders))

	heading := "document.querySelector('#table th:first-child')"
	b.eval(heading + ".querySelector('button').click()")
	shows(t, b, firstCell, `order.branch["site-000000"]`)
	shows(t, b, heading+".getAttribute('aria-sort')", "ascending")
	b.eval(heading + ".querySelector('button').click()")
	shows(t, b, firstCell, `order.branch["site-000599"]`)

	b.eval("document.querySelector('#failures details').open = false")
	b.eval("addEventListener('beforeprint', () => { window.printed = document.querySelector('#failures details').open })")
	paper, err := base64.StdEncoding.DecodeString(fmt.Sprint(b.mustAsk("Page.printToPDF", nil)["data"]))
	if err != nil || len(paper) < 10_000 {
		t.Errorf("on paper it has %d bytes: %v", len(paper), err)
	}
	shows(t, b, "window.printed", true)
	shows(t, b, "document.querySelector('#failures details').open", false)
}
