package torture

import (
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// The environment by which scripts/torture speaks to the stages.
const (
	// EnvSize set to "long" makes stages run long. Anything else: a few seconds of each.
	EnvSize = "TORTURE"
	// EnvSeed is the seed of all that is drawn, a decimal number.
	EnvSeed = "TORTURE_SEED"
	// EnvFigures names a file that each stage appends its [Figures] to, as a line of JSON.
	EnvFigures = "TORTURE_FIGURES"
)

// fixedSeed is the seed where none is given, so that make test does the same every time.
const fixedSeed = 1

// Figures are what a stage came to. They add up over its cases.
type Figures struct {
	Stage      string  `json:"stage"`
	Seed       uint64  `json:"seed"`
	Cases      int     `json:"cases"`      // fleets, images or schedules that were played and audited to their end
	Kills      int     `json:"kills"`      // processes or machines that were ended by force
	Purchases  int     `json:"purchases"`  // what the simulated API sold
	Duplicates int     `json:"duplicates"` // sales that nobody asked for; must be 0
	Lost       int     `json:"lost"`       // sales that the state neither holds nor holds in doubt; must be 0
	Held       int     `json:"held"`       // orders that stayed in doubt, and are named
	Seconds    float64 `json:"seconds"`
}

// Sound tells whether all figures that must be 0 are.
func (f Figures) Sound() bool { return f.Duplicates == 0 && f.Lost == 0 }

// A Stage adds up what its cases come to. It is safe for concurrent use.
type Stage struct {
	t     *testing.T
	begun time.Time

	mu      sync.Mutex
	figures Figures
}

// Begin begins a stage of the given name. When t and its subtests have ended, it reports the figures: to the file that
// [EnvFigures] names, and to the test's log.
func Begin(t *testing.T, name string) *Stage {
	t.Helper()
	seed := uint64(fixedSeed)
	if text := os.Getenv(EnvSeed); text != "" {
		var err error
		if seed, err = strconv.ParseUint(text, 10, 64); err != nil {
			t.Fatalf("%s: %v", EnvSeed, err)
		}
	}
	s := &Stage{t: t, begun: time.Now(), figures: Figures{Stage: name, Seed: seed}}
	t.Cleanup(s.report)
	return s
}

// Long tells whether the stage is to run long.
func (s *Stage) Long() bool { return os.Getenv(EnvSize) == "long" }

// Size is short in make test, and long in make torture.
func (s *Stage) Size(short, long int) int {
	if s.Long() {
		return long
	}
	return short
}

// Seed is the seed of all that the stage draws. The same seed draws the same cases.
func (s *Stage) Seed() uint64 { return s.figures.Seed }

// Add adds what one case, or a part of one, came to. Stage, Seed and Seconds of f are ignored.
func (s *Stage) Add(f Figures) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.figures.Cases += f.Cases
	s.figures.Kills += f.Kills
	s.figures.Purchases += f.Purchases
	s.figures.Duplicates += f.Duplicates
	s.figures.Lost += f.Lost
	s.figures.Held += f.Held
}

// Rerun is the command that runs one case alone, as long and with the same seed. The case must be a subtest, or the
// whole stage.
func (s *Stage) Rerun(t *testing.T, pkg string) string {
	size := ""
	if s.Long() {
		size = EnvSize + "=long "
	}
	name := strings.ReplaceAll(regexp.QuoteMeta(t.Name()), "/", "$/^")
	return fmt.Sprintf("%s%s=%d go test -count=1 -run '^%s$' ./%s", size, EnvSeed, s.Seed(), name, pkg)
}

func (s *Stage) report() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.figures.Seconds = time.Since(s.begun).Seconds()
	line, err := json.Marshal(s.figures)
	if err == nil {
		s.t.Logf("figures: %s", line)
		err = appendLine(os.Getenv(EnvFigures), line)
	}
	if err != nil {
		s.t.Errorf("the figures can't be reported: %v", err)
	}
}

// appendLine adds a line to a file; without a name to none.
func appendLine(path string, line []byte) error {
	if path == "" {
		return nil
	}
	file, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	if _, err := file.Write(append(line, '\n')); err != nil {
		file.Close()
		return err
	}
	return file.Close()
}
