package fleet_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/bastion-fleet/bastion-fleet/pkg/fleet"
)

// laughs is a text whose aliases, written out, have breadth^depth values.
func laughs(breadth, depth int) string {
	var s strings.Builder
	s.WriteString("a0: &a0 laugh\n")
	for i := range depth {
		fmt.Fprintf(&s, "a%d: &a%d [%s]\n", i+1, i+1, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*a%d, ", i), breadth), ", "))
	}
	return s.String()
}

// TestYAMLAliasesAreBounded: without a bound the first text takes longer than the universe has, and the last ends the
// process, which no error can do.
func TestYAMLAliasesAreBounded(t *testing.T) {
	for what, text := range map[string]string{"many": laughs(10, 40), "too many": laughs(130, 3), "too deep": laughs(1, 20_000)} {
		dir := writeFleet(t, "a.fleet.hcl", minimal+`order "gw" { desc = jsonencode(yamldecode(file("a.yaml"))) }`, "a.yaml", text)
		_, diags := fleet.Load(dir, fleet.Options{})
		if !diags.HasErrors() || !strings.Contains(diags.Error(), "its aliases, written out, come to more than 2,000,000 values or nest more than 250 deep") {
			t.Errorf("%s: %.200v", what, diags)
		}
	}
}

func TestYAMLAliasesAreOfUse(t *testing.T) {
	dir := writeFleet(t, "a.fleet.hcl", minimal+`
		locals { sites = yamldecode(file("a.yaml")) }
		order "gw" { desc = "${local.sites.bj.spec} ${local.sites.sh.spec} ${local.sites.gz.name} * ${length(yamldecode(file("many.yaml")).a2)}" }`,
		"a.yaml", "common: &c { spec: small }\nbj: *c\nsh: { <<: *c, spec: large }\ngz: { <<: *c, name: '*' }\n",
		"many.yaml", laughs(500, 2))
	f := mustLoad(t, dir, fleet.Options{})
	if got := f.Orders[0].Desc; got != "small large * * 500" {
		t.Errorf("desc is %q", got)
	}
}
