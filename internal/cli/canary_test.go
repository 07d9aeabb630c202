package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/testscript"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/bastion-fleet/bastion-fleet/internal/canary"
)

// Secrets of the scripts' credentials must be in nothing that the program prints or writes. Their texts occur nowhere
// else, so whoever finds one has found a leak.

// secretsHomes are the files of a session where a secret belongs: profiles.
var secretsHomes = []string{"config", ".jdc/config"}

// A watched test reads all that its scripts' programs print.
type watched struct {
	*testing.T
	leak func(t *testing.T, what string) // says that something got out
}

func watchOutput(t *testing.T) watched {
	return watched{t, func(t *testing.T, what string) { t.Error(what) }}
}

func (w watched) Run(name string, f func(testscript.T)) {
	w.T.Run(name, func(t *testing.T) { f(watched{t, w.leak}) })
}

// Verbose keeps everything for Log.
func (w watched) Verbose() bool { return true }

// Log gets a script's transcript once it has ended. Shown is, as ever, its last part, and nothing of one that
// holds a secret.
func (w watched) Log(args ...any) {
	w.Helper()
	transcript := fmt.Sprint(args...)
	if what := canary.Find([]byte(transcript)); what != "" {
		w.leak(w.T, "a program printed "+what)
		return // a planted one must not be taken for a leak by who reads what tests print
	}
	if at := strings.LastIndex(transcript, "\n# "); at >= 0 && !testing.Verbose() {
		transcript = transcript[at+1:]
	}
	w.T.Log(transcript)
}

// watchFiles looks, at a script's end, through all files that it leaves.
func watchFiles(env *testscript.Env) {
	w := env.T().(watched)
	env.Defer(func() {
		found, err := canary.FindInFiles(env.WorkDir, secretsHomes...)
		if err != nil {
			w.Errorf("the session's files can't be read: %v", err)
		}
		for _, file := range found {
			w.leak(w.T, "written into "+file)
		}
	})
}

// TestALeakIsNoticed plants leaks in a session of its own: a watch that sees nothing would be worth nothing.
func TestALeakIsNoticed(t *testing.T) {
	script := filepath.Join(t.TempDir(), "leak.txtar")
	const text = `
plant
exec sh -c 'printf %s "$SECRET" | base64 >&2'
! exec sh -c 'echo $TOKEN; exit 1'
# It ends well.
exec sh -c 'mkdir .jdc runs; echo $SECRET > .jdc/config; echo $SECRET | gzip > runs/a.plan; echo $TOKEN > state.db'
`
	if err := os.WriteFile(script, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	var noticed []string
	t.Cleanup(func() { // once the session, which waits for this function's end, has ended
		want := []string{
			"written into runs/a.plan: the secret key, packed", "written into state.db: the security token",
			"a program printed the secret key in base64",
		}
		if diff := cmp.Diff(want, noticed); diff != "" {
			t.Errorf("noticed (-want +got):\n%s", diff)
		}
	})
	testscript.RunT(watched{t, func(_ *testing.T, what string) { noticed = append(noticed, what) }}, testscript.Params{
		Files: []string{script},
		Setup: func(env *testscript.Env) error { watchFiles(env); return nil },
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"plant": func(ts *testscript.TestScript, _ bool, _ []string) {
			ts.Setenv("SECRET", canary.SecretKey)
			ts.Setenv("TOKEN", canary.SecurityToken)
		}},
	})
}

// TestNoFlagTakesASecret: every user of a machine sees every process's arguments. The simulator's keys are none.
func TestNoFlagTakesASecret(t *testing.T) {
	secret := regexp.MustCompile(`(?i)key|secret|token|pass|credential|auth`)
	seen := 0
	var look func(c *cobra.Command)
	look = func(c *cobra.Command) {
		c.Flags().VisitAll(func(f *pflag.Flag) {
			seen++
			if secret.MatchString(f.Name) && c.CommandPath() != "bastion-fleet sim serve" {
				t.Errorf("%s --%s", c.CommandPath(), f.Name)
			}
		})
		for _, child := range c.Commands() {
			look(child)
		}
	}
	look(newRootCmd(&globals{}))
	if seen < 20 {
		t.Errorf("only %d flags were looked at", seen)
	}
}

// watchDir looks, at a test's end, through all files below dir.
func watchDir(t *testing.T, dir string) {
	t.Helper()
	t.Cleanup(func() {
		if found, err := canary.FindInFiles(dir); err != nil || len(found) > 0 {
			t.Errorf("secrets in the test's files: %q, %v", found, err)
		}
	})
}
