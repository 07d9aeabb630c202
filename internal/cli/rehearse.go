package cli

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/pflag"

	"github.com/bastion-fleet/bastion-fleet/internal/rehearse"
	"github.com/bastion-fleet/bastion-fleet/internal/report"
	"github.com/bastion-fleet/bastion-fleet/internal/ui"
	"github.com/bastion-fleet/bastion-fleet/pkg/apply"
	"github.com/bastion-fleet/bastion-fleet/pkg/bastion"
	"github.com/bastion-fleet/bastion-fleet/pkg/plan"
	"github.com/bastion-fleet/bastion-fleet/pkg/simulator"
	"github.com/bastion-fleet/bastion-fleet/pkg/state"
)

// rehearsal are the flags of an apply that buys nothing and says how it would go.
type rehearsal struct {
	rehearse bool
	like     string
	behaviour
}

func (r *rehearsal) addRehearsalFlags(f *pflag.FlagSet) {
	const purpose = "with --rehearse: "
	f.BoolVar(&r.rehearse, "rehearse", false, "buy nothing: play the rollout against a simulated API, hours of it in seconds")
	f.StringVar(&r.like, "like", "", purpose+"let the API behave as it did in `RUN`")
	r.addBehaviourFlags(f, purpose)
}

// checkRehearsal refuses the flags of a rehearsal without one: who gave them does not expect to buy.
func (r *rehearsal) checkRehearsal(set func(flag string) bool) error {
	for _, flag := range append([]string{"like"}, behaviourFlags...) {
		if !r.rehearse && set(flag) {
			return hinted{
				fmt.Errorf("--%s is for rehearsals, and this is none", flag),
				"Add --rehearse, which buys nothing, or leave --" + flag + " out.",
			}
		}
	}
	return nil
}

// rehearsePlan shows the plan, and how buying it would go. It reads the state, takes no lock and writes nothing.
func (o *applyOptions) rehearsePlan(ctx context.Context, a account, from source) error {
	snapshot, err := state.Read(from.state)
	if err != nil {
		return unusable(err)
	}
	p, err := from.plan(snapshot, a.binding(from.fleet, snapshot))
	if err != nil {
		return err
	}
	if p.Rollout, err = o.tolerate(p.Rollout); err != nil {
		return err
	}
	api, err := o.rehearsedAPI(p, from.state)
	if err != nil {
		return err
	}
	if _, err := o.showPlan(p, ui.Summary, from.loaded, snapshot.Records); err != nil {
		return err
	}
	if p.Totals().Orders() == 0 {
		o.view().Notice("There is nothing to rehearse: the plan buys nothing.")
		return nil
	}
	o.warnOfRegions(p)
	run := rehearsedRun{plan: p, api: api, started: time.Now()}
	rehearse.InVirtualTime(func() { run.err = run.play(ctx) })
	if run.err != nil {
		return interrupted(run.err)
	}
	return o.showRehearsal(run)
}

// warnOfRegions warns of regions that the flags speak of and the plan buys nothing in: a slip there would make the rehearsal
// promise what it has not tried.
func (o *applyOptions) warnOfRegions(p plan.Plan) {
	buys := map[string]bool{}
	for i := range p.Changes {
		if c := &p.Changes[i]; c.Action.Buys() {
			buys[c.Region] = true
		}
	}
	changes, _ := o.changes() // that they can be read is known by now
	for _, c := range changes {
		if c.region != "" && !buys[c.region] {
			buys[c.region] = true // once
			o.view().Warning(fmt.Sprintf("nothing is bought in region %s, so what the flags say of it changes nothing", c.region))
		}
	}
}

// rehearsedAPI is the simulated API as the flags want it: like that of an earlier run, or one whose calls take as long as the
// plan's estimate has it, but for what is said otherwise.
func (o *applyOptions) rehearsedAPI(p plan.Plan, statePath string) (simulator.Options, error) {
	base := simulator.Profile{All: simulator.Behaviour{Latency: simulator.Latency{p.Schedule().Latency}}}
	if o.like != "" {
		id, err := chooseRun(statePath, []string{o.like}, false)
		if err != nil {
			return simulator.Options{}, err
		}
		log, err := readRunLog(statePath, id)
		if err != nil {
			return simulator.Options{}, err
		}
		var calls int
		if base, calls, err = rehearse.Observed(log.Entries()); err != nil {
			return simulator.Options{}, err
		}
		if calls == 0 {
			return simulator.Options{}, hinted{
				fmt.Errorf("run %s tells nothing of how long calls take", id),
				"It made none, or an earlier bastion-fleet made it. Name another one, see bastion-fleet runs, or give --latency.",
			}
		}
	}
	var api simulator.Options
	err := o.set(&api, base)
	return api, err
}

// A rehearsedRun is a run in virtual time.
type rehearsedRun struct {
	plan    plan.Plan
	api     simulator.Options
	started time.Time // in real time

	journal *rehearse.Journal
	result  apply.Result
	stopped error // why the whole run would stop
	err     error // why there is no result
}

// play plays it. ctx is from outside of virtual time, where nobody may wait for it: it is looked at whenever something
// happens.
func (r *rehearsedRun) play(ctx context.Context) error {
	key, err := bastion.NewCredentials(simulatedKey, simulatedKey, "")
	if err != nil {
		return err
	}
	sim, err := simulator.New(r.api)
	if err != nil {
		return hinted{err, "bastion-fleet apply --help says what --fault takes."}
	}
	client, err := bastion.New(bastion.Options{Transport: sim, Credentials: key, Parallelism: r.plan.Rollout.Parallelism})
	if err != nil {
		return err
	}
	defer client.Close()
	virtual, cancel := context.WithCancel(context.Background())
	defer cancel()
	r.journal = rehearse.NewJournal(r.started)
	r.journal.Note(planned(r.plan, time.Now()))
	calls := new(latencies)
	r.result, r.stopped = apply.Run(virtual, apply.Config{
		Run: r.info().ID, Fleet: r.plan.Fleet, Lineage: r.plan.Lineage, Buys: r.plan.Buys(), Waves: r.plan.Waves, Rollout: r.plan.Rollout,
		Buyer: buyer{client}, Journal: timedJournal{r.journal, calls}, Approver: everybody{}, Watcher: newWatcher(client, r.plan.Rollout),
		Observe: func(e apply.Event) {
			if ctx.Err() != nil {
				cancel()
			}
			if n, ok := note(e); ok {
				r.journal.Note(n)
			}
		},
	})
	r.journal.Close(summary(r.plan, r.result, calls))
	return ctx.Err()
}

// info is the run as its report names it.
func (r *rehearsedRun) info() state.RunInfo {
	return state.RunInfo{
		ID: "rehearsal", Command: "apply --rehearse", Parallelism: r.plan.Rollout.Parallelism, Started: r.started,
	}
}

// everybody approves every wave at once: how long people take, no rehearsal knows.
type everybody struct{}

func (everybody) Approve(context.Context, apply.WaveTotal) (bool, error) { return true, nil }

// showRehearsal reports the run as if it had been made. It ends as the apply would.
func (o *applyOptions) showRehearsal(run rehearsedRun) error {
	head := report.Head{Run: run.info(), Fleet: run.plan.Fleet, Endpoint: simulatedEndpoint}
	r, err := report.Fold(head, run.journal.Entries())
	if err != nil {
		return err
	}
	write := report.WriteRehearsal
	if o.json {
		write = report.WriteRehearsalEvent
	}
	if err := write(o.streams().Out, r); err != nil {
		return err
	}
	if run.stopped != nil {
		return remedied(run.stopped)
	}
	if r.Outcome != report.Complete {
		return exitCode(exitIncomplete)
	}
	return nil
}
