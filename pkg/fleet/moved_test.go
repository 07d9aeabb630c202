package fleet_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bastion-fleet/bastion-fleet/pkg/fleet"
)

const recordedInHCL = minimal + `
variable "bid" { default = "bid-1" }
order "gateway" {
  for_each = toset(["bj", "sh"])
}
order "box" { count = 2 }
moved {
  from = order.gw
  to   = order.gateway
}
moved {
  from = order.a
  to   = order.b
}
moved {
  from = order.b
  to   = order.box[1]
}
removed { from = order.old["x"] }
import {
  to     = order.gateway["bj"]
  region = "cn-north-1"
  bid    = var.bid
}
import {
  to        = order.box[0]
  source_id = "src-1"
}
`

const recordedInJSON = `{
  "fleet": {"f": {}},
  "variable": {"bid": {"default": "bid-1"}},
  "defaults": {"region": "cn-north-1", "az": "cn-north-1a", "vpc_id": "v", "subnet_id": "s", "spec": "b", "ip_version": "v4"},
  "order": {"gateway": {"for_each": "${toset([\"bj\", \"sh\"])}"}, "box": {"count": 2}},
  "moved": [
    {"from": "order.gw", "to": "order.gateway"},
    {"from": "order.a", "to": "order.b"},
    {"from": "order.b", "to": "order.box[1]"}
  ],
  "removed": {"from": "order.old[\"x\"]"},
  "import": [
    {"to": "order.gateway[\"bj\"]", "region": "cn-north-1", "bid": "${var.bid}"},
    {"to": "order.box[0]", "source_id": "src-1"}
  ]
}`

// TestWhatFilesSayOfRecords reads the same blocks in both syntaxes.
func TestWhatFilesSayOfRecords(t *testing.T) {
	for name, text := range map[string]string{"a.fleet.hcl": recordedInHCL, "a.fleet.json": recordedInJSON} {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		f, diags := fleet.Load(path, fleet.Options{})
		if diags.HasErrors() {
			t.Fatalf("%s: %s", name, rendered(diags))
		}
		var got []string
		say := func(at, format string, args ...any) {
			if !strings.HasPrefix(at, path+":") {
				t.Errorf("%s: a block is said to be at %q", name, at)
			}
			got = append(got, fmt.Sprintf(format, args...))
		}
		for _, m := range f.Moved {
			say(m.At, "%s to %s", m.From, m.To)
		}
		for _, r := range f.Removed {
			say(r.At, "no %s", r.From)
		}
		for _, i := range f.Imports {
			say(i.At, "%s%s for %s", i.BID, i.SourceID, i.To)
		}
		want := []string{
			"order.gw to order.gateway", "order.a to order.b", "order.b to order.box[1]", `no order.old["x"]`,
			`bid-1 for order.gateway["bj"]`, "src-1 for order.box[0]",
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestMistakesOfRecordsHaveTheirPlaceInJSON(t *testing.T) {
	text := strings.NewReplacer(`"order.gw"`, `"gw"`, `"src-1"`, `"src 1"`, `"order.old[\"x\"]"`, `"order.box"`).Replace(recordedInJSON)
	path := filepath.Join(t.TempDir(), "a.fleet.json")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	_, diags := fleet.Load(path, fleet.Options{})
	got := summaries(diags)
	for n := range got {
		got[n] = strings.TrimPrefix(got[n], path)
	}
	want := []string{":11: error: Removed, and still ordered", ":14: error: Not an id", ":7: error: Not an address"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s\n%s", diff, rendered(diags))
	}
}
