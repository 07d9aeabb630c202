package bastion

import (
	"crypto/tls"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// No code of the program may turn the verification of certificates off, by a switch or otherwise.
func TestNothingTurnsVerificationOff(t *testing.T) {
	forbidden := map[string]bool{"InsecureSkipVerify": true, "VerifyPeerCertificate": true, "VerifyConnection": true}
	files := 0
	err := filepath.WalkDir("../..", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") {
			return err
		}
		files++
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, text, 0)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if name, ok := n.(*ast.Ident); ok && forbidden[name.Name] {
				t.Errorf("%s sets %s", path, name.Name)
			}
			return true
		})
		return nil
	})
	if err != nil || files < 100 {
		t.Errorf("%d files were read: %v", files, err)
	}
}

func TestTheOldestTLS(t *testing.T) {
	transport := newTransport(1, time.Second)
	for name, config := range map[string]*tls.Config{"buying": transport.buying.TLSClientConfig, "reading": transport.reading.TLSClientConfig} {
		if config.MinVersion < tls.VersionTLS12 || config.InsecureSkipVerify || config.RootCAs != nil {
			t.Errorf("%s: TLS from version %x, verification off: %v", name, config.MinVersion, config.InsecureSkipVerify)
		}
	}
}
