package cli

import "testing"

func TestListCommand(t *testing.T) {
	tests := []struct {
		chdir, path string
		want        string
		elsewhere   bool
	}{
		{"", ".bastion-fleet/state.db", "bastion-fleet state list", false},
		{"", "branches/.bastion-fleet/state.db", "bastion-fleet state list --state branches/.bastion-fleet/state.db", true},
		{"fleets", "a.db", "bastion-fleet state list --state fleets/a.db", true},
		{"fleets", "../.bastion-fleet/state.db", "bastion-fleet state list", false},
		{"fleets", "/var/a.db", "bastion-fleet state list --state /var/a.db", true},
		{"", "it's a.db", `bastion-fleet state list --state 'it'\''s a.db'`, true},
	}
	for _, test := range tests {
		g := globals{chdir: test.chdir}
		if got, elsewhere := g.listCommand(test.path); got != test.want || elsewhere != test.elsewhere {
			t.Errorf("%s in %q: got %s, %t", test.path, test.chdir, got, elsewhere)
		}
	}
}
