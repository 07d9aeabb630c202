package world

import (
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
)

// copyTree copies a directory with all that is in it, modes included.
func copyTree(from, to string) error {
	return filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rest, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		if d.IsDir() {
			return os.MkdirAll(filepath.Join(to, rest), info.Mode().Perm())
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(to, rest), text, info.Mode().Perm())
	})
}

// statePath is where the state of the fleet in home is.
func statePath(home string) string { return filepath.Join(home, ".bastion-fleet", "state.db") }

// mix takes back from after, by the dice, the database or what was appended to a run log since before.
func mix(dice *rand.Rand, before, after string) error {
	kept := dice.IntN(4) // 0: the log alone is as it was, 1: the database alone, 2: both, 3: the log has half of a line
	if kept == 1 || kept == 2 {
		if err := restore(statePath(before), statePath(after), 1); err != nil {
			return err
		}
	}
	if kept == 1 {
		return nil
	}
	logs, err := filepath.Glob(filepath.Join(after, ".bastion-fleet", "runs", "*.ndjson"))
	if err != nil {
		return err
	}
	share := 1.0
	if kept == 3 {
		share = dice.Float64()
	}
	for _, log := range logs {
		if err := restore(strings.Replace(log, after, before, 1), log, share); err != nil {
			return err
		}
	}
	return nil
}

// restore takes back a share of what was appended to a file; all of it makes the file as it was, whatever was done to it.
func restore(before, after string, share float64) error {
	old, err := os.ReadFile(before)
	if err != nil {
		return err
	}
	if share == 1 {
		return os.WriteFile(after, old, 0o600)
	}
	now, err := os.ReadFile(after)
	if err != nil {
		return err
	}
	if len(now) < len(old) {
		return fmt.Errorf("%s has become shorter", after)
	}
	return os.WriteFile(after, now[:len(now)-int(share*float64(len(now)-len(old)))], 0o600)
}
