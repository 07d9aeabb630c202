package state

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

// TestOnePlanKeyIsMade: whoever loses the race must seal with the winner's key, or its plan could never be applied.
func TestOnePlanKeyIsMade(t *testing.T) {
	path := DefaultPath(t.TempDir())
	const racers = 16
	keys := make([][PlanKeySize]byte, racers)
	var all sync.WaitGroup
	for i := range racers {
		all.Go(func() {
			var err error
			if keys[i], err = MakePlanKey(path); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	for _, key := range keys {
		if key != keys[0] || key == [PlanKeySize]byte{} {
			t.Fatalf("different keys: %x", keys)
		}
	}
	if key, err := ReadPlanKey(path); err != nil || key != keys[0] {
		t.Errorf("read again: %x, %v", key, err)
	}
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(entries) != 1 || entries[0].Name() != "plan.key" {
		t.Errorf("beside the key: %v, %v", entries, err)
	}
	if info, err := os.Stat(PathsOf(path).PlanKey); err != nil || info.Mode().Perm() != 0o600 || info.Size() != PlanKeySize {
		t.Errorf("%v, %v", info.Mode(), err)
	}
}

// Of two processes that make a key at a time, the later one must leave the earlier one's: plans may be sealed with it already.
func TestAPlanKeyNeverReplacesAnother(t *testing.T) {
	name := filepath.Join(t.TempDir(), "plan.key")
	if err := addFile(name, []byte("the first")); err != nil {
		t.Fatal(err)
	}
	if err := addFile(name, []byte("the second")); !errors.Is(err, fs.ErrExist) {
		t.Errorf("a second key: %v", err)
	}
	if content, err := os.ReadFile(name); err != nil || string(content) != "the first" {
		t.Errorf("the key is %q, %v", content, err)
	}
	if entries, err := os.ReadDir(filepath.Dir(name)); err != nil || len(entries) != 1 {
		t.Errorf("it left %v, %v", entries, err)
	}
}

// TestPlanKeyIsDurable: after a power cut a plan must not be left that no key fits.
func TestPlanKeyIsDurable(t *testing.T) {
	path := DefaultPath(t.TempDir())
	dir, key := filepath.Dir(path), PathsOf(path).PlanKey
	var durable []string // names, and whether the key was there by then
	syncDir = func(dir string) error {
		_, err := os.Stat(key)
		durable = append(durable, fmt.Sprint(filepath.Base(dir), err == nil))
		return nil
	}
	t.Cleanup(func() { syncDir = fsyncDir })
	for range 2 { // whoever made it first may have died before its name was durable
		durable = nil
		if _, err := MakePlanKey(path); err != nil {
			t.Fatal(err)
		}
		if !slices.Contains(durable, fmt.Sprint(filepath.Base(dir), true)) {
			t.Errorf("the key's name is not durable: %v", durable)
		}
	}
	if !slices.Contains(durable, fmt.Sprint(filepath.Base(filepath.Dir(dir)), true)) {
		t.Errorf("the name of the key's directory is not durable: %v", durable)
	}
}

// TestAPlanKeyIsNoState: to save a plan before the first apply must not make the state look begun, nor one that was
// lost look fresh.
func TestAPlanKeyIsNoState(t *testing.T) {
	path := DefaultPath(t.TempDir())
	if _, err := MakePlanKey(path); err != nil {
		t.Fatal(err)
	}
	s, err := Read(path)
	if err != nil || !s.Fresh() {
		t.Errorf("fresh %t, %v", s.Fresh(), err)
	}
	if err := os.WriteFile(PathsOf(path).Lock, []byte(`{"lineage":"x"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Read(path); !errors.Is(err, ErrLost) {
		t.Errorf("a lost state with a key: %v", err)
	}
}

func TestPlanKeyRefused(t *testing.T) {
	good := strings.Repeat("k", PlanKeySize)
	tests := []struct {
		name, content string
		mode          os.FileMode
		kind          error
		want          string
	}{
		{"readable by the group", good, 0o640, ErrUnfitKey, "0640"},
		{"writable by all", good, 0o602, ErrUnfitKey, "0602"},
		{"empty", "", 0o600, ErrUnfitKey, "0 bytes"},
		{"cut", good[:31], 0o600, ErrUnfitKey, "31 bytes"},
		{"longer", good + "k", 0o600, nil, "larger than 32 bytes"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "prod.db")
			name := PathsOf(path).PlanKey
			if filepath.Base(name) != "prod.key" {
				t.Fatal(name)
			}
			if err := os.WriteFile(name, []byte(tt.content), tt.mode); err != nil {
				t.Fatal(err)
			}
			if err := os.Chmod(name, tt.mode); err != nil {
				t.Fatal(err)
			}
			for _, key := range []func(string) ([PlanKeySize]byte, error){ReadPlanKey, MakePlanKey} {
				_, err := key(path)
				if err == nil || !strings.Contains(err.Error(), tt.want) || tt.kind != nil && !errors.Is(err, tt.kind) {
					t.Errorf("%v, want %q", err, tt.want)
				}
			}
			if content, err := os.ReadFile(name); err != nil || string(content) != tt.content {
				t.Errorf("the file was changed: %q, %v", content, err)
			}
		})
	}
}
