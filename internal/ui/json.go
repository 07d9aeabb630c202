package ui

import (
	"bytes"
	"encoding/json"
	"fmt"
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

// emit prints one event. It reaches the reader with the next flush.
func (j *JSON) emit(v any) { _, _ = j.out.buf.Write(j.enc.encode(v)) }

// object prints one value without an envelope, to be read whole.
func (j *JSON) object(v any) {
	var pretty bytes.Buffer
	if err := json.Indent(&pretty, j.enc.encode(v), "", "  "); err != nil {
		j.Error(err)
		return
	}
	j.out.print(pretty.String())
	j.flush()
}

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
