package cli

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/bastion-fleet/bastion-fleet/pkg/bastion"
	"github.com/bastion-fleet/bastion-fleet/pkg/simulator"
)

// With --simulate the API is played inside the process. Its host can't exist, so a state that was bought from it is
// never taken for one of the real API, and the other way round.
const (
	simulatedEndpoint = "https://simulator.invalid/v1"
	simulatedKey      = "sim"
	simulatedLatency  = 50 * time.Millisecond
)

// simulatedPath is where the state of simulated purchases is kept: beside the real one, with its ledger.
func simulatedPath(statePath string) string {
	return filepath.Join(filepath.Dir(statePath), "simulate", filepath.Base(statePath))
}

// realPath is what simulatedPath was made from.
func realPath(simulated string) string {
	return filepath.Join(filepath.Dir(filepath.Dir(simulated)), filepath.Base(simulated))
}

// simulatedLedger is what the simulated account bought. It outlives the process, as a real account does.
func simulatedLedger(statePath string) string {
	return filepath.Join(filepath.Dir(statePath), "ledger.ndjson")
}

// makeSimulatedPlace makes the directory that the simulated state's own directory is in: that of a real state, which
// may not have begun.
func makeSimulatedPlace(statePath string) error {
	if err := os.MkdirAll(filepath.Dir(filepath.Dir(statePath)), 0o700); err != nil {
		return fmt.Errorf("the simulated state can't begin: %w", err)
	}
	return nil
}

func (g *globals) simulatedAccount() (account, error) {
	if g.endpoint != "" || g.profile != "" {
		return account{}, hinted{
			errors.New("a simulated purchase has no endpoint and no profile"),
			"Leave out --simulate, or --endpoint and --profile.",
		}
	}
	endpoint, err := bastion.ParseEndpoint(simulatedEndpoint)
	if err != nil {
		return account{}, err
	}
	c, err := bastion.NewCredentials(simulatedKey, simulatedKey, "")
	return account{endpoint: endpoint, credentials: c}, err
}

// openSimulator plays the API inside the process.
func openSimulator(statePath string) (*simulator.Simulator, error) {
	return simulator.New(simulator.Options{
		AccessKey: simulatedKey, SecretKey: simulatedKey, LedgerFile: simulatedLedger(statePath), Latency: simulatedLatency,
	})
}
