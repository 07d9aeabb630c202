package ui

import (
	"bytes"
	"encoding/json"

	"github.com/zclconf/go-cty/cty"
	ctyjson "github.com/zclconf/go-cty/cty/json"
)

// valueJSON is a value as JSON has it. What is unknown or sensitive is null: JSON has no word for it.
func valueJSON(v cty.Value) json.RawMessage {
	var b bytes.Buffer
	writeValueJSON(&b, v)
	return b.Bytes()
}

func writeValueJSON(b *bytes.Buffer, v cty.Value) {
	switch {
	case v.IsMarked() || !v.IsKnown() || v.IsNull():
		b.WriteString("null")
	case v.Type() == cty.String:
		writeTextJSON(b, v.AsString())
	case v.Type() == cty.Number:
		b.WriteString(v.AsBigFloat().Text('f', -1))
	case v.Type() == cty.Bool && v.True():
		b.WriteString("true")
	case v.Type() == cty.Bool:
		b.WriteString("false")
	case v.Type().IsObjectType() || v.Type().IsMapType():
		writeElementsJSON(b, v, '{', '}')
	default:
		writeElementsJSON(b, v, '[', ']')
	}
}

func writeElementsJSON(b *bytes.Buffer, v cty.Value, opening, closing byte) {
	b.WriteByte(opening)
	first := true
	for it := v.ElementIterator(); it.Next(); first = false {
		key, element := it.Element()
		if !first {
			b.WriteByte(',')
		}
		if opening == '{' {
			writeTextJSON(b, key.AsString())
			b.WriteByte(':')
		}
		writeValueJSON(b, element)
	}
	b.WriteByte(closing)
}

// typeJSON is a value's type in go-cty's JSON form, which Terraform uses too.
func typeJSON(v cty.Value) json.RawMessage {
	text, err := ctyjson.MarshalType(v.Type())
	if err != nil {
		return json.RawMessage(`"dynamic"`) // no expression has a value of a type that can't be written
	}
	return text
}

func writeTextJSON(b *bytes.Buffer, s string) {
	text, _ := json.Marshal(s) // a text always can be
	b.Write(text)
}
