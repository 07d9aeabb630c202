package cli

import (
	"errors"
	"strings"
	"testing"

	"github.com/bastion-fleet/bastion-fleet/internal/ui"
	"github.com/bastion-fleet/bastion-fleet/pkg/state"
)

func TestAStateOnANetworkIsRefused(t *testing.T) {
	for network, want := range map[state.Network]struct{ refused, warned bool }{
		state.NetworkYes: {refused: true}, state.NetworkMaybe: {warned: true}, state.NetworkNo: {},
	} {
		var out, told strings.Builder
		o := &applyOptions{globals: &globals{shown: ui.New(ui.Streams{Out: ui.Stream{Writer: &out}, Err: ui.Stream{Writer: &told}}, false)}}
		err := o.judge("state.db", state.FileSystem{Name: "NFS", Network: network})
		if (err != nil) != want.refused || strings.Contains(told.String(), "may be a network's") != want.warned {
			t.Errorf("network %d: %v, %q", network, err, told.String())
		}
		if h, ok := errors.AsType[hinted](err); want.refused && (!ok || !strings.Contains(h.Hint(), networkState+"=accept")) {
			t.Errorf("%v does not say what to do", err)
		}
	}
}
