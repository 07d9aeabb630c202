package ui

import (
	"regexp"
	"strings"
)

// plainWord is a word that every shell takes as it stands.
var plainWord = regexp.MustCompile(`^[A-Za-z0-9_./:@%+=,-]+$`)

// ShellWord returns s as one word of a command that people copy into a shell: as [Sanitize] shows it, and in quotes where
// it needs them.
func ShellWord(s string) string {
	s = Sanitize(s)
	if plainWord.MatchString(s) {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
