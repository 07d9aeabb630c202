package state

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"hash/crc32"
)

// A sealed value is a JSON object whose last member is the checksum (CRC-32C) of all that stands before it:
// {"v":1,…,"crc":"8a9136aa"}. It stays readable by people and tools, and a flipped bit is noticed.

const (
	sealOpen   = `,"crc":"`
	sealClose  = `"}`
	sealDigits = 8
	sealLength = len(sealOpen) + sealDigits + len(sealClose)
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

var errSeal = errors.New("its checksum does not match")

// seal closes a JSON object, which must have members, with its checksum, and returns both. It may reuse object's memory.
func seal(object []byte) ([]byte, uint32) {
	body := object[:len(object)-1]
	crc := crc32.Checksum(body, castagnoli)
	sum := [4]byte{byte(crc >> 24), byte(crc >> 16), byte(crc >> 8), byte(crc)}
	sealed := append(body, sealOpen...)
	sealed = hex.AppendEncode(sealed, sum[:])
	return append(sealed, sealClose...), crc
}

// unseal returns the checksum of a sealed value, or errSeal when the value is not what was sealed.
func unseal(sealed []byte) (uint32, error) {
	if len(sealed) <= sealLength {
		return 0, errSeal
	}
	cut := len(sealed) - sealLength
	body, tail := sealed[:cut], sealed[cut:]
	var sum [4]byte
	digits := tail[len(sealOpen) : len(sealOpen)+sealDigits]
	if _, err := hex.Decode(sum[:], digits); err != nil {
		return 0, errSeal
	}
	crc := uint32(sum[0])<<24 | uint32(sum[1])<<16 | uint32(sum[2])<<8 | uint32(sum[3])
	framed := string(tail[:len(sealOpen)]) == sealOpen && string(tail[len(sealOpen)+sealDigits:]) == sealClose
	if !framed || crc != crc32.Checksum(body, castagnoli) {
		return 0, errSeal
	}
	return crc, nil
}

// marshal is json.Marshal without the escapes that only web pages need: a record is to be read by people.
func marshal(v any) ([]byte, error) {
	var text bytes.Buffer
	enc := json.NewEncoder(&text)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(text.Bytes(), []byte("\n")), nil
}
