package ui_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/bastion-fleet/bastion-fleet/internal/ui"
)

const fleetSource = "order \"gw\" {\n" +
	"\tquantiy = 2\n" +
	"  desc = \"北京\u202e\" # " + "long " + "comment, comment, comment, comment, comment, comment, comment, comment, comment\n" +
	"  spec = each.value.spec\r\n" +
	"}\n"

// mistakes are diagnostics of every form.
func mistakes(t *testing.T) (hcl.Diagnostics, map[string]*hcl.File) {
	t.Helper()
	file, diags := hclsyntax.ParseConfig([]byte(fleetSource), "main.fleet.hcl", hcl.InitialPos)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	at := func(text string) *hcl.Range {
		start := strings.Index(fleetSource, text)
		line := strings.Count(fleetSource[:start], "\n") + 1
		column := start - strings.LastIndex(fleetSource[:start], "\n")
		return &hcl.Range{
			Filename: "main.fleet.hcl",
			Start:    hcl.Pos{Line: line, Column: column, Byte: start},
			End:      hcl.Pos{Line: line, Column: column + len(text), Byte: start + len(text)},
		}
	}
	block := hcl.Range{
		Filename: "main.fleet.hcl", Start: hcl.InitialPos, End: hcl.Pos{Line: 5, Column: 2, Byte: len(fleetSource) - 1},
	}
	scope := &hcl.EvalContext{Variables: map[string]cty.Value{"each": cty.ObjectVal(map[string]cty.Value{
		"key": cty.StringVal("bj"), "value": cty.EmptyObjectVal,
	})}}
	return hcl.Diagnostics{
		{Severity: hcl.DiagError, Summary: "Unreadable file", Detail: "The file is gone.", Subject: &hcl.Range{Filename: "gone.fleet.hcl", Start: hcl.InitialPos, End: hcl.InitialPos}},
		{Severity: hcl.DiagWarning, Summary: "Whole block", Detail: "A subject of several lines.", Subject: &block},
		{Severity: hcl.DiagError, Summary: "Unknown attribute", Detail: `There is no attribute "quantiy" here. Did you mean "quantity"?`, Subject: at("quantiy")},
		{Severity: hcl.DiagWarning, Summary: "Long comment", Detail: "A comment of this length is hard to read, hard to keep true, and hard to find anything in. Write:\n\n  # short\n\nand no more.", Subject: at("comment, comment")},
		{Severity: hcl.DiagError, Summary: "Unsupported attribute", Detail: "each.value has no attribute spec.", Subject: at("each.value.spec"), EvalContext: scope.NewChild()},
		{Severity: hcl.DiagError, Summary: "No orders", Detail: "The fleet has no order."},
	}, map[string]*hcl.File{"main.fleet.hcl": file}
}

func TestDiagnosticsText(t *testing.T) {
	diags, files := mistakes(t)
	for _, width := range []int{0, 80, 200} {
		out, err := shown(width, false, func(v ui.View) { v.Diagnostics(diags, files) })
		golden(t, fmt.Sprintf("diagnostics-%d.txt", width), err)
		checkWidth(t, err, width)
		if out != "" {
			t.Errorf("diagnostics belong to stderr, this went to stdout: %s", out)
		}
	}
	_, colour := shown(80, true, func(v ui.View) { v.Diagnostics(diags, files) })
	golden(t, "diagnostics-80-colour.txt", colour)
}

func TestDiagnosticsJSON(t *testing.T) {
	diags, files := mistakes(t)
	golden(t, "diagnostics.ndjson", events(t, func(v ui.View) { v.Diagnostics(diags, files) }))
}

func TestPlacesOutsideOfTheFileAreSurvived(t *testing.T) {
	_, files := mistakes(t)
	for _, start := range []int{-1, len(fleetSource), len(fleetSource) + 1} {
		d := hcl.Diagnostics{{Severity: hcl.DiagError, Summary: "Odd place", Subject: &hcl.Range{
			Filename: "main.fleet.hcl", Start: hcl.Pos{Line: 9, Column: 1, Byte: start}, End: hcl.Pos{Line: 9, Column: 1, Byte: start + 1000},
		}}}
		if _, err := shown(80, false, func(v ui.View) { v.Diagnostics(d, files) }); !strings.Contains(err, "Odd place") {
			t.Errorf("byte %d: got %s", start, err)
		}
	}
}

// A log is no place for a line of ten thousand brackets either.
func TestOfALongLineThePartAroundTheMistakeIsShown(t *testing.T) {
	source := strings.Repeat("(", 10_000) + "mistake" + strings.Repeat(")", 10_000)
	at := hcl.Range{
		Filename: "main.fleet.hcl", Start: hcl.Pos{Line: 1, Column: 10_001, Byte: 10_000}, End: hcl.Pos{Line: 1, Column: 10_008, Byte: 10_007},
	}
	_, err := shown(0, false, func(v ui.View) {
		v.Diagnostics(hcl.Diagnostics{{Severity: hcl.DiagError, Summary: "Odd", Subject: &at}},
			map[string]*hcl.File{at.Filename: {Bytes: []byte(source)}})
	})
	if len(err) > 1000 || !strings.Contains(err, "(mistake)") || !strings.Contains(err, "…(((") || !strings.Contains(err, ")))…") {
		t.Errorf("%d bytes: %.2000s", len(err), err)
	}
}

type hinted struct{ error }

func (hinted) Hint() string { return "Set JDCLOUD_ACCESS_KEY." }

func TestErrors(t *testing.T) {
	tests := []struct {
		err  error
		want string
	}{
		{errors.New("no credentials were found"), "Error: No credentials were found\n"},
		{fmt.Errorf("planning: %w", hinted{errors.New("no credentials")}), "Error: Planning: no credentials\n\n  Set JDCLOUD_ACCESS_KEY.\n"},
		{errors.New("order.gw: out of place"), "Error: order.gw: out of place\n"},
		{fmt.Errorf("loading: %w", hcl.Diagnostics{{Severity: hcl.DiagError, Summary: "No fleet", Detail: "Write one."}}), "Error: No fleet\n\n  Write one.\n\n"},
	}
	for _, test := range tests {
		if _, got := shown(80, false, func(v ui.View) { v.Error(test.err) }); got != test.want {
			t.Errorf("got %q, want %q", got, test.want)
		}
	}
	golden(t, "errors.ndjson", events(t, func(v ui.View) {
		for _, test := range tests {
			v.Error(test.err)
		}
		v.Warning("the key is about to expire")
		v.Notice("the plan is saved")
	}))
}

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errors.New("no space left on device") }

func TestAViewKeepsTheErrorOfWriting(t *testing.T) {
	for _, json := range []bool{false, true} {
		v := ui.New(ui.Streams{Out: ui.Stream{Writer: broken{}}, Err: ui.Stream{Writer: broken{}}}, json)
		if v.Err() != nil {
			t.Error("an error before anything was written")
		}
		v.Plan(mixedPlan(), ui.Full)
		if err := v.Err(); err == nil || !strings.Contains(err.Error(), "no space left") {
			t.Errorf("json %v: got %v", json, err)
		}
	}
}
