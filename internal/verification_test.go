package internal_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestNothingTurnsVerificationOff holds that no switch can do it by accident: the words for it are in no program's source.
func TestNothingTurnsVerificationOff(t *testing.T) {
	looked := 0
	for _, dir := range []string{"../cmd", "../internal", "../pkg"} {
		err := filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
			if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			looked++
			text, err := os.ReadFile(path)
			for _, word := range []string{"InsecureSkipVerify", "KeyLogWriter", "VerifyPeerCertificate", "VerifyConnection", "RootCAs", "VersionTLS10", "VersionTLS11"} {
				if strings.Contains(string(text), word) {
					t.Errorf("%s says %s", path, word)
				}
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if looked < 100 {
		t.Errorf("only %d files were looked at", looked)
	}
}
