// Command torture runs the long tests of the promise one after the other and prints what they came to as a table (make
// torture). It ends with 1 when a figure that must be 0 is not, or a test failed.
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/bastion-fleet/bastion-fleet/internal/torture"
)

// A stage is a test that reports figures, and where it is.
type stage struct{ name, test, pkg string }

// stages in the order in which they run.
var stages = []stage{
	{"points", "TestKillsAtEveryPoint", "./internal/torture/kill"},
	{"passages", "TestKillsAtEveryPassage", "./internal/torture/kill"},
	{"recoveries", "TestKillsInTheRecoveryOfKills", "./internal/torture/kill"},
	{"restores", "TestKillsInRestores", "./internal/torture/kill"},
	{"25-kills", "TestTwentyFiveKills", "./internal/torture/kill"},
	{"random", "TestKillsAtRandom", "./internal/torture/kill"},
	{"campaigns", "TestCampaignsKilledAtRandom", "./internal/torture/kill"},
	{"powercut", "TestPowerCuts", "./internal/torture/powercut"},
	{"disk", "TestDiskFaults", "./internal/torture/powercut"},
	{"world", "TestWorlds", "./internal/torture/world"},
	{"same-trace", "TestTheSameSeedHasTheSameTrace", "./internal/torture/world"},
	{"mutation", "TestMutants", "./scripts/mutate"},
}

func main() {
	log.SetFlags(0)
	seed := flag.Uint64("seed", rand.Uint64(), "draw everything from `N`; the same seed draws the same cases")
	only := flag.String("only", "", "run `STAGES` alone, separated by commas: "+strings.Join(names(), ", "))
	short := flag.Bool("short", false, "as short as in make test")
	flag.Parse()
	chosen, err := choose(*only)
	if err != nil {
		log.Fatal(err)
	}
	all, err := run(chosen, *seed, *short)
	printTable(os.Stdout, all)
	if err != nil {
		log.Fatal(err)
	}
}

func names() []string {
	var all []string
	for _, s := range stages {
		all = append(all, s.name)
	}
	return all
}

// choose returns the stages of a list of names; all for an empty one.
func choose(list string) ([]stage, error) {
	if list == "" {
		return stages, nil
	}
	var chosen []stage
	for name := range strings.SplitSeq(list, ",") {
		i := slices.IndexFunc(stages, func(s stage) bool { return s.name == name })
		if i < 0 {
			return nil, fmt.Errorf("-only: there is no stage %q, but %s", name, strings.Join(names(), ", "))
		}
		chosen = append(chosen, stages[i])
	}
	return chosen, nil
}

// run runs the stages to their end, whatever becomes of them, and returns the figures of all that reported some.
func run(chosen []stage, seed uint64, short bool) ([]torture.Figures, error) {
	dir, err := os.MkdirTemp("", "torture-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	var all []torture.Figures
	var failed []error
	for n, s := range chosen {
		fmt.Fprintf(os.Stderr, "%s (%d of %d), seed %d\n", s.name, n+1, len(chosen), seed)
		file := filepath.Join(dir, s.name)
		if err := s.run(seed, short, file); err != nil {
			failed = append(failed, fmt.Errorf("%s: %w", s.name, err))
		}
		figures, err := readFigures(file)
		if err != nil {
			failed = append(failed, fmt.Errorf("%s: its figures: %w", s.name, err))
		}
		for _, f := range figures {
			if !f.Sound() {
				failed = append(failed, fmt.Errorf("%s: %d duplicates, %d lost", f.Stage, f.Duplicates, f.Lost))
			}
		}
		all = append(all, figures...)
	}
	return all, errors.Join(failed...)
}

func (s stage) run(seed uint64, short bool, figures string) error {
	size := "long"
	if short {
		size = ""
	}
	c := exec.Command("go", "test", "-count=1", "-timeout=0", "-run", "^"+s.test+"$", s.pkg)
	c.Env = append(os.Environ(),
		torture.EnvSize+"="+size, torture.EnvSeed+"="+strconv.FormatUint(seed, 10), torture.EnvFigures+"="+figures)
	c.Stdout, c.Stderr = os.Stderr, os.Stderr
	return c.Run()
}

// readFigures reads what a stage reported, which is at least a line.
func readFigures(path string) ([]torture.Figures, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	var all []torture.Figures
	for lines := json.NewDecoder(file); ; {
		var f torture.Figures
		if err := lines.Decode(&f); errors.Is(err, io.EOF) {
			return all, nil
		} else if err != nil {
			return all, err
		}
		all = append(all, f)
	}
}

func printTable(to io.Writer, all []torture.Figures) {
	w := tabwriter.NewWriter(to, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "stage\tseed\tcases\tkills\tpurchases\tduplicates\tlost\theld\tseconds\t")
	for _, f := range all {
		fmt.Fprintf(w, "%s\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%.0f\t\n",
			f.Stage, f.Seed, f.Cases, f.Kills, f.Purchases, f.Duplicates, f.Lost, f.Held, f.Seconds)
	}
	w.Flush()
}
