package plan

import (
	"bufio"
	"bytes"
	"cmp"
	"compress/gzip"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/bastion-fleet/bastion-fleet/pkg/infile"
)

// A Sealed is a plan file that is whole, but that nobody has vouched for yet: whoever can write to its place can have
// made it. [Sealed.Open] does, with the key.
type Sealed struct {
	start string // of its first line, up to the seal
	seal  []byte
	body  []byte
	head  diskHead
}

// Decode reads what Encode wrote, as far as can be told without the key. Its errors are a *FileError where the file
// is at fault.
func Decode(r io.Reader) (Sealed, error) {
	in := bufio.NewReader(r)
	s, sum, err := readHeadLine(in)
	if err != nil {
		return Sealed{}, err
	}
	s.body, err = infile.ReadAll(in, MaxFileSize)
	if tooLong, ok := errors.AsType[*infile.SizeError](err); ok {
		return Sealed{}, refuse(ErrNotPlanFile, "%v", tooLong)
	}
	if err != nil {
		return Sealed{}, fmt.Errorf("reading the plan: %w", err)
	}
	if sha256.Sum256(s.body) != sum {
		return Sealed{}, refuse(ErrAltered, "its checksum does not match")
	}
	dec, err := s.decoder()
	if err != nil {
		return Sealed{}, err
	}
	if err := dec.Decode(&s.head); err != nil {
		return Sealed{}, refuse(ErrAltered, "its head is not readable: %v", err)
	}
	return s, nil
}

// State is where the file says that its state is, and so its key. Nothing of it is proven yet: use it to look for the
// key alone.
func (s Sealed) State() string { return s.head.State }

// Endpoint is where the file says that it buys from. Nothing of it is proven either.
func (s Sealed) Endpoint() string { return s.head.Endpoint }

// Open returns the plan if the key's owner made it and nobody changed it since.
func (s Sealed) Open(key Key) (File, error) {
	if key.secret == nil || !hmac.Equal(s.seal, key.seal(s.start, s.body)) {
		return File{}, refuse(ErrForeign, "its seal does not fit the key")
	}
	return s.decode()
}

// OpenUnchecked returns the plan that whoever wrote the file wants to be seen. It must never be applied, nor shown
// without saying so.
func (s Sealed) OpenUnchecked() (File, error) { return s.decode() }

// readHeadLine reads up to the first line's end and no further, whatever the file is.
func readHeadLine(in *bufio.Reader) (s Sealed, sum [sha256.Size]byte, err error) {
	notOurs := refuse(ErrNotPlanFile, "it does not begin as one")
	head, err := in.Peek(maxHeadLine)
	if err != nil && !errors.Is(err, io.EOF) {
		return s, sum, fmt.Errorf("reading the plan: %w", err)
	}
	line, _, whole := strings.Cut(string(head), "\n")
	magic, rest, _ := strings.Cut(line, " ")
	if !whole || magic != fileMagic {
		return s, sum, notOurs
	}
	version, rest, _ := strings.Cut(rest, " ")
	n, err := strconv.Atoi(version)
	switch {
	case err != nil || n < 1:
		return s, sum, notOurs
	case n < fileVersion:
		return s, sum, refuse(ErrOlderVersion, "its format is version %d, this program reads version %d", n, fileVersion)
	case n > fileVersion:
		return s, sum, refuse(ErrNewerVersion, "its format is version %d, this program reads version %d", n, fileVersion)
	}
	digest, seal, _ := strings.Cut(rest, " ")
	raw, err := hex.DecodeString(digest)
	if err != nil || len(raw) != len(sum) {
		return s, sum, refuse(ErrAltered, "its checksum is not readable")
	}
	if s.seal, err = hex.DecodeString(seal); err != nil || len(s.seal) != sha256.Size {
		return s, sum, refuse(ErrAltered, "its seal is not readable")
	}
	s.start = strings.TrimSuffix(line, seal)
	_, err = in.Discard(len(line) + 1)
	return s, [sha256.Size]byte(raw), err
}

// decoder reads the JSON values of the body.
func (s Sealed) decoder() (*json.Decoder, error) {
	unzip, err := gzip.NewReader(bytes.NewReader(s.body))
	if err != nil {
		return nil, refuse(ErrAltered, "it can't be unpacked")
	}
	dec := json.NewDecoder(io.LimitReader(unzip, MaxUnpacked))
	dec.DisallowUnknownFields() // to buy by a file that says more than is understood would be a guess
	return dec, nil
}

// decode decides about every change anew, so that even a file whose seal fits can't buy what a plan would not.
func (s Sealed) decode() (File, error) {
	dec, err := s.decoder()
	if err != nil {
		return File{}, err
	}
	var head diskHead
	if err := dec.Decode(&head); err != nil {
		return File{}, refuse(ErrAltered, "its head is not readable: %v", err)
	}
	if head.Changes < 0 || head.Changes > MaxChanges {
		return File{}, refuse(ErrAltered, "it announces %d changes", head.Changes)
	}
	f, err := head.toFile()
	if err != nil {
		return File{}, err
	}
	if !sound(f.Plan.Rollout) || f.Plan.Latency < 0 || !soundLimits(f.Plan.Limits) || !soundPrices(head.Prices) {
		return File{}, refuse(ErrAltered, "its limits or prices are not those that a fleet can have")
	}
	if err := head.into(&f.Plan); err != nil {
		return File{}, err
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
	f.Plan.price()
	return f, cmp.Or(checkChanges(f.Plan.Changes), checkImports(f.Plan), checkWaves(f.Plan))
}
