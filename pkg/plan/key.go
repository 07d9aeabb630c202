package plan

import (
	"crypto/hmac"
	"crypto/sha256"
	"fmt"
	"io"
)

// KeySize is the length of a key, in bytes.
const KeySize = 32

// A Key seals plan files: who hasn't it can neither make one nor change one. It stays beside the state, and never
// enters a plan. Printed in any form, it shows nothing. The zero Key fits no seal.
type Key struct {
	secret func() []byte // a function: fmt and reflection find no bytes in it, whatever holds it
}

// NewKey makes a key of random bytes.
func NewKey(secret [KeySize]byte) Key {
	return Key{func() []byte { return secret[:] }}
}

// String shows nothing secret.
func (k Key) String() string { return "a plan key" }

// Format shows what String shows, whatever the verb.
func (k Key) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, k.String()) }

// seal is the keyed digest of a plan file: of its first line up to the seal, and of its body.
func (k Key) seal(start string, body []byte) []byte {
	mac := hmac.New(sha256.New, k.secret())
	_, _ = io.WriteString(mac, start) // a hash takes everything
	_, _ = mac.Write(body)
	return mac.Sum(nil)
}
