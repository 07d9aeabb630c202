package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bastion-fleet/bastion-fleet/internal/torture"
)

func TestStagesAreChosenByName(t *testing.T) {
	all, err := choose("")
	if err != nil || len(all) != len(stages) {
		t.Errorf("%d of %d stages without a choice: %v", len(all), len(stages), err)
	}
	two, err := choose("world,points")
	if err != nil || len(two) != 2 || two[0].name != "world" || two[1].name != "points" {
		t.Errorf("%v, %v", two, err)
	}
	if _, err := choose("points,pionts"); err == nil || !strings.Contains(err.Error(), `no stage "pionts", but points, `) {
		t.Errorf("a stage that is none: %v", err)
	}
}

// Each stage is a test of the package that it names: one that is renamed would pass for lack of tests to run.
func TestStagesAreTests(t *testing.T) {
	for _, s := range stages {
		files, err := filepath.Glob(filepath.Join("../..", s.pkg, "*_test.go"))
		if err != nil {
			t.Fatal(err)
		}
		found := false
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			found = found || bytes.Contains(text, []byte("func "+s.test+"(t *testing.T)"))
		}
		if !found {
			t.Errorf("%s has no %s", s.pkg, s.test)
		}
	}
}

func TestFiguresAreReadAndShown(t *testing.T) {
	file := filepath.Join(t.TempDir(), "figures")
	lines := `{"stage":"points","seed":7,"cases":38,"kills":43,"purchases":310,"duplicates":0,"lost":1,"held":34,"seconds":3.4}` + "\n"
	if err := os.WriteFile(file, []byte(lines), 0o600); err != nil {
		t.Fatal(err)
	}
	all, err := readFigures(file)
	if err != nil {
		t.Fatal(err)
	}
	want := torture.Figures{Stage: "points", Seed: 7, Cases: 38, Kills: 43, Purchases: 310, Lost: 1, Held: 34, Seconds: 3.4}
	if d := cmp.Diff([]torture.Figures{want}, all); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	var table bytes.Buffer
	printTable(&table, all)
	const shown = "" +
		"   stage  seed  cases  kills  purchases  duplicates  lost  held  seconds\n" +
		"  points     7     38     43        310           0     1    34        3\n"
	if d := cmp.Diff(shown, table.String()); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	if err := os.WriteFile(file, []byte(lines[:20]), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := readFigures(file); err == nil {
		t.Error("half a line is read")
	}
}
