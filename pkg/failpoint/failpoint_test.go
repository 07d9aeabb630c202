package failpoint_test

import (
	"bytes"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bastion-fleet/bastion-fleet/pkg/failpoint"
)

const root = "../.."

var call = regexp.MustCompile(`failpoint\.Here\(([^)]*)\)`)

// Each point has one call, in its file, and there is no call that is none of the points.
func TestPointsAreWhereTheySay(t *testing.T) {
	var want, got []string
	for _, p := range failpoint.Points() {
		want = append(want, p.File+` "`+p.Name+`"`)
		if p.When == "" {
			t.Errorf("%s does not say when it is passed", p.Name)
		}
	}
	for _, dir := range []string{"cmd", "internal", "pkg"} {
		err := filepath.WalkDir(filepath.Join(root, dir), func(path string, d fs.DirEntry, err error) error {
			if err != nil || filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") {
				return err
			}
			text, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			file, err := filepath.Rel(root, path)
			for _, found := range call.FindAllSubmatch(text, -1) {
				got = append(got, filepath.ToSlash(file)+" "+string(found[1]))
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	slices.Sort(want)
	slices.Sort(got)
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("the list of points and the calls differ (-list +calls):\n%s", d)
	}
}

// What people buy with can't be ended by its environment: only a build with the tag knows the points.
func TestAnOrdinaryBuildHasNoPoints(t *testing.T) {
	names := []string{failpoint.Env, "log-synced", "outcome-durable"}
	for tags, want := range map[string]bool{"": false, "failpoint": true} {
		program := filepath.Join(t.TempDir(), "program")
		if out, err := exec.Command("go", "build", "-tags", tags, "-o", program, root+"/cmd/bastion-fleet").CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		text, err := os.ReadFile(program)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			if bytes.Contains(text, []byte(name)) != want {
				t.Errorf("built with tags %q the program holds %s: %t, want %t", tags, name, !want, want)
			}
		}
		c := exec.Command(program, "version")
		c.Env = append(os.Environ(), failpoint.Env+"=no-such-point:1")
		if out, err := c.CombinedOutput(); (err != nil) != want || bytes.Contains(out, []byte(`no point "no-such-point"`)) != want {
			t.Errorf("built with tags %q and a point that is none it ended with %v: %s", tags, err, out)
		}
	}
}
