package cli

import (
	"fmt"
	"os"

	"github.com/bastion-fleet/bastion-fleet/pkg/state"
)

// networkState is the environment variable by which somebody takes the risk of a state on a network's file system. It is
// no flag: the risk belongs to a machine, and scripts that know nothing of it shall not carry it along.
const networkState = "BASTION_FLEET_NETWORK_STATE"

// checkFileSystem refuses to buy with a state on a network's file system, whose locks and syncs may promise nothing, and
// warns of one that may be.
func (o *applyOptions) checkFileSystem(path string) error {
	if o.simulate || os.Getenv(networkState) == "accept" {
		return nil
	}
	return o.judge(path, state.FileSystemOf(path))
}

func (o *applyOptions) judge(path string, on state.FileSystem) error {
	path = o.fromStart(path)
	switch on.Network {
	case state.NetworkYes:
		return hinted{
			fmt.Errorf("the state %s would be kept on %s, a network's file system", path, on.Name),
			"There a second operator on another machine may not be kept out, and what was recorded may not be durable: orders could " +
				"be bought twice. Keep the state on a disk of this machine: --state FILE. To take the risk, set " + networkState + "=accept.",
		}
	case state.NetworkMaybe:
		o.view().Warning(fmt.Sprintf("The state %s is kept on %s, which may be a network's file system. If it is, keep the state on a "+
			"disk of this machine: --state FILE. If it is not, say so with %s=accept.", path, on.Name, networkState))
	case state.NetworkNo:
	}
	return nil
}
