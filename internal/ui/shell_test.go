package ui_test

import (
	"os/exec"
	"testing"

	"github.com/bastion-fleet/bastion-fleet/internal/ui"
)

// A shell takes each word for what it shows, and runs nothing of it.
func TestShellWord(t *testing.T) {
	for _, s := range []string{
		"", "plain", "a b", `order.gw["bj"]`, "it's", "'", "$(id)", "`id`", "a;id", `\`, "~", "*", "#", "x\ny", "red\x1b[31m", "北京",
	} {
		out, err := exec.Command("sh", "-c", "printf %s "+ui.ShellWord(s)).Output()
		if err != nil || string(out) != ui.Sanitize(s) {
			t.Errorf("%q is written %s, which a shell takes for %q: %v", s, ui.ShellWord(s), out, err)
		}
	}
	if plain := "./a-b/state.db"; ui.ShellWord(plain) != plain {
		t.Errorf("%s is quoted: %s", plain, ui.ShellWord(plain))
	}
}
