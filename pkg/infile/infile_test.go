package infile_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/bastion-fleet/bastion-fleet/pkg/infile"
)

func write(t *testing.T, name, text string, mode fs.FileMode) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil { // whatever the umask
		t.Fatal(err)
	}
	return path
}

func link(t *testing.T, target string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(target, path); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestReadIsBounded(t *testing.T) {
	path := write(t, "x", strings.Repeat("x", 2048), 0o600)
	if text, err := infile.Read(path, 2048); err != nil || len(text) != 2048 {
		t.Errorf("%d bytes, %v", len(text), err)
	}
	tests := map[int64]string{2047: "2047 bytes", 1024: "1 KiB", 0: "0 bytes"}
	for limit, want := range tests {
		var tooLong *infile.SizeError
		_, err := infile.Read(path, limit)
		if !errors.As(err, &tooLong) || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), path) {
			t.Errorf("limit %d: %v; want %q", limit, err, want)
		}
	}
	if text, err := infile.Read(link(t, path), 2048); err != nil || len(text) != 2048 {
		t.Errorf("through a link: %d bytes, %v", len(text), err)
	}
}

// TestReadWaitsForNobody: without a writer, opening a pipe would never return, and reading a device never end.
func TestReadWaitsForNobody(t *testing.T) {
	pipe := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{pipe, link(t, pipe), "/dev/zero", link(t, "/dev/zero"), t.TempDir()} {
		for _, read := range []func(string, int64) ([]byte, error){infile.Read, infile.ReadSecret} {
			if _, err := read(name, 10); !errors.Is(err, infile.ErrNotRegular) {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
	if _, err := infile.Read(filepath.Join(t.TempDir(), "none"), 10); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
}

// TestCheckSeesWhatWasOpened: between a look at a name and its opening, something else can come to stand there.
func TestCheckSeesWhatWasOpened(t *testing.T) {
	pipe := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(pipe, infile.OpenFlags, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := infile.Check(f); !errors.Is(err, infile.ErrNotRegular) {
		t.Errorf("an open pipe: %v", err)
	}
}

func TestReadSecretRefusesWhatOthersCanReadOrWrite(t *testing.T) {
	for _, mode := range []fs.FileMode{0o600, 0o400, 0o700} {
		path := write(t, "key", "secret", mode)
		for _, name := range []string{path, link(t, path)} {
			if text, err := infile.ReadSecret(name, 10); err != nil || string(text) != "secret" {
				t.Errorf("%04o: %q, %v", mode, text, err)
			}
		}
	}
	for _, mode := range []fs.FileMode{0o640, 0o604, 0o620, 0o602, 0o610, 0o644, 0o666, 0o444} {
		path := write(t, "key", "secret", mode)
		for _, name := range []string{path, link(t, path)} {
			var exposed *infile.ExposedError
			text, err := infile.ReadSecret(name, 10)
			if !errors.As(err, &exposed) || exposed.Mode != mode || exposed.Path != name || text != nil {
				t.Errorf("%04o: %q, %v", mode, text, err)
			}
		}
	}
}
