package plan_test

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
	"github.com/bastion-fleet/bastion-fleet/pkg/plan"
)

// FuzzDecode reads files whose checksum and seal fit, so that what lies behind it is reached.
func FuzzDecode(f *testing.F) {
	p := build(f,
		[]order.Order{wish(f, "order.a"), wish(f, "order.g", func(o *order.Order) { o.Quantity = 3 })},
		[]order.Record{bought(wish(f, "order.g")), doubtful(order.Record{}, wish(f, "order.x"))}, plan.Selection{})
	_, body, _ := bytes.Cut(encode(f, file(p)), []byte("\n"))
	f.Add(unpack(f, body))
	f.Add([]byte(`{"changes":1}{"action":"create"}`))
	f.Add([]byte(`{"changes":1000000}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		got, err := decode(seal(t, text))
		if err != nil {
			return
		}
		again, err := decode(encode(t, got))
		if err != nil {
			t.Fatalf("read, written and refused: %v", err)
		}
		if diff := cmp.Diff(got, again, cmpOrder, cmpEmpty); diff != "" {
			t.Error(diff)
		}
	})
}
