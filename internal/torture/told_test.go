package torture_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bastion-fleet/bastion-fleet/internal/torture"
)

func TestTold(t *testing.T) {
	said := `{"type":"apply_start","hook":{"address":"order.gw[0]"}}
{"type":"apply_complete","hook":{"buy_id":"buy-1"}}
Warning: no JSON
{"type":"apply_complete","hook":{"buy_id":"buy-2","request_id":"r"}}
{"type":"apply_errored","hook":{"buy_id":"buy-3"}}
{"type":"apply_complete","hook":{"source_ids":["source-4"]}}
{"type":"apply_complete","hook":{"buy_id":"buy-5"`
	if d := cmp.Diff([]string{"buy-1", "buy-2"}, torture.Told(said)); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}
