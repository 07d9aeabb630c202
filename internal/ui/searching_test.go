package ui_test

import (
	"strings"
	"testing"

	"github.com/bastion-fleet/bastion-fleet/internal/ui"
	"github.com/bastion-fleet/bastion-fleet/pkg/reconcile"
)

// aSearch looks a source up and reads pages of two regions.
func aSearch(v ui.View) {
	s := v.Search()
	s.Handle(reconcile.Step{Region: "cn-north-1", Source: 1, Sources: 2})
	s.Handle(reconcile.Step{Region: "cn-north-1", Page: 1})
	s.Handle(reconcile.Step{Region: "cn-east-2", Page: 1})
	s.Handle(reconcile.Step{Region: "cn-north-\x1b1", Page: 2, Pages: 12})
	s.Close()
	s.Close()
}

func TestASearchIsALineOnATerminal(t *testing.T) {
	_, err := shown(80, true, aSearch)
	want := []string{
		"Looking: cn-north-1 source id 1 of 2\x1b[K", "Looking: cn-north-1 page 1\x1b[K",
		"Looking: cn-east-2 page 1, cn-north-1 page 1\x1b[K",
		"Looking: cn-east-2 page 1, cn-north-\\x1b1 page 2 of 12, cn-north-1 page 1\x1b[K", "\x1b[K",
	}
	if got := strings.Split(strings.TrimPrefix(err, "\r"), "\r"); strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got %q", got)
	}
}

func TestASearchIsSilentWhereNobodyLooks(t *testing.T) {
	if out, err := shown(0, false, aSearch); out+err != "" {
		t.Errorf("%q and %q", out, err)
	}
}

func TestSearchJSON(t *testing.T) { golden(t, "search.json", events(t, aSearch)) }
