package fleet_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/bastion-fleet/bastion-fleet/pkg/fleet"
)

// BenchmarkTypedVariable loads fleets with one large typed variable. The time an object does not grow with their number.
func BenchmarkTypedVariable(b *testing.B) {
	const object = `object({ region = string, size = optional(number, 50), zones = optional(list(string), ["a"]) })`
	for _, of := range []struct{ name, typ, open, close string }{
		{"map", "map(" + object + ")", "{", "}"},
		{"list", "list(" + object + ")", "[", "]"},
		{"set", "set(" + object + ")", "[", "]"},
		{"nested", "object({ sites = map(" + object + ") })", "{ sites = {", "} }"},
		{"any", "list(any)", "[", "]"},
	} {
		for _, n := range []int{5_000, 20_000, 80_000} {
			b.Run(fmt.Sprintf("%s-%d", of.name, n), func(b *testing.B) {
				dir := writeFleet(b,
					"a.fleet.hcl", minimal+fmt.Sprintf("variable \"v\" { type = %s }\norder \"gw\" {}", of.typ),
					"fleet.vars.hcl", "v = "+of.open+"\n"+objects(n, of.open[len(of.open)-1] == '{')+of.close+"\n")
				for b.Loop() {
					if _, diags := fleet.Load(dir, fleet.Options{}); diags.HasErrors() {
						b.Fatal(diags)
					}
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/object")
			})
		}
	}
}

// objects are n objects of a few shapes, with or without keys.
func objects(n int, keyed bool) string {
	var text strings.Builder
	for i := range n {
		if keyed {
			fmt.Fprintf(&text, "s%06d = ", i)
		}
		switch {
		case i%3 == 0:
			fmt.Fprintf(&text, "{ region = \"r%d\" }", i)
		default:
			fmt.Fprintf(&text, "{ region = \"r%d\", size = %d, zones = [\"a\", \"b\"] }", i, i)
		}
		if !keyed {
			text.WriteString(",")
		}
		text.WriteString("\n")
	}
	return text.String()
}
