package internal_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// Pages that promise something and name the tests that hold it. They may not name what nothing holds any more.
var promising = []string{"../SECURITY.md", "../docs/reliability.md"}

func TestPagesNameTestsThatExist(t *testing.T) {
	there := testsAndSessions(t)
	for _, path := range promising {
		page, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		named := regexp.MustCompile(`\b(Test|Fuzz)[A-Z]\w+|\w+\.txtar`).FindAllString(string(page), -1)
		if len(named) < 30 {
			t.Errorf("%s names only %d tests", path, len(named))
		}
		for _, name := range named {
			if !there[name] {
				t.Errorf("%s: there is no %s", path, name)
			}
		}
	}
}

// testsAndSessions are the names of all functions in tests, and of all sessions.
func testsAndSessions(t *testing.T) map[string]bool {
	t.Helper()
	there := map[string]bool{}
	err := filepath.WalkDir("..", func(path string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case strings.HasSuffix(path, ".txtar"):
			there[e.Name()] = true
		case strings.HasSuffix(path, "_test.go"):
			text, err := os.ReadFile(path)
			for _, f := range regexp.MustCompile(`(?m)^func (\w+)\(`).FindAllSubmatch(text, -1) {
				there[string(f[1])] = true
			}
			return err
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return there
}
