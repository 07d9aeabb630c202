package cli

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// commandLine is a line of a page that shows a command: indented, as all code in the pages is, or behind a prompt.
var commandLine = regexp.MustCompile(`(?m)^ {2,}(?:\$ )?(?:\S*/)?bastion-fleet (\S.*)$`)

// TestPagesShowCommandsThatExist holds every command and flag in the pages for users to the program.
func TestPagesShowCommandsThatExist(t *testing.T) {
	root, checked := newRootCmd(&globals{}), 0
	for _, page := range []string{"README.md", "docs/recovery.md", "docs/editors.md", "docs/reports.md", "examples/fleets/everything/README.md"} {
		text, err := os.ReadFile(filepath.Join("..", "..", filepath.FromSlash(page)))
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range commandLine.FindAllStringSubmatch(string(text), -1) {
			words := wordsOfCommand(line[1])
			c, rest, err := root.Find(words)
			if err != nil || !c.Runnable() && !c.HasSubCommands() || c == root {
				t.Errorf("%s: there is no command %q", page, line[1])
				continue
			}
			checked++
			for _, word := range rest {
				if flag, ok := strings.CutPrefix(word, "--"); ok && !hasFlag(c, flag) {
					t.Errorf("%s: %s has no flag --%s", page, c.CommandPath(), flag)
				}
			}
		}
	}
	if checked < 30 {
		t.Errorf("only %d commands were found", checked)
	}
}

// wordsOfCommand drops what says what a command does, and the signs of a synopsis.
func wordsOfCommand(line string) []string {
	line, _, _ = strings.Cut(line, "  ")
	line, _, _ = strings.Cut(line, "#")
	return strings.FieldsFunc(line, func(r rune) bool { return strings.ContainsRune(" []|()", r) })
}

// hasFlag tells whether c takes the flag, and names it in its help.
func hasFlag(c *cobra.Command, name string) bool {
	hidden := map[string]bool{}
	for _, n := range meaningless(c) {
		hidden[n] = true
	}
	found := false
	look := func(f *pflag.Flag) { found = found || f.Name == name && !hidden[name] }
	c.Flags().VisitAll(look)
	c.InheritedFlags().VisitAll(look)
	return found
}
