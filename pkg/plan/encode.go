package plan

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

// A plan file is one line of text and a gzip stream:
//
//	bastion-fleet-plan 2 <SHA-256 of all that follows the line, in hexadecimal>
//
// The stream holds JSON values: a diskHead, then as many diskChanges as that announces. The line stands outside so
// that a foreign or newer file is told apart before anything of it is unpacked.
const (
	fileMagic   = "bastion-fleet-plan"
	fileVersion = 2
)

// Bounds of a plan file. They hold a plan of a million orders; their purpose is that a wrong or hostile file can't
// fill the memory.
const (
	MaxFileSize = 256 << 20 // bytes on disk
	MaxUnpacked = 1 << 30   // bytes of JSON
	MaxChanges  = 1_000_000
	maxHeadLine = 256
)

// Encode writes the file. The same file gives the same bytes.
func (f File) Encode(w io.Writer) error {
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
	if _, err := fmt.Fprintf(w, "%s %d %x\n", fileMagic, fileVersion, sha256.Sum256(body.Bytes())); err != nil {
		return err
	}
	_, err := w.Write(body.Bytes())
	return err
}

// Decode reads what Encode wrote. Its errors are a *FileError where the file is at fault.
func Decode(r io.Reader) (File, error) {
	in := bufio.NewReader(r)
	sum, err := readHeadLine(in)
	if err != nil {
		return File{}, err
	}
	body, err := io.ReadAll(io.LimitReader(in, MaxFileSize+1))
	if err != nil {
		return File{}, fmt.Errorf("reading the plan: %w", err)
	}
	if len(body) > MaxFileSize {
		return File{}, refuse(ErrNotPlanFile, "it is longer than %d bytes", MaxFileSize)
	}
	if sha256.Sum256(body) != sum {
		return File{}, refuse(ErrAltered, "its checksum does not match")
	}
	return decodeBody(body)
}

// readHeadLine reads up to the first line's end and no further, whatever the file is.
func readHeadLine(in *bufio.Reader) (sum [sha256.Size]byte, err error) {
	notOurs := refuse(ErrNotPlanFile, "it does not begin as one")
	head, err := in.Peek(maxHeadLine)
	if err != nil && !errors.Is(err, io.EOF) {
		return sum, fmt.Errorf("reading the plan: %w", err)
	}
	line, _, whole := strings.Cut(string(head), "\n")
	magic, rest, _ := strings.Cut(line, " ")
	if !whole || magic != fileMagic {
		return sum, notOurs
	}
	version, digest, _ := strings.Cut(rest, " ")
	n, err := strconv.Atoi(version)
	switch {
	case err != nil || n < 1:
		return sum, notOurs
	case n > fileVersion:
		return sum, refuse(ErrNewerVersion, "its format is version %d, this program reads up to %d", n, fileVersion)
	}
	raw, err := hex.DecodeString(digest)
	if err != nil || len(raw) != len(sum) {
		return sum, refuse(ErrAltered, "its checksum is not readable")
	}
	_, err = in.Discard(len(line) + 1)
	return [sha256.Size]byte(raw), err
}

// decodeBody unpacks what the checksum has vouched for. What is wrong from here on was made by an edit that also
// made a new checksum.
func decodeBody(body []byte) (File, error) {
	unzip, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		return File{}, refuse(ErrAltered, "it can't be unpacked")
	}
	dec := json.NewDecoder(io.LimitReader(unzip, MaxUnpacked))
	dec.DisallowUnknownFields() // to buy by a file that says more than is understood would be a guess
	var head diskHead
	if err := dec.Decode(&head); err != nil {
		return File{}, refuse(ErrAltered, "its head is not readable: %v", err)
	}
	if head.Changes < 0 || head.Changes > MaxChanges {
		return File{}, refuse(ErrAltered, "it announces %d changes", head.Changes)
	}
	f := head.toFile()
	if !sound(f.Plan.Rollout) {
		return File{}, refuse(ErrAltered, "its limits are not those that a fleet can have")
	}
	for i := range head.Changes {
		var d diskChange
		if err := dec.Decode(&d); err != nil {
			return File{}, refuse(ErrAltered, "change %d of %d is not readable: %v", i+1, head.Changes, err)
		}
		c, err := d.toChange()
		if err != nil {
			return File{}, err
		}
		f.Plan.Changes = append(f.Plan.Changes, c)
	}
	if dec.More() {
		return File{}, refuse(ErrAltered, "it holds more than the %d changes that it announces", head.Changes)
	}
	return f, checkChanges(f.Plan.Changes)
}

// sound tells whether an apply can keep the limits. Without it a file could lift them, or keep an apply waiting for ever.
func sound(r order.Rollout) bool {
	return r.Parallelism >= 1 && r.Parallelism <= order.MaxParallelism &&
		r.ParallelismPerRegion >= 0 && r.RatePerRegion >= 0 && r.MaxInDoubt >= 0
}

// checkChanges refuses what no plan has: an address that is named twice, be it in two regions, and changes out of
// their order.
func checkChanges(changes []Change) error {
	seen := make(map[order.Address]bool, len(changes))
	for i := range changes {
		c := &changes[i]
		if seen[c.Address] {
			return refuse(ErrAltered, "%s is named twice", c.Address)
		}
		seen[c.Address] = true
		if i > 0 && compareChanges(&changes[i-1], c) > 0 {
			return refuse(ErrAltered, "%s is out of place", c.Address)
		}
	}
	return nil
}
