package ui_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/bastion-fleet/bastion-fleet/internal/ui"
)

func TestConfirm(t *testing.T) {
	answers := map[string]bool{
		"yes\n": true, "yes": true, " yes \r\n": true,
		"": false, "\n": false, "y\n": false, "Yes\n": false, "yes!\n": false, "no\nyes\n": false,
		strings.Repeat(" ", 2000) + "yes\n": false,
	}
	for answer, want := range answers {
		var asked bytes.Buffer
		s := ui.Streams{In: strings.NewReader(answer), Err: ui.Stream{Writer: &asked}}
		got, err := s.Confirm("Buy 7 instances from \x1b[2J?")
		if err != nil || got != want {
			t.Errorf("%.20q: got %v, %v", answer, got, err)
		}
		if asked.String() != "Buy 7 instances from \\x1b[2J?\nOnly \"yes\" goes on: \n" {
			t.Errorf("asked %q", asked.String())
		}
	}
}

func TestConfirmBreaksLinesBetweenWords(t *testing.T) {
	var asked bytes.Buffer
	s := ui.Streams{In: strings.NewReader("no\n"), Err: ui.Stream{Writer: &asked, Size: func() (int, int) { return 40, 24 }}}
	if _, err := s.Confirm("\nWave rest: buy 23 instances by 23 orders in cn-north-1, cn-east-2?"); err != nil {
		t.Fatal(err)
	}
	if want := "\nWave rest: buy 23 instances by 23 orders\nin cn-north-1, cn-east-2?\nOnly"; !strings.HasPrefix(asked.String(), want) {
		t.Errorf("asked %q", asked.String())
	}
}

func TestConfirmFailsWithItsStreams(t *testing.T) {
	s := ui.Streams{In: strings.NewReader("yes\n"), Err: ui.Stream{Writer: broken{}}}
	if yes, err := s.Confirm("Buy?"); yes || err == nil {
		t.Errorf("a question that nobody saw was answered: %v, %v", yes, err)
	}
}
