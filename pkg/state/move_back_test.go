package state

import (
	"testing"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

// TestWhatIsInDoubtMayComeBack holds that a record in doubt that was moved away, and then back to where a later call had
// bought nothing, is sound, though its call is not the address's last one.
func TestWhatIsInDoubtMayComeBack(t *testing.T) {
	path := place(t)
	s := open(t, path)
	r := start(t, s, 0)
	here, there := testOrder(0), testOrder(1)
	move := func(from, to order.Order) {
		if err := r.Move(order.Move{From: from.Address, To: to.Address}, testTime); err != nil {
			t.Fatal(err)
		}
	}
	begin := func(attempt int) {
		if err := r.Begin(t.Context(), intent(r, here, attempt)); err != nil {
			t.Fatal(err)
		}
	}
	begin(1)
	move(here, there)
	begin(2)
	if err := r.Finish(failed(r, here, 2, order.ClassRejected)); err != nil {
		t.Fatal(err)
	}
	move(there, here)
	closeAll(t, r, s)
	sound(t, path)
}
