package order

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash"
)

// An Order is one createInstance call's worth of wish. It is comparable: two orders that are == ask for the same
// thing at the same address. Set Sensitive alike in both before: it says how an order is shown, not what it asks for. Field meanings, and what each may hold, are those of the API's createInstance page;
// Problems checks them.
type Order struct {
	Address Address

	Region    string
	AZ        string
	VPCID     string
	SubnetID  string
	Spec      string // size name, opaque to us
	Quantity  int    // instances wanted, at least 1
	IPVersion string // IPv4 or IPv4v6
	Desc      string // without the marker: that belongs to an attempt, not to the wish
	Charge    Charge // zero: no chargeSpec is sent

	// Sensitive are the fields that came from sensitive values: wherever the order is printed, Shown hides them. It is no
	// part of the wish: digests and comparisons leave it out.
	Sensitive FieldSet
}

// What Order.IPVersion may hold.
const (
	IPv4   = "v4"
	IPv4v6 = "v4&v6"
)

// Charge says how an order is billed. The zero value sends no chargeSpec at all.
type Charge struct {
	Mode        string // ChargeConfig, ChargeMonthly, or empty for the API's default
	Unit        string // UnitMonth or UnitYear
	Duration    int    // MONTH: 1 to 9, YEAR: 1 to 3; 0 is unset
	AutoRenew   bool
	AutoPay     bool   // false: the purchase waits, unpaid, until somebody confirms it in the console
	BuyScenario string // base64, see EncodeScenario
}

// What Charge.Mode and Charge.Unit may hold.
const (
	ChargeConfig  = "CONFIG"
	ChargeMonthly = "MONTHLY"
	UnitMonth     = "MONTH"
	UnitYear      = "YEAR"
)

// A Digest identifies what an order asks for, without its address. Equal digests mean equal requests.
type Digest [sha256.Size]byte

// String is the digest in hexadecimal.
func (d Digest) String() string { return hex.EncodeToString(d[:]) }

// MarshalText lets a digest stand in JSON as hexadecimal.
func (d Digest) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (d *Digest) UnmarshalText(text []byte) error {
	if len(text) != hex.EncodedLen(len(d)) {
		return fmt.Errorf("a digest has %d characters, this one has %d", hex.EncodedLen(len(d)), len(text))
	}
	_, err := hex.Decode(d[:], text)
	return err
}

// Digest returns the digest of what the order asks for. Digests are written to disk (in plan files, states and run
// logs), so a change of what goes into them needs a new prefix.
func (o Order) Digest() Digest {
	h := sha256.New()
	writeText(h, "bastion-fleet order 1")
	for _, text := range []string{
		o.Region, o.AZ, o.VPCID, o.SubnetID, o.Spec, o.IPVersion, o.Desc,
		o.Charge.Mode, o.Charge.Unit, o.Charge.BuyScenario,
	} {
		writeText(h, text)
	}
	writeNumber(h, o.Quantity)
	writeNumber(h, o.Charge.Duration)
	writeFlag(h, o.Charge.AutoRenew)
	writeFlag(h, o.Charge.AutoPay)
	return Digest(h.Sum(nil))
}

// writeText writes the length first, so that no two lists of texts give the same bytes.
func writeText(h hash.Hash, s string) {
	writeNumber(h, len(s))
	h.Write([]byte(s))
}

func writeNumber(h hash.Hash, n int) {
	var buf [8]byte
	binary.BigEndian.PutUint64(buf[:], uint64(n))
	h.Write(buf[:])
}

func writeFlag(h hash.Hash, b bool) {
	if b {
		writeNumber(h, 1)
	} else {
		writeNumber(h, 0)
	}
}
