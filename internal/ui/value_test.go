package ui_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/zclconf/go-cty/cty"

	"github.com/bastion-fleet/bastion-fleet/internal/ui"
	"github.com/bastion-fleet/bastion-fleet/pkg/fleet"
)

var nested = cty.ObjectVal(map[string]cty.Value{
	"a b":   cty.StringVal("say \"hi\"\t\\ \u202e\x1b"),
	"list":  cty.ListVal([]cty.Value{cty.NumberFloatVal(0.5), cty.UnknownVal(cty.Number), cty.NullVal(cty.Number)}),
	"map":   cty.MapVal(map[string]cty.Value{"k": cty.True}),
	"set":   cty.SetVal([]cty.Value{cty.StringVal("x")}),
	"tuple": cty.TupleVal([]cty.Value{cty.EmptyTupleVal, cty.EmptyObjectVal, cty.NullVal(cty.DynamicPseudoType)}),
	"lines": cty.StringVal("one\n\n two\n"),
	"mark":  cty.StringVal("hunter2").Mark("sensitive"),
})

// TestValues holds the forms of values: as lines, as one line, and as JSON.
func TestValues(t *testing.T) {
	lines, _ := shown(80, false, func(v ui.View) { v.Result(nested) })
	oneLine, _ := shown(0, false, func(v ui.View) { v.Result(nested) })
	script := events(t, func(v ui.View) { v.Result(nested) })
	golden(t, "values.txt", lines+"\n"+oneLine+"\n"+script)
}

func outputs() []fleet.Output {
	ids := map[string]cty.Value{}
	for _, c := range "abcdefghijklmnopqrstuvwxyz" {
		ids[string(c)] = cty.StringVal(strings.Repeat(string(c), 300))
	}
	return []fleet.Output{
		{Name: "ids", Value: cty.MapVal(ids)},
		{Name: "secret", Value: cty.StringVal("hunter2"), Sensitive: true},
		{Name: "waits", Value: cty.TupleVal([]cty.Value{cty.UnknownVal(cty.String), cty.Zero})},
	}
}

// TestOutputs holds that an apply shows the first lines of its outputs, and the output command all of them.
func TestOutputs(t *testing.T) {
	applied, _ := shown(0, false, func(v ui.View) { v.Outputs(outputs()) })
	all, _ := shown(0, false, func(v ui.View) { v.OutputList(outputs()) })
	script := events(t, func(v ui.View) { v.Outputs(outputs()[1:]) })
	golden(t, "outputs.txt", applied+"\n"+script)
	if n := strings.Count(all, "\n"); n != 1+26+1+1+3+1 {
		t.Errorf("%d lines:\n%s", n, all)
	}
	if strings.Contains(all+applied+script, "hunter2") {
		t.Error("a sensitive value is shown")
	}
	if out, err := shown(0, false, func(v ui.View) { v.Outputs(nil) }); out+err != "" {
		t.Errorf("no outputs show as %q", out+err)
	}
}

// TestOutputByName holds what is shown of one output.
func TestOutputByName(t *testing.T) {
	secret := outputs()[1]
	text, _ := shown(0, false, func(v ui.View) { v.OutputValue(secret) })
	script := jsonShown(func(v ui.View) { v.OutputValue(secret) })
	if d := cmp.Diff([]string{"(sensitive value)\n", "\"hunter2\"\n"}, []string{text, script}); d != "" {
		t.Error(d)
	}
	raw := map[string]cty.Value{"a\n": cty.StringVal("a\n"), "12345678901234567890": cty.MustParseNumberVal("12345678901234567890"), "true": cty.True}
	for want, v := range raw {
		if got, err := ui.RawOutput(fleet.Output{Value: v}); got != want || err != nil {
			t.Errorf("%q, %v", got, err)
		}
	}
	for _, v := range []cty.Value{cty.UnknownVal(cty.String), cty.NullVal(cty.String), cty.EmptyObjectVal} {
		if got, err := ui.RawOutput(fleet.Output{Value: v}); got != "" || err == nil {
			t.Errorf("%#v has the raw form %q", v, got)
		}
	}
}
