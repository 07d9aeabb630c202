package ui_test

import (
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
	"pgregory.net/rapid"

	"github.com/bastion-fleet/bastion-fleet/internal/ui"
	"github.com/bastion-fleet/bastion-fleet/pkg/apply"
	"github.com/bastion-fleet/bastion-fleet/pkg/order"
	"github.com/bastion-fleet/bastion-fleet/pkg/plan"
	"github.com/bastion-fleet/bastion-fleet/pkg/reconcile"
)

// A fleet's files, the API, a plan file, a state and a lock can all hold what somebody wants a terminal to do, or a
// person to believe. These tests put such texts everywhere that a view's arguments have room for one.

// harmful are the characters that a terminal acts on, or that hide or turn text around.
func harmful(r rune) bool {
	return r != '\n' && (unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Co, unicode.Cs, unicode.Zl, unicode.Zp))
}

// Forged is how an attacker's line begins. It may be shown, but not where lines begin that this program says.
const forged = "FORGED: Apply complete"

// drawHostile draws bytes and characters of any kind, and a line of its own.
func drawHostile(t *rapid.T) string {
	return string(rapid.SliceOfN(rapid.Byte(), 0, 8).Draw(t, "bytes")) + rapid.StringN(0, 8, -1).Draw(t, "text") +
		rapid.SampledFrom([]string{"\n", "\r\n", "\r", "\v", "\u0085", "\u2028", "\x1b[2K\r", "\x1b]0;t\a\n"}).Draw(t, "break") + forged
}

// choices are the values of the closed sets.
var choices = map[reflect.Type][]any{
	reflect.TypeFor[plan.Action]():            {plan.Create, plan.Grow, plan.Update, plan.Forget, plan.InDoubt},
	reflect.TypeFor[apply.End]():              {apply.EndSkipped, apply.EndBought, apply.EndFailed, apply.EndInDoubt},
	reflect.TypeFor[order.Class]():            {order.ClassInDoubt, order.ClassRejected, order.ClassDenied, order.ClassResolved},
	reflect.TypeFor[order.Result]():           {order.ResultInDoubt, order.ResultBought, order.ResultNotBought},
	reflect.TypeFor[hcl.DiagnosticSeverity](): {hcl.DiagError, hcl.DiagWarning},
	reflect.TypeFor[reconcile.Verdict](): {
		reconcile.Unlisted, reconcile.Adopted, reconcile.Partial, reconcile.Missing, reconcile.Duplicate, reconcile.NoMarker,
	},
	reflect.TypeFor[order.Field]():   {order.FieldSpec, order.FieldDesc}, // numbers are none of anybody else
	reflect.TypeFor[ui.Detail]():     {ui.Full, ui.Summary},
	reflect.TypeFor[apply.WaveEnd](): {apply.WaveNotBegun, apply.WaveUnapproved, apply.WaveCutShort, apply.WaveBad, apply.WaveGood},
	reflect.TypeFor[order.Key]():     {order.NoKey, order.IndexKey(3)}, // texts are drawn
	reflect.TypeFor[time.Time]():     {noon},
	reflect.TypeFor[hcl.Pos]():       {hcl.Pos{Line: 1, Column: 2, Byte: 1}, hcl.Pos{Line: 1, Column: 1, Byte: 0}},
}

// values have evil in every text.
func values(evil string) []cty.Value {
	text := cty.StringVal(evil)
	named := cty.ObjectVal(map[string]cty.Value{evil: text, "lines": cty.StringVal(evil + "\n"), "null": cty.NullVal(cty.String)})
	return []cty.Value{
		text, cty.StringVal(evil + "\n"), named, cty.TupleVal([]cty.Value{named, text}), cty.ListVal([]cty.Value{text}),
		cty.SetVal([]cty.Value{text}), cty.MapVal(map[string]cty.Value{evil: named}), text.Mark(evil), cty.UnknownVal(cty.String),
	}
}

// fill sets all that v has room for, with evil in every text.
func fill(t *rapid.T, v reflect.Value, evil string, depth int) {
	if among, ok := choices[v.Type()]; ok {
		v.Set(reflect.ValueOf(rapid.SampledFrom(among).Draw(t, v.Type().String())))
		if v.Type() == reflect.TypeFor[order.Key]() && rapid.Bool().Draw(t, "key") {
			v.Set(reflect.ValueOf(order.TextKey(evil)))
		}
		return
	}
	switch {
	case v.Type() == reflect.TypeFor[cty.Value]():
		v.Set(reflect.ValueOf(rapid.SampledFrom(values(evil)).Draw(t, "value")))
	case v.Type() == reflect.TypeFor[error]():
		v.Set(reflect.ValueOf(fmt.Errorf("%s: %w", evil, advised{errors.New(evil), evil})))
	case depth == 0 || !v.CanSet():
	case v.Kind() == reflect.String:
		v.SetString(evil)
	case v.CanInt():
		v.SetInt(rapid.Int64Range(0, 3).Draw(t, "n"))
	case v.CanUint():
		v.SetUint(rapid.Uint64Range(0, 3).Draw(t, "n"))
	case v.Kind() == reflect.Bool:
		v.SetBool(rapid.Bool().Draw(t, "flag"))
	case v.Type() == reflect.TypeFor[[]byte]():
		v.SetBytes([]byte(evil))
	case v.Kind() == reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		fill(t, v.Index(0), evil, depth-1)
		fill(t, v.Index(1), evil, depth-1)
	case v.Kind() == reflect.Map:
		key, element := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		fill(t, key, evil, depth-1)
		fill(t, element, evil, depth-1)
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(key, element)
	case v.Kind() == reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(t, v.Elem(), evil, depth-1)
	case v.Kind() == reflect.Struct:
		for i := range v.NumField() {
			fill(t, v.Field(i), evil, depth-1)
		}
		if c, is := v.Addr().Interface().(*plan.Change); is {
			c.Wave %= 2 // every slice has two
		}
	}
}

// deepest is how deep arguments are filled: their types may hold themselves.
const deepest = 8

type advised struct {
	error
	hint string
}

func (a advised) Hint() string { return a.hint }

// calls calls every method of a view, and every observer's with every event, with evil in every text.
func calls(t *rapid.T, v ui.View, evil string) {
	view := reflect.TypeFor[ui.View]()
	for m := range view.Methods() {
		if m.Name == "Notice" { // its lines are the program's own: who calls it sanitizes what it puts in
			v.Notice(strings.ReplaceAll(evil, "\n"+forged, ""))
			continue
		}
		args := make([]reflect.Value, m.Type.NumIn())
		for i := range args {
			args[i] = reflect.New(m.Type.In(i)).Elem()
			fill(t, args[i], evil, deepest)
		}
		results := reflect.ValueOf(v).MethodByName(m.Name).Call(args)
		if len(results) == 0 {
			continue
		}
		switch observer := results[0].Interface().(type) {
		case ui.Observer:
			for _, e := range []apply.Event{
				&apply.Started{}, &apply.WaveStarted{}, &apply.Calling{}, &apply.Retrying{}, &apply.Bought{}, &apply.Failed{}, &apply.InDoubt{},
				&apply.Skipped{}, &apply.RegionStopped{}, &apply.SpeedChanged{}, &apply.Paused{}, &apply.Resumed{}, &apply.Baking{},
				&apply.InstanceFailed{}, &apply.AwaitingApproval{}, &apply.Draining{}, &apply.NotRecorded{}, &apply.WaveEnded{}, &apply.Ended{},
			} {
				event := reflect.ValueOf(e).Elem()
				fill(t, event, evil, deepest)
				observer.Handle(event.Interface().(apply.Event))
			}
			observer.Close()
		case ui.SearchObserver:
			var step reconcile.Step
			fill(t, reflect.ValueOf(&step).Elem(), evil, deepest)
			observer.Handle(step)
			observer.Close()
		}
	}
}

// motions are what this package itself writes to a terminal.
var motions = regexp.MustCompile(`\x1b\[[0-9;]*[AJKm]|\r`)

func TestNoViewLetsAHostileTextAct(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		evil := drawHostile(rt)
		check := func(how, text string) {
			if i := strings.IndexFunc(text, harmful); i >= 0 || !utf8.ValidString(text) {
				rt.Errorf("%s: harmful at %d: %q", how, i, text[max(0, i-200):min(len(text), max(0, i)+200)])
			}
			if i := strings.Index(text, "\n"+forged); i >= 0 {
				rt.Errorf("%s: a forged line in %q", how, text[max(0, i-200):min(len(text), i+200)])
			}
		}
		show := func(v ui.View) { calls(rt, v, evil) }
		out, err := shown(0, false, show)
		check("text", out)
		check("text on stderr", err)
		check("JSON", jsonShown(show))
		out, err = shown(60, true, show)
		check("terminal", motions.ReplaceAllString(out, ""))
		check("terminal's stderr", motions.ReplaceAllString(err, ""))
	})
}
