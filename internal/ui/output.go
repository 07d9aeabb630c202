package ui

import "bufio"

// An output collects what is written to a stream and keeps the first error.
type output struct {
	Stream
	buf *bufio.Writer
	paint
}

func newOutput(s Stream) *output {
	return &output{Stream: s, buf: bufio.NewWriterSize(s.Writer, 64<<10), paint: paint(s.Color)}
}

func (o *output) print(parts ...string) {
	for _, p := range parts {
		_, _ = o.buf.WriteString(p) // a bufio.Writer keeps its first error for flush
	}
}

func (o *output) println(parts ...string) {
	o.print(parts...)
	o.print("\n")
}

func (o *output) flush() error { return o.buf.Flush() }
