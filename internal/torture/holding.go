package torture

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
	"github.com/bastion-fleet/bastion-fleet/pkg/state"
)

// A Holding is what a state and its run logs know.
type Holding struct {
	Records []order.Record
	Logs    []state.Fold // each run's log, read alone
}

// Hold reads the state at path as a plan would, and every run log beside it. It writes nothing. A place where nothing
// was bought yet holds nothing.
func Hold(path string) (Holding, error) {
	s, err := state.Read(path)
	if err != nil {
		return Holding{}, err
	}
	h := Holding{Records: s.Records}
	logs, err := filepath.Glob(filepath.Join(state.PathsOf(path).Runs, "*.ndjson"))
	if err != nil {
		return Holding{}, err
	}
	for _, log := range logs {
		fold, err := foldFile(log)
		if err != nil {
			return Holding{}, err
		}
		h.Logs = append(h.Logs, fold)
	}
	return h, nil
}

func foldFile(path string) (state.Fold, error) {
	file, err := os.Open(path)
	if err != nil {
		return state.Fold{}, err
	}
	defer file.Close()
	fold, err := state.FoldLog(file)
	if err != nil {
		return state.Fold{}, fmt.Errorf("%s: %w", path, err)
	}
	return fold, nil
}

// known is what tells a purchase in a state apart: its buyId, its sourceIds, or the bids of one that was adopted.
func known(p order.Purchase) string {
	switch {
	case p.BuyID != "":
		return p.BuyID
	case len(p.SourceIDs) > 0:
		return strings.Join(p.SourceIDs, " ")
	default:
		return strings.Join(p.BIDs, " ")
	}
}
