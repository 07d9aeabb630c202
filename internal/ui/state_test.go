package ui_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/bastion-fleet/bastion-fleet/internal/ui"
	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

func records() []order.Record {
	gw := wish("order.gw")
	return []order.Record{
		bought(wish(`order.branch["beijing-chaoyang-east-gate-of-the-park"]`, payByHand)),
		doubtful(bought(gw), wish("order.gw", quantity(1))),
		bought(gw, wish("order.gw", quantity(3))),
		failed(wish("order.retried")),
		adopted(wish("order.adopted")),
		imported(wish("order.imported")),
	}
}

// adopted is the record of an order whose answer was lost, and whose instances a reconcile found.
func adopted(o order.Order) order.Record {
	r := bought(o)
	p := &r.Purchases[0]
	p.BuyID, p.SourceIDs, p.RequestID, p.BIDs = "", nil, "", []string{"bid-1", "bid-2"}
	return r
}

// imported is the record of an order that somebody said was bought, by the bids of its instances.
func imported(o order.Order) order.Record {
	r := adopted(o)
	r.Purchases[0].Imported = true
	return r
}

func TestStateText(t *testing.T) {
	for _, width := range []int{0, 80, 200} {
		out, _ := shown(width, false, func(v ui.View) { v.StateList(records()) })
		golden(t, fmt.Sprintf("state-list-%d.txt", width), out)
		checkWidth(t, out, width)
	}
	out, _ := shown(80, false, func(v ui.View) {
		for _, r := range records() {
			v.StateShow(r)
		}
	})
	golden(t, "state-show-80.txt", out)
	if out, err := shown(80, false, func(v ui.View) { v.StateList(nil) }); out != "" || err == "" {
		t.Errorf("an empty state printed %q and %q", out, err)
	}
}

func TestStateJSON(t *testing.T) {
	list := jsonShown(func(v ui.View) { v.StateList(records()) })
	golden(t, "state-list.json", list)
	var read []map[string]any
	if err := json.Unmarshal([]byte(list), &read); err != nil || len(read) != len(records()) {
		t.Errorf("the list is not one array of %d: %v", len(records()), err)
	}
	golden(t, "state-show.json", jsonShown(func(v ui.View) { v.StateShow(records()[1]) }))
	if got := jsonShown(func(v ui.View) { v.StateList(nil) }); json.Unmarshal([]byte(got), &read) != nil || len(read) != 0 {
		t.Errorf("an empty state is %q", got)
	}
}
