package torture_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/bastion-fleet/bastion-fleet/internal/torture"
)

func TestAStageReportsWhatItsCasesCameTo(t *testing.T) {
	file := filepath.Join(t.TempDir(), "figures")
	t.Setenv(torture.EnvSize, "long")
	t.Setenv(torture.EnvSeed, "18446744073709551615")
	t.Setenv(torture.EnvFigures, file)
	for range 2 {
		t.Run("stage", func(t *testing.T) {
			s := torture.Begin(t, "kills")
			if !s.Long() || s.Size(1, 2) != 2 || s.Seed() != 1<<64-1 {
				t.Errorf("long %t, size %d, seed %d", s.Long(), s.Size(1, 2), s.Seed())
			}
			var cases sync.WaitGroup
			for range 10 {
				cases.Go(func() { s.Add(torture.Figures{Cases: 1, Kills: 2, Purchases: 3, Held: 4, Stage: "ignored"}) })
			}
			cases.Wait()
		})
	}
	in, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	want := torture.Figures{Stage: "kills", Seed: 1<<64 - 1, Cases: 10, Kills: 20, Purchases: 30, Held: 40}
	lines := json.NewDecoder(in)
	for range 2 {
		var got torture.Figures
		if err := lines.Decode(&got); err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(want, got, cmpopts.IgnoreFields(torture.Figures{}, "Seconds")); d != "" || !got.Sound() {
			t.Errorf("sound %t (-want +got):\n%s", got.Sound(), d)
		}
	}
}

func TestAStageIsShortAndTheSameUnlessToldOtherwise(t *testing.T) {
	t.Setenv(torture.EnvSize, "")
	t.Setenv(torture.EnvSeed, "")
	t.Setenv(torture.EnvFigures, "")
	s := torture.Begin(t, "kills")
	if s.Long() || s.Size(1, 2) != 1 || s.Seed() != 1 {
		t.Errorf("long %t, size %d, seed %d", s.Long(), s.Size(1, 2), s.Seed())
	}
	want := "TORTURE_SEED=1 go test -count=1 -run '^TestAStageIsShortAndTheSameUnlessToldOtherwise$' ./internal/torture"
	if got := s.Rerun(t, "internal/torture"); got != want {
		t.Errorf("rerun by %s", got)
	}
	t.Run("case.1", func(t *testing.T) {
		want := `TORTURE_SEED=1 go test -count=1 -run '^TestAStageIsShortAndTheSameUnlessToldOtherwise$/^case\.1$' ./internal/torture`
		if got := s.Rerun(t, "internal/torture"); got != want {
			t.Errorf("rerun by %s", got)
		}
	})
}

func TestFiguresAreSoundWithoutDoublesAndLosses(t *testing.T) {
	for f, want := range map[torture.Figures]bool{
		{Cases: 9, Kills: 9, Purchases: 9, Held: 9}: true,
		{Duplicates: 1}: false,
		{Lost: 1}:       false,
	} {
		if f.Sound() != want {
			t.Errorf("%+v is sound: %t", f, f.Sound())
		}
	}
}
