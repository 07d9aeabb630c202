package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bastion-fleet/bastion-fleet/internal/canary"
)

// TestASecretOfAPassedTestIsFound: go test shows nothing of it, but a log of -v would.
func TestASecretOfAPassedTestIsFound(t *testing.T) {
	var lines, out bytes.Buffer
	enc := json.NewEncoder(&lines)
	half := len(canary.SecretKey) / 2
	for _, e := range []event{
		{"start", "p", "", ""},
		{"run", "p", "TestLeaks", ""},
		{"output", "p", "TestLeaks", "    key: " + canary.SecretKey[:half]},
		{"run", "p", "TestIsFine", ""},
		{"output", "p", "TestIsFine", "fine\n"},
		{"output", "p", "TestLeaks", canary.SecretKey[half:] + "\n"},
		{"output", "p", "TestFails", "why\n"},
		{"pass", "p", "TestLeaks", ""},
		{"pass", "p", "TestIsFine", ""},
		{"fail", "p", "TestFails", ""},
		{"output", "p", "", "panic: " + canary.SecurityToken + "\n"},
		{"fail", "p", "", ""},
	} {
		if err := enc.Encode(e); err != nil {
			t.Fatal(err)
		}
	}
	found := read(&lines, &out)
	want := []string{"p TestLeaks: the secret key", "p : the security token"}
	if diff := cmp.Diff(want, found); diff != "" {
		t.Error(diff)
	}
	if shown := out.String(); !strings.HasPrefix(shown, "why\npanic: ") || strings.Contains(shown, "fine") {
		t.Errorf("shown: %q", shown)
	}
}
