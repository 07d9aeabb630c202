package ui

import (
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/zclconf/go-cty/cty"

	"github.com/bastion-fleet/bastion-fleet/pkg/fleet"
	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

// outputLines bounds what an apply shows of an output.
const outputLines = 25

// Outputs prints all outputs after an apply, of each its first lines.
func (t *Text) Outputs(outputs []fleet.Output) {
	if len(outputs) == 0 {
		return
	}
	t.out.print("\n", t.out.bold("Outputs:"), "\n\n")
	for _, o := range outputs {
		if !t.output(o, outputLines) {
			t.out.println("  (bastion-fleet output ", Sanitize(o.Name), " shows all of it)")
		}
	}
	t.shown = true
	t.flush(t.out)
}

// OutputList prints all outputs in full.
func (t *Text) OutputList(outputs []fleet.Output) {
	for _, o := range outputs {
		t.output(o, 0)
	}
	t.flush(t.out)
}

// output prints one output, and tells whether it is whole.
func (t *Text) output(o fleet.Output, most int) bool {
	text, whole := shownOutput(o, valueStyle{most: most})
	t.out.println(Sanitize(o.Name), " = ", text)
	return whole
}

// OutputValue prints one output's value.
func (t *Text) OutputValue(o fleet.Output) {
	text, _ := shownOutput(o, valueStyle{})
	t.out.println(text)
	t.flush(t.out)
}

func shownOutput(o fleet.Output, style valueStyle) (text string, whole bool) {
	if o.Sensitive {
		return order.SensitiveText, true
	}
	return valueText(o.Value, style)
}

// Result prints what an expression comes to: as lines for a person, on one line for a script.
func (t *Text) Result(v cty.Value) {
	text, _ := valueText(v, valueStyle{oneLine: !t.out.Terminal})
	t.out.println(text)
	t.flush(t.out)
}

// jsonOutput is an output in Terraform's form. Known tells whether Value is what it will be: what of it is unknown is null.
type jsonOutput struct {
	Sensitive bool            `json:"sensitive"`
	Type      json.RawMessage `json:"type,omitempty"`  // absent where it is sensitive: it names an object's attributes
	Value     json.RawMessage `json:"value,omitempty"` // absent where it is sensitive
	Known     bool            `json:"known"`
}

func outputsJSON(outputs []fleet.Output) map[string]jsonOutput {
	all := make(map[string]jsonOutput, len(outputs))
	for _, o := range outputs {
		out := jsonOutput{Sensitive: o.Sensitive, Known: o.Value.IsWhollyKnown()}
		if !o.Sensitive {
			out.Type, out.Value = typeJSON(o.Value), valueJSON(o.Value)
		}
		all[o.Name] = out
	}
	return all
}

// Outputs prints an event with all outputs, if there are any.
func (j *JSON) Outputs(outputs []fleet.Output) {
	if len(outputs) == 0 {
		return
	}
	j.emit(struct {
		envelope
		Outputs map[string]jsonOutput `json:"outputs"`
	}{newEnvelope(levelInfo, "outputs", "Outputs: "+strconv.Itoa(len(outputs))), outputsJSON(outputs)})
	j.flush()
}

// OutputList prints one object without an envelope, to be read whole.
func (j *JSON) OutputList(outputs []fleet.Output) { j.object(outputsJSON(outputs)) }

// OutputValue prints the value alone. A sensitive one is shown: it was asked for by its name.
func (j *JSON) OutputValue(o fleet.Output) { j.object(valueJSON(o.Value)) }

// Result prints an event with what an expression comes to.
func (j *JSON) Result(v cty.Value) {
	text, _ := valueText(v, valueStyle{oneLine: true, most: outputLines})
	unmarked, _ := v.UnmarkDeep()
	result := jsonOutput{Sensitive: v.ContainsMarked(), Value: valueJSON(v), Known: unmarked.IsWhollyKnown()}
	if !v.IsMarked() {
		result.Type = typeJSON(unmarked)
	}
	j.emit(struct {
		envelope
		Result jsonOutput `json:"result"`
	}{newEnvelope(levelInfo, "console_result", shorten(text, longestSource)), result})
	j.flush()
}

// RawOutput is a text, number or flag as it is, or why the output has no such form. On a terminal it must not be printed
// without Sanitize.
func RawOutput(o fleet.Output) (string, error) {
	switch v := o.Value; {
	case !v.IsKnown():
		return "", fmt.Errorf("the output %s is not known yet: it depends on what is not bought", o.Name)
	case v.IsNull():
		return "", fmt.Errorf("the output %s is null, which has no raw form", o.Name)
	case v.Type() == cty.String:
		return v.AsString(), nil
	case v.Type() == cty.Number, v.Type() == cty.Bool:
		text, _ := valueText(v, valueStyle{})
		return text, nil
	default:
		return "", fmt.Errorf("the output %s is %s, and only a text, a number or a flag has a raw form", o.Name, v.Type().FriendlyName())
	}
}
