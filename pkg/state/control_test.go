package state

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// asked returns the next command to a run within a second, or none.
func asked(commands <-chan Command) (Command, bool) {
	select {
	case c, open := <-commands:
		return c, open
	case <-time.After(time.Second):
		return Command{}, false
	}
}

func TestARunHearsWhatIsAskedOfIt(t *testing.T) {
	path := place(t)
	synctest.Test(t, func(t *testing.T) {
		s := open(t, path)
		r := start(t, s, 0)
		commands := r.Commands(t.Context())
		for _, kind := range []CommandKind{CommandPause, CommandPause, CommandResume, CommandAbort} {
			if err := AskRun(path, r.ID(), Command{Kind: kind, By: "ann on host"}); err != nil {
				t.Fatal(err)
			}
			got, heard := asked(commands)
			if !heard || got.Kind != kind || got.By != "ann on host" || time.Since(got.At) > time.Second {
				t.Fatalf("heard %+v, %t, when asked to %s", got, heard, kind)
			}
			if again, heard := asked(commands); heard {
				t.Fatalf("heard %+v once more", again)
			}
		}
		if info, err := os.Stat(s.paths.control(r.ID())); err != nil || info.Mode().Perm() != fileMode {
			t.Errorf("%v: %v", err, info)
		}
		// The last word holds, where none is heard in between.
		time.Sleep(controlInterval / 2)
		for _, kind := range []CommandKind{CommandPause, CommandResume} {
			if err := AskRun(path, r.ID(), Command{Kind: kind}); err != nil {
				t.Fatal(err)
			}
		}
		if got, _ := asked(commands); got.Kind != CommandResume || got.By != s.Holder().Who() {
			t.Errorf("heard %+v", got)
		}
		closeAll(t, r, s)
		if c, open := <-commands; open {
			t.Errorf("heard %+v after the run", c)
		}
		if left, _ := filepath.Glob(filepath.Join(s.paths.Runs, "*control*")); len(left) > 0 {
			t.Errorf("the run leaves %v", left)
		}
	})
}

// What looks odd is passed over, and what is right is heard after it.
func TestOddCommandsArePassedOver(t *testing.T) {
	path := place(t)
	synctest.Test(t, func(t *testing.T) {
		s := open(t, path)
		r := start(t, s, 0)
		commands := r.Commands(t.Context())
		control := s.paths.control(r.ID())
		sealedAs := func(text string) []byte {
			sealed, _ := seal([]byte(strings.ReplaceAll(text, "RUN", r.ID())))
			return append(sealed, '\n')
		}
		good := `{"v":1,"run":"RUN","kind":"abort","by":"x","at":"2026-11-23T10:15:00Z"}`
		for name, content := range map[string][]byte{
			"nothing":           {},
			"a word":            []byte("abort\n"),
			"unsealed":          []byte(strings.ReplaceAll(good, "RUN", r.ID())),
			"another run's":     sealedAs(strings.ReplaceAll(good, "RUN", "20260101T000000Z-abcdef")),
			"a later version's": sealedAs(strings.ReplaceAll(good, `"v":1`, `"v":2`)),
			"another command":   sealedAs(strings.ReplaceAll(good, "abort", "buy")),
			"no object":         sealedAs(`["abort"]`),
			"too much":          sealedAs(strings.ReplaceAll(good, `"x"`, `"`+strings.Repeat("x", maxControl)+`"`)),
		} {
			if err := replaceFile(control, content); err != nil {
				t.Fatal(err)
			}
			if c, heard := asked(commands); heard {
				t.Errorf("%s: heard %+v", name, c)
			}
		}
		takeAway(t, control)
		if err := os.Mkdir(control, dirMode); err != nil {
			t.Fatal(err)
		}
		if c, heard := asked(commands); heard {
			t.Errorf("a directory: heard %+v", c)
		}
		takeAway(t, control)
		if err := replaceFile(control, sealedAs(good)); err != nil {
			t.Fatal(err)
		}
		if c, heard := asked(commands); !heard || c.Kind != CommandAbort {
			t.Errorf("heard %+v, %t", c, heard)
		}
		closeAll(t, r, s)
	})
}

// Nothing is asked of a run that is not under way; the reason says who holds the state instead.
func TestOnlyARunThatIsUnderWayIsAsked(t *testing.T) {
	path := place(t)
	s := open(t, path)
	r := start(t, s, 0)
	buy(t, r, testOrder(0), 1)
	if id, holder, running := RunningRun(path); !running || id != r.ID() || holder.PID != os.Getpid() {
		t.Errorf("under way: %s by %+v, %t", id, holder, running)
	}
	const other = "20200101T000000Z-abcdef"
	refused := func(id, says string) {
		t.Helper()
		err := AskRun(path, id, Command{Kind: CommandPause})
		if !errors.Is(err, ErrNotRunning) || !strings.Contains(err.Error(), says) {
			t.Errorf("got %v, want that it says %q", err, says)
		}
		if left, _ := filepath.Glob(filepath.Join(s.paths.Runs, "*control*")); len(left) > 0 {
			t.Errorf("it leaves %v", left)
		}
	}
	refused(other, "there is no such run here; the run that is under way is "+r.ID()+", by process ")
	if err := r.Close(RunSummary{Ended: testTime}); err != nil {
		t.Fatal(err)
	}
	refused(r.ID(), "(apply), which makes no run")
	if id, holder, running := RunningRun(path); running || id != "" || holder.PID == 0 {
		t.Errorf("held without a run: %q by %+v, %t", id, holder, running)
	}
	closeStore(t, s)
	refused(r.ID(), "no process holds the state")
	if id, holder, running := RunningRun(path); running || id != "" || holder != (Holder{}) {
		t.Errorf("not held: %q by %+v, %t", id, holder, running)
	}
	if err := AskRun(path, r.ID(), Command{Kind: "buy"}); err == nil || errors.Is(err, ErrNotRunning) {
		t.Errorf("an odd command: %v", err)
	}
}

// What was asked of a run that died is removed by the next one, and is no run's log.
func TestCommandsThatNobodyHeardAreRemoved(t *testing.T) {
	path := place(t)
	s := open(t, path)
	r := start(t, s, 0)
	if err := AskRun(path, r.ID(), Command{Kind: CommandPause}); err != nil {
		t.Fatal(err)
	}
	replace(t, filepath.Join(s.paths.Runs, "."+r.ID()+controlSuffix+"-123"), nil) // of an asker that was killed
	closeStore(t, s)
	sound(t, path)
	goOn(t, path, 1)
	if left, _ := filepath.Glob(filepath.Join(PathsOf(path).Runs, "*")); len(left) != 2 {
		t.Errorf("left: %v, want two logs", left)
	}
	if left, _ := filepath.Glob(filepath.Join(PathsOf(path).Runs, ".*")); len(left) != 0 {
		t.Errorf("left: %v", left)
	}
}
