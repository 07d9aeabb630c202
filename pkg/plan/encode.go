package plan

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// A plan file is one line of text and a gzip stream:
//
//	bastion-fleet-plan 4 <SHA-256 of the stream> <seal>
//
// both in hexadecimal. The seal is the HMAC-SHA256, under the key beside the state, of the line up to the seal and of
// the stream. The checksum tells damage to those who have no key. The stream holds JSON values: a diskHead, then as many
// diskChanges as that announces. The line stands outside so that a foreign, older or newer file is told apart before
// anything of it is unpacked. Version 1 had no seal, version 2 no limits, prices or sensitive fields,
// version 3 no waves.
const (
	fileMagic   = "bastion-fleet-plan"
	fileVersion = 4
)

// Bounds of a plan file. They hold a plan of a million orders; their purpose is that a wrong or hostile file can't
// fill the memory.
const (
	MaxFileSize = 256 << 20 // bytes on disk
	MaxUnpacked = 1 << 30   // bytes of JSON
	MaxChanges  = 1_000_000
	maxHeadLine = 256
)

// Encode writes the file, sealed with key. The same file and key give the same bytes.
func (f File) Encode(w io.Writer, key Key) error {
	if key.secret == nil {
		return errors.New("a plan can't be written without a key")
	}
	if n := len(f.Plan.Changes); n > MaxChanges {
		return fmt.Errorf("a plan file holds %d changes at most, this plan has %d: plan a part of the fleet with --target or --region", MaxChanges, n)
	}
	var body bytes.Buffer
	zip := gzip.NewWriter(&body)
	enc := json.NewEncoder(zip)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(headToDisk(f)); err != nil {
		return fmt.Errorf("encoding the plan: %w", err)
	}
	for i := range f.Plan.Changes {
		if err := enc.Encode(changeToDisk(&f.Plan.Changes[i])); err != nil {
			return fmt.Errorf("encoding the plan: %w", err)
		}
	}
	if err := zip.Close(); err != nil {
		return fmt.Errorf("encoding the plan: %w", err)
	}
	if body.Len() > MaxFileSize {
		return fmt.Errorf("a plan file may be %d bytes long, this one would have %d", MaxFileSize, body.Len())
	}
	start := fmt.Sprintf("%s %d %x ", fileMagic, fileVersion, sha256.Sum256(body.Bytes()))
	if _, err := fmt.Fprintf(w, "%s%x\n", start, key.seal(start, body.Bytes())); err != nil {
		return err
	}
	_, err := w.Write(body.Bytes())
	return err
}
