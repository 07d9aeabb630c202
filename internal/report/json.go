package report

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"

	"github.com/bastion-fleet/bastion-fleet/internal/ui"
)

// WriteJSON writes the report as one object, with a line for each order. Characters that a terminal would act on or hide
// are escaped; the values are as the log has them.
func WriteJSON(w io.Writer, r Report) error {
	withoutOrders := struct {
		Report
		Orders []Order `json:"orders,omitempty"`
	}{Report: r}
	var raw bytes.Buffer
	enc := json.NewEncoder(&raw)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(withoutOrders); err != nil {
		return err
	}
	head := bytes.TrimSuffix(raw.Bytes(), []byte("\n}\n"))
	out := bufio.NewWriterSize(w, 64<<10)
	line := ui.AppendEscaped(nil, head)
	line = append(line, ",\n  \"orders\": ["...)
	enc.SetIndent("", "")
	for i := range r.Orders {
		raw.Reset()
		if err := enc.Encode(&r.Orders[i]); err != nil {
			return err
		}
		separator := ",\n    "
		if i == 0 {
			separator = "\n    "
		}
		line = ui.AppendEscaped(append(line, separator...), bytes.TrimSuffix(raw.Bytes(), []byte("\n")))
		_, _ = out.Write(line) // a bufio.Writer keeps its first error for Flush
		line = line[:0]
	}
	_, _ = out.Write(append(line, "\n  ]\n}\n"...))
	return out.Flush()
}
