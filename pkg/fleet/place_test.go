package fleet_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/bastion-fleet/bastion-fleet/pkg/fleet"
)

// A directory that is named like a fleet file would have two places for its state, one in it and one beside it, and
// its orders would be bought once for each.
func TestADirectoryNamedLikeAFileIsRefused(t *testing.T) {
	for _, name := range []string{"a.fleet.hcl", "a.fleet.json"} {
		dir := filepath.Join(t.TempDir(), name)
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "main.fleet.hcl"), []byte("fleet \"a\" {}\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		for _, path := range []string{dir, dir + string(filepath.Separator)} {
			_, diags := fleet.Load(path, fleet.Options{})
			if !diags.HasErrors() || diags[0].Summary != "Directory named like a fleet file" {
				t.Errorf("%s: %v", path, diags)
			}
		}
	}
}
