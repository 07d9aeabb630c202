package canary

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// FindInFiles returns the files below dir that hold a secret, as "PATH: WHAT", but not those whose paths below it are
// among the homes, where secrets belong.
func FindInFiles(dir string, homes ...string) (found []string, err error) {
	err = filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if err != nil || slices.Contains(homes, filepath.ToSlash(name)) {
			return err
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if what := Find([]byte(path)) + Find(content); what != "" {
			found = append(found, name+": "+what)
		}
		return nil
	})
	return found, err
}
