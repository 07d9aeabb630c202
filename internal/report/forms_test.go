package report

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"flag"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bastion-fleet/bastion-fleet/internal/ui"
)

var update = flag.Bool("update", false, "write the forms of the small report anew")

// forms are what a report can be written as.
var forms = map[string]func(io.Writer, Report) error{
	"txt":  func(w io.Writer, r Report) error { return WriteText(ui.Stream{Writer: w}, r) },
	"md":   WriteMarkdown,
	"csv":  WriteCSV,
	"json": WriteJSON,
	"html": WriteHTML,
}

func folded(t testing.TB, s *script) Report {
	t.Helper()
	r, err := Fold(s.head, s.all())
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func written(t testing.TB, form string, r Report) string {
	t.Helper()
	var b bytes.Buffer
	if err := forms[form](&b, r); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

var ours = regexp.MustCompile(`(?s)<(style|script)>.*?</(style|script)>|<meta http-equiv[^>]*>`)

// TestForms holds the small report in every form to the files in testdata.
func TestForms(t *testing.T) {
	r := folded(t, smallRun())
	for form := range forms {
		t.Run(form, func(t *testing.T) {
			got := written(t, form, r)
			if form == "html" { // what the page looks like and does is none of the report
				got = ours.ReplaceAllString(got, "")
			}
			golden := filepath.Join("testdata", "small."+form)
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("it is not %s any more; with -update it is written anew:\n%s", golden, diff)
			}
		})
	}
}

// TestMarkdownFits holds the Markdown to its bound, and to saying what it leaves out.
func TestMarkdownFits(t *testing.T) {
	for _, n := range []int{100, 400, 4_000} {
		text := written(t, "md", folded(t, largeRun(n)))
		if len(text) > MaxMarkdown {
			t.Errorf("%d orders: %d bytes", n, len(text))
		}
		rows := strings.Count(text, "\n| `order.")
		said := strings.Contains(text, "orders are shown. All of them: `bastion-fleet report 20261123T101500Z-k7q2m9 --csv`")
		if said != (rows < n) {
			t.Errorf("%d of %d orders are there, and that some are left out is said: %v", rows, n, said)
		}
		if !strings.HasSuffix(text, "\n</details>\n") {
			t.Errorf("%d orders: it ends with %q", n, text[len(text)-40:])
		}
	}
}

// TestJSONReadsBack reads the JSON form into a report and compares.
func TestJSONReadsBack(t *testing.T) {
	for _, s := range []*script{smallRun(), largeRun(300), newScript()} {
		want := folded(t, s)
		var got Report
		dec := json.NewDecoder(strings.NewReader(written(t, "json", want)))
		dec.DisallowUnknownFields()
		if err := dec.Decode(&got); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(asJSON(t, want), asJSON(t, got)); diff != "" {
			t.Error(diff)
		}
	}
}

func asJSON(t *testing.T, v any) string {
	t.Helper()
	text, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func readCSV(t *testing.T, text string) []map[string]string {
	t.Helper()
	lines, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var rows []map[string]string
	for _, line := range lines[1:] {
		row := map[string]string{}
		for i, cell := range line {
			row[lines[0][i]] = cell
		}
		rows = append(rows, row)
	}
	return rows
}
