//go:build unix

package infile

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// TestReadOwnSecretRefusesOthersFiles: root can read everybody's, and whoever names the file may have made it.
func TestReadOwnSecretRefusesOthersFiles(t *testing.T) {
	path := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(path, []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	if text, err := ReadOwnSecret(path, 10); err != nil || string(text) != "secret" {
		t.Errorf("one's own: %q, %v", text, err)
	}
	user = func() int { return os.Geteuid() + 1 }
	t.Cleanup(func() { user = os.Geteuid })
	if text, err := ReadOwnSecret(path, 10); !errors.Is(err, ErrOtherOwner) || text != nil {
		t.Errorf("another's: %q, %v", text, err)
	}
	if text, err := ReadSecret(path, 10); err != nil || string(text) != "secret" {
		t.Errorf("another's, where that doesn't matter: %q, %v", text, err)
	}
}
