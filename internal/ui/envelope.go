package ui

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"
	"unicode/utf16"
	"unicode/utf8"
)

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
		Timestamp: eventTime(at),
	}
}

func eventTime(at time.Time) string { return at.UTC().Format("2006-01-02T15:04:05.000000Z07:00") }

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
	e.line = AppendEscaped(e.line[:0], e.raw.Bytes())
	return e.line
}

// AppendEscaped appends JSON with every character escaped that Sanitize would replace. Line ends stay: the encoder
// leaves none within a text.
func AppendEscaped(line, raw []byte) []byte {
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
