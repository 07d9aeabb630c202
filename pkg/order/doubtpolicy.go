package order

import (
	"fmt"
	"slices"
	"time"
)

// DoubtPolicy says what an apply does about an order in doubt that no listing shows. The zero value never buys again.
type DoubtPolicy uint8

// The policies.
const (
	HoldDoubts       DoubtPolicy = iota // it is held until a listing shows it or somebody says what became of it
	RebuyAfterSettle                    // after listings showed nothing of it for a while it counts as not bought
)

// The bounds of Rollout.Settle, and what it is where a fleet names none. How far listings can lag behind purchases is
// unknown; the console shows an instance within minutes.
const (
	MinSettle     = time.Minute
	DefaultSettle = 10 * time.Minute
	MaxSettle     = 24 * time.Hour
)

var doubtPolicyNames = [...]string{HoldDoubts: "hold", RebuyAfterSettle: "rebuy_after_settle"}

// DoubtPolicies are the policies as fleet files name them.
func DoubtPolicies() []string { return slices.Clone(doubtPolicyNames[:]) }

// ParseDoubtPolicy reads what String gives.
func ParseDoubtPolicy(s string) (DoubtPolicy, error) {
	i := slices.Index(doubtPolicyNames[:], s)
	if i < 0 {
		return HoldDoubts, fmt.Errorf("%q says nothing that can be done about orders in doubt", s)
	}
	return DoubtPolicy(i), nil
}

// String is the policy as fleet files name it.
func (p DoubtPolicy) String() string {
	if int(p) >= len(doubtPolicyNames) {
		return fmt.Sprintf("policy(%d)", uint8(p))
	}
	return doubtPolicyNames[p]
}

// MarshalText lets a policy stand in JSON as its name.
func (p DoubtPolicy) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (p *DoubtPolicy) UnmarshalText(text []byte) error {
	parsed, err := ParseDoubtPolicy(string(text))
	if err != nil {
		return err
	}
	*p = parsed
	return nil
}
