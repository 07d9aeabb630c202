package ui

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"time"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/hashicorp/hcl/v2"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
	"github.com/bastion-fleet/bastion-fleet/pkg/plan"
)

// JSON is the view for scripts: one JSON object a line on Out, in Terraform's envelope. The state's views are the
// exception: they print one value without an envelope, to be read whole.
type JSON struct {
	out    *output
	err    Stream
	enc    *lineEncoder
	failed error
}

// NewJSON returns a view that writes to s.
func NewJSON(s Streams) *JSON { return &JSON{out: newOutput(s.Out), err: s.Err, enc: newLineEncoder()} }

// The levels of an event.
const (
	levelInfo  = "info"
	levelWarn  = "warn"
	levelError = "error"
)

// An envelope begins every event. Its field names and their order are Terraform's.
type envelope struct {
	Level     string `json:"@level"`
	Message   string `json:"@message"`
	Module    string `json:"@module"`
	Timestamp string `json:"@timestamp"`
	Type      string `json:"type"`
}

func newEnvelope(level, kind, message string) envelope {
	return envelopeAt(level, kind, message, time.Now())
}

// envelopeAt is an envelope with an event's own time: with microseconds, always, so that lines sort as texts.
func envelopeAt(level, kind, message string, at time.Time) envelope {
	return envelope{
		Level: level, Message: message, Module: "bastion-fleet", Type: kind,
		Timestamp: at.UTC().Format("2006-01-02T15:04:05.000000Z07:00"),
	}
}

// A lineEncoder writes values as lines of JSON. Characters that a terminal would act on or hide are escaped: the
// value stays the same, and a person who looks at the line is not fooled.
type lineEncoder struct {
	enc  *json.Encoder
	raw  bytes.Buffer
	line []byte
}

func newLineEncoder() *lineEncoder {
	e := &lineEncoder{}
	e.enc = json.NewEncoder(&e.raw)
	e.enc.SetEscapeHTML(false)
	return e
}

// encode returns v as one line, which is good until the next call.
func (e *lineEncoder) encode(v any) []byte {
	e.raw.Reset()
	if err := e.enc.Encode(v); err != nil {
		panic(fmt.Sprintf("an event can't be encoded: %v", err)) // our own structs always can
	}
	e.line = appendEscaped(e.line[:0], e.raw.Bytes())
	return e.line
}

// appendEscaped appends JSON with every character escaped that Sanitize would replace. Line ends stay: the encoder
// leaves none within a text.
func appendEscaped(line, raw []byte) []byte {
	for i := 0; i < len(raw); {
		plain := i
		for plain < len(raw) && raw[plain] >= ' ' && raw[plain] <= '~' {
			plain++
		}
		line = append(line, raw[i:plain]...)
		if i = plain; i == len(raw) {
			break
		}
		r, size := utf8.DecodeRune(raw[i:])
		switch {
		case r == '\n' || isVisible(r):
			line = append(line, raw[i:i+size]...)
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			line = fmt.Appendf(line, `\u%04x\u%04x`, high, low)
		default:
			line = fmt.Appendf(line, `\u%04x`, r)
		}
		i += size
	}
	return line
}

// emit prints one event. It reaches the reader with the next flush.
func (j *JSON) emit(v any) { _, _ = j.out.buf.Write(j.enc.encode(v)) }

func (j *JSON) flush() {
	if err := j.out.flush(); err != nil && j.failed == nil {
		j.failed = fmt.Errorf("writing the result: %w", err)
	}
}

// Err is the first error of writing.
func (j *JSON) Err() error { return j.failed }

// Version is the first line of every command's output.
func (j *JSON) Version(version string) {
	j.emit(struct {
		envelope
		Version string `json:"bastion_fleet"`
		UI      string `json:"ui"`
	}{newEnvelope(levelInfo, "version", "bastion-fleet "+version), version, uiVersion})
	j.flush()
}

// uiVersion is the version of these events. It rises when a reader of the old ones would be misled by the new.
const uiVersion = "1.0"

// Notice is a log line.
func (j *JSON) Notice(text string) {
	j.emit(newEnvelope(levelInfo, "log", text))
	j.flush()
}

// Warning is a diagnostic without a place.
func (j *JSON) Warning(text string) {
	j.diagnostic(jsonDiagnostic{Severity: "warning", Summary: capital(text)})
	j.flush()
}

// Error is a diagnostic without a place; its detail is the error's hint.
func (j *JSON) Error(err error) {
	var diags hcl.Diagnostics
	if errors.As(err, &diags) {
		j.Diagnostics(diags, nil)
		return
	}
	j.diagnostic(jsonDiagnostic{Severity: "error", Summary: capital(err.Error()), Detail: hintOf(err)})
	j.flush()
}

type jsonDiagnostic struct {
	Severity string       `json:"severity"`
	Summary  string       `json:"summary"`
	Detail   string       `json:"detail"`
	Range    *jsonRange   `json:"range,omitempty"`
	Snippet  *jsonSnippet `json:"snippet,omitempty"`
}

type jsonRange struct {
	Filename string  `json:"filename"`
	Start    jsonPos `json:"start"`
	End      jsonPos `json:"end"`
}

type jsonPos struct {
	Line   int `json:"line"`
	Column int `json:"column"`
	Byte   int `json:"byte"`
}

type jsonSnippet struct {
	Context        *string     `json:"context"`
	Code           string      `json:"code"`
	StartLine      int         `json:"start_line"`
	HighlightStart int         `json:"highlight_start_offset"` // in characters of code
	HighlightEnd   int         `json:"highlight_end_offset"`
	Values         []jsonValue `json:"values"`
}

type jsonValue struct {
	Traversal string `json:"traversal"`
	Statement string `json:"statement"`
}

func (j *JSON) diagnostic(d jsonDiagnostic) {
	level, label := levelError, "Error: "
	if d.Severity == "warning" {
		level, label = levelWarn, "Warning: "
	}
	j.emit(struct {
		envelope
		Diagnostic jsonDiagnostic `json:"diagnostic"`
	}{newEnvelope(level, "diagnostic", label+d.Summary), d})
}

// Diagnostics prints one event each, in Terraform's shape.
func (j *JSON) Diagnostics(diags hcl.Diagnostics, files map[string]*hcl.File) {
	for _, d := range sortDiagnostics(diags) {
		out := jsonDiagnostic{Severity: "error", Summary: d.Summary, Detail: d.Detail}
		if d.Severity == hcl.DiagWarning {
			out.Severity = "warning"
		}
		if d.Subject != nil {
			out.Range = &jsonRange{d.Subject.Filename, jsonPos(d.Subject.Start), jsonPos(d.Subject.End)}
		}
		if s, ok := findSnippet(d, files); ok {
			out.Snippet = s.json(d)
		}
		j.diagnostic(out)
	}
	j.flush()
}

func (s snippet) json(d *hcl.Diagnostic) *jsonSnippet {
	start, end := s.offsets()
	out := &jsonSnippet{
		Code: s.before + s.subject + s.after, StartLine: s.line,
		HighlightStart: start, HighlightEnd: end, Values: []jsonValue{},
	}
	if s.block != "" {
		out.Context = &s.block
	}
	if e, ok := elementOf(d); ok {
		out.Values = append(out.Values, jsonValue{e.traversal, "is " + e.value})
	}
	return out
}

// jsonOrder is what is asked for, in the words of a fleet file.
type jsonOrder struct {
	AZ        string      `json:"az"`
	VPCID     string      `json:"vpc_id"`
	SubnetID  string      `json:"subnet_id"`
	Spec      string      `json:"spec"`
	Quantity  int         `json:"quantity"`
	IPVersion string      `json:"ip_version"`
	Desc      string      `json:"desc"`
	Charge    *jsonCharge `json:"charge,omitempty"`
}

type jsonCharge struct {
	Mode        string `json:"mode,omitempty"`
	Unit        string `json:"unit,omitempty"`
	Duration    int    `json:"duration,omitempty"`
	AutoRenew   bool   `json:"auto_renew"`
	AutoPay     bool   `json:"auto_pay"`
	BuyScenario string `json:"buy_scenario,omitempty"`
}

func orderJSON(o *order.Order) jsonOrder {
	out := jsonOrder{
		AZ: o.AZ, VPCID: o.VPCID, SubnetID: o.SubnetID, Spec: o.Spec, Quantity: o.Quantity,
		IPVersion: o.IPVersion, Desc: o.Desc,
	}
	if o.Charge != (order.Charge{}) {
		charge := jsonCharge(o.Charge)
		out.Charge = &charge
	}
	return out
}

type jsonFailure struct {
	Class      order.Class `json:"class"`
	HTTPStatus int         `json:"http_status,omitempty"`
	Code       string      `json:"code,omitempty"`
	Message    string      `json:"message,omitempty"`
	RequestID  string      `json:"request_id,omitempty"`
}

type jsonDoubt struct {
	Run      string       `json:"run"`
	Attempt  int          `json:"attempt"`
	Marker   order.Marker `json:"marker,omitempty"`
	Quantity int          `json:"quantity"` // instances that the call asked for
	Since    time.Time    `json:"since"`
	Failure  *jsonFailure `json:"failure,omitempty"` // absent when the program ended before an answer came
}

func doubtJSON(r *order.Record) *jsonDoubt {
	if r.Doubt == nil {
		return nil
	}
	d := r.Doubt
	return &jsonDoubt{
		Run: d.Run, Attempt: d.Attempt, Marker: d.Marker, Quantity: d.Order.Quantity,
		Since: d.At.UTC(), Failure: (*jsonFailure)(r.DoubtWhy),
	}
}

// jsonChange is a planned change. Quantity (of its order) is what is wished or known in all; Instances is what the
// apply buys.
type jsonChange struct {
	Address   order.Address `json:"address"`
	Action    plan.Action   `json:"action"`
	Region    string        `json:"region"`
	Instances int           `json:"instances"`
	jsonOrder
	Bought  int                 `json:"bought"`           // instances that the address has already
	Before  map[order.Field]any `json:"before,omitempty"` // with grow and update: what was bought, where it differs
	After   map[order.Field]any `json:"after,omitempty"`  // what is wished instead
	InDoubt *jsonDoubt          `json:"in_doubt,omitempty"`
	Failure *jsonFailure        `json:"failure,omitempty"` // of the last attempt
}

func changeJSON(c *plan.Change) jsonChange {
	out := jsonChange{
		Address: c.Address, Action: c.Action, Region: c.Region, Instances: c.Quantity,
		jsonOrder: orderJSON(shownOrder(c)),
	}
	if c.Before != nil {
		out.Bought = c.Before.Bought()
		out.InDoubt = doubtJSON(c.Before)
		out.Failure = (*jsonFailure)(c.Before.Failure)
	}
	if len(c.Fields) > 0 {
		out.Before, out.After = map[order.Field]any{}, map[order.Field]any{}
	}
	for _, f := range c.Fields {
		out.Before[f.Field] = fieldValue(f.Field, f.Old)
		out.After[f.Field] = fieldValue(f.Field, f.New)
	}
	return out
}

// fieldValue is a field's text as its JSON type; null where it is not set.
func fieldValue(f order.Field, text string) any {
	if text == "" {
		return nil
	}
	switch f {
	case order.FieldQuantity, order.FieldDuration, order.FieldAutoRenew, order.FieldAutoPay:
		return json.RawMessage(text)
	default:
		return text
	}
}

type jsonSummary struct {
	envelope
	Changes jsonCounts `json:"changes"`
}

// jsonCounts counts orders by what was planned or, after an apply, by what was done.
type jsonCounts struct {
	Create    int    `json:"create"`
	Grow      int    `json:"grow"`
	Update    int    `json:"update"`
	Forget    int    `json:"forget"`
	InDoubt   int    `json:"in_doubt"`
	Failed    *int   `json:"failed,omitempty"`  // after an apply only
	Skipped   *int   `json:"skipped,omitempty"` // after an apply only
	Unchanged int    `json:"unchanged"`
	Instances int    `json:"instances"`
	Unpaid    int    `json:"unpaid"` // orders whose purchase waits to be paid
	Operation string `json:"operation"`
}

// Plan prints a planned_change for each change, unless only the summary is asked for, and a change_summary.
func (j *JSON) Plan(p plan.Plan, d Detail) {
	for i := range p.Changes {
		if d == Summary {
			break
		}
		c := changeJSON(&p.Changes[i])
		j.emit(struct {
			envelope
			Change jsonChange `json:"change"`
		}{newEnvelope(levelInfo, "planned_change", c.Address.String()+": plan to "+plannedTo(c.Action)), c})
	}
	n := p.Totals()
	j.emit(jsonSummary{newEnvelope(levelInfo, "change_summary", planSum(p, n)), jsonCounts{
		Create: n.Create, Grow: n.Grow, Update: n.Update, Forget: n.Forget, InDoubt: n.InDoubt,
		Unchanged: p.Unchanged, Instances: n.Instances, Unpaid: n.Unpaid, Operation: "plan",
	}})
	j.flush()
}

func plannedTo(a plan.Action) string {
	if a == plan.InDoubt {
		return "hold, in doubt"
	}
	return a.String()
}
