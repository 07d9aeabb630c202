package cli

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/bastion-fleet/bastion-fleet/pkg/apply"
	"github.com/bastion-fleet/bastion-fleet/pkg/fleet"
	"github.com/bastion-fleet/bastion-fleet/pkg/plan"
	"github.com/bastion-fleet/bastion-fleet/pkg/state"
)

// The command that goes on means what the one meant that was given, but for what sensitive variables were set to, and approves no
// more than the wave that waits.
func TestTheCommandThatGoesOn(t *testing.T) {
	waits := apply.Result{Entries: make([]apply.Entry, 1), Waves: []apply.WaveResult{
		{Wave: "canary", End: apply.WaveGood}, {Wave: "the rest", End: apply.WaveUnapproved}, {Wave: "last"},
	}}
	bad := apply.Result{Entries: make([]apply.Entry, 1), Waves: []apply.WaveResult{{Wave: "canary", End: apply.WaveBad}, {Wave: "the rest"}}}
	tests := []struct {
		args   string // after apply
		from   source
		result apply.Result
		want   string
	}{
		{"", source{what: "."}, waits, "bastion-fleet apply --approve-wave 'the rest'"},
		{"--approve-wave canary", source{what: "my fleet"}, waits, "bastion-fleet apply 'my fleet' --approve-wave 'the rest'"},
		{"--approve-wave canary", source{what: "."}, bad, "bastion-fleet apply --approve-wave canary"},
		{"--auto-approve --json", source{what: "."}, bad, "bastion-fleet apply --auto-approve --json"},
		{"--target order.a* --target order.b --region=cn-north-1 --parallelism 4 --lock-timeout 1m0s", source{what: "f.fleet.hcl"}, bad,
			"bastion-fleet apply f.fleet.hcl --target 'order.a*' --target order.b --region cn-north-1 --parallelism 4 --lock-timeout 1m0s"},
		{"--var key=secret --var-file prod.vars.hcl --var env=prod --var n=it's", source{what: ".", loaded: &fleet.Fleet{Plain: []string{"env", "n"}}}, bad,
			`bastion-fleet apply --var 'key=…' --var-file prod.vars.hcl --var env=prod --var 'n=it'\''s'`},
		{"--var env=\u202eprod", source{what: ".", loaded: &fleet.Fleet{Plain: []string{"env"}}}, bad, "bastion-fleet apply --var 'env=…'"},
		{"--chdir fleets --state s.db", source{what: "."}, bad, "bastion-fleet apply --chdir fleets --state s.db"},
		{"--simulate=true --auto-approve=false", source{what: "."}, bad, "bastion-fleet apply --simulate --auto-approve=false"},
		{"", source{what: "."}, apply.Result{Entries: []apply.Entry{{End: apply.EndFailed}}}, ""},
		{"--endpoint http://127.0.0.1:1/v1", source{what: "a.plan", planID: "p", state: state.DefaultPath("branches")}, waits,
			"bastion-fleet plan branches --out FILE --endpoint http://127.0.0.1:1/v1 && bastion-fleet apply FILE --endpoint http://127.0.0.1:1/v1 --approve-wave 'the rest'"},
		{"--simulate --json", source{what: "a.plan", planID: "p", state: simulatedPath(state.DefaultPath("."))}, bad,
			"bastion-fleet plan . --out FILE --simulate && bastion-fleet apply FILE --simulate --json"},
		{"--auto-approve", source{what: "a.plan", planID: "p", state: simulatedPath(state.DefaultPath("."))}, bad,
			"bastion-fleet plan . --out FILE --simulate && bastion-fleet apply FILE --auto-approve --simulate"},
		{"", source{what: "a.plan", planID: "p", state: filepath.Join("elsewhere", "s.db")}, bad,
			"bastion-fleet plan DIR --out FILE --state elsewhere/s.db && bastion-fleet apply FILE"},
		{"--state s.db", source{what: "a.plan", planID: "p", state: filepath.Join("elsewhere", "s.db")}, bad,
			"bastion-fleet plan DIR --out FILE --state s.db && bastion-fleet apply FILE --state s.db"},
	}
	for _, test := range tests {
		if got, _ := continuedBy(t, strings.Fields(test.args), purchase{from: test.from}, test.result); got != test.want {
			t.Errorf("apply %s:\n got %s\nwant %s", test.args, got, test.want)
		}
	}
}

// What can't be run as it stands says what it lacks, and does not pass for a plan of the whole fleet.
func TestTheCommandThatGoesOnLacksSomething(t *testing.T) {
	skipped := apply.Result{Entries: make([]apply.Entry, 1)}
	saved := source{what: "a.plan", planID: "p", state: state.DefaultPath("branches")}
	for _, test := range []struct {
		args        string
		b           purchase
		want, lacks string
	}{
		{"--var key=secret", purchase{from: source{what: "."}}, "bastion-fleet apply --var 'key=…'", "… stands for what is sensitive"},
		{"", purchase{from: source{what: "."}}, "bastion-fleet apply", ""},
		{"", purchase{from: saved}, "bastion-fleet plan branches --out FILE && bastion-fleet apply FILE",
			"plan needs the flags that the saved one was made with, such as --var or --target"},
		{"", purchase{from: saved, plan: plan.Plan{Selected: true}}, "bastion-fleet plan branches --out FILE --target … && bastion-fleet apply FILE",
			"plan needs the flags that the saved one was made with, such as --var or --target"},
	} {
		if got, lacks := continuedBy(t, strings.Fields(test.args), test.b, skipped); got != test.want || lacks != test.lacks {
			t.Errorf("apply %s:\n got %s (%s)\nwant %s (%s)", test.args, got, lacks, test.want, test.lacks)
		}
	}
}

// continuedBy is the command that goes on after an apply with the given flags. A plan of a simulated state says that it is one.
func continuedBy(t *testing.T, args []string, b purchase, r apply.Result) (command, lacks string) {
	t.Helper()
	g := &globals{}
	o := &applyOptions{globals: g}
	c := o.command()
	g.addGlobalFlags(c.Flags())
	if err := c.ParseFlags(args); err != nil {
		t.Fatal(err)
	}
	g.simulate = g.simulate || strings.Contains(b.from.state, "simulate")
	return o.continueCommand(b, r)
}
