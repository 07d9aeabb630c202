package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/bastion-fleet/bastion-fleet/pkg/bastion"
	"github.com/bastion-fleet/bastion-fleet/pkg/order"
	"github.com/bastion-fleet/bastion-fleet/pkg/plan"
	"github.com/bastion-fleet/bastion-fleet/pkg/reconcile"
	"github.com/bastion-fleet/bastion-fleet/pkg/state"
)

// lookOver refuses to buy where the state is about to buy for the first time, or is a copy, and the fleet has bought what
// the state does not know: the state that knew of it was lost, or somebody else keeps one. It writes nothing. A fleet
// without markers can't be recognised.
func (o *applyOptions) lookOver(ctx context.Context, p plan.Plan, s state.Snapshot, l reconcile.Lister) error {
	if o.ignoreExisting || p.Rollout.NoMarker || p.Totals().Orders() == 0 {
		return nil
	}
	survey := surveyOf(p, s, l)
	if len(survey.Regions)+len(survey.Known) == 0 {
		return nil
	}
	if s.Copied {
		o.view().Notice("The state's database is not the file that the last apply wrote: it is a copy, or was put back. What another " +
			"copy may have bought is looked for first.")
	}
	regions, err := o.survey(ctx, survey)
	if err != nil {
		return err
	}
	return o.refuseStrangers(p.Fleet, regions)
}

// survey looks, and shows where it stands. Its error is that ctx ended.
func (g *globals) survey(ctx context.Context, s reconcile.Survey) ([]reconcile.Surveyed, error) {
	looking := g.view().Search()
	s.Progress = looking.Handle
	regions := s.Run(ctx)
	looking.Close()
	return regions, ctx.Err()
}

// surveyOf is the look over the regions in which the plan's purchases are the first, or may be a second time.
func surveyOf(p plan.Plan, s state.Snapshot, l reconcile.Lister) reconcile.Survey {
	survey := reconcile.Survey{Fleet: p.Fleet, Lineage: s.Lineage, Records: s.Records, Lister: l}
	for _, b := range p.Buys() {
		survey.Coming = append(survey.Coming, order.Intent{
			Attempt: b.Attempt, Marker: order.NewMarker(p.Fleet, s.Lineage, b.Order.Address, b.Attempt), Order: b.Order,
		})
	}
	survey.Regions = append(reconcile.FirstRegions(regionsOf(p), s.Records), unprovenRegions(p)...)
	slices.Sort(survey.Regions)
	survey.Regions = slices.Compact(survey.Regions)
	survey.Known = retriedRegions(p)
	if s.Copied { // another copy may have bought anywhere; from this run on, this one counts as looked over
		survey.Known = append(survey.Known, knownRegions(p, s)...)
	}
	slices.Sort(survey.Known)
	survey.Known = slices.DeleteFunc(slices.Compact(survey.Known), func(name string) bool { return slices.Contains(survey.Regions, name) })
	return survey
}

// knownRegions are those that the plan buys in, or that the state has records of, in no order and more than once.
func knownRegions(p plan.Plan, s state.Snapshot) []string {
	regions := regionsOf(p)
	for _, r := range s.Records {
		regions = append(regions, r.Region())
	}
	return regions
}

// unprovenRegions are those in which a call was in doubt whose order the plan buys, and counts as not bought by somebody's
// word or because listings showed nothing. Listings may show it by now, so they are read once more. By now the files may
// wish the order in another region: that one shows nothing of the call.
func unprovenRegions(p plan.Plan) []string {
	var regions []string
	for i := range p.Changes {
		c := &p.Changes[i]
		if !c.Action.Buys() || c.Before == nil || c.Before.Failure == nil {
			continue
		}
		if class := c.Before.Failure.Class; class == order.ClassResolved || class == order.ClassSettled {
			regions = append(regions, c.Before.Region())
		}
	}
	return regions
}

// retriedRegions are those in which several calls for an order came to nothing that the plan buys. The record says why the
// last one did. One before it may have been in doubt, and listings may show by now what it bought.
func retriedRegions(p plan.Plan) []string {
	var regions []string
	for i := range p.Changes {
		c := &p.Changes[i]
		if b := c.Before; c.Action.Buys() && b != nil && b.Failure != nil && b.Attempt-len(b.Purchases) > 1 {
			regions = append(regions, b.Region())
		}
	}
	return regions
}

// regionsOf are those that the plan buys in.
func regionsOf(p plan.Plan) []string {
	var regions []string
	for _, b := range p.Buys() {
		regions = append(regions, b.Order.Region)
	}
	return slices.Compact(regions) // buys are sorted by region
}

// refuseStrangers shows what was found, and why nothing is bought then.
func (o *applyOptions) refuseStrangers(fleet string, regions []reconcile.Surveyed) error {
	own, another, failed := 0, 0, false
	for _, r := range regions {
		if r.Err != nil {
			failed = true
			o.view().Error(notLookedOver(r))
		}
		for _, i := range r.Strangers {
			if i.Own {
				own++
			} else {
				another++
			}
		}
	}
	switch {
	case own+another > 0:
		o.view().Surveyed(regions)
		return strangersError(fleet, own, another)
	case failed:
		return exitCode(exitError)
	}
	return nil
}

// existingIgnored keeps in the run log whose word it was that nothing had to be looked for.
func existingIgnored(store *state.Store, at time.Time) state.Note {
	return state.Note{Kind: "existing_ignored", At: at, Text: operator(store) + " said to buy without looking for what the fleet has bought before"}
}

// strangersError says how instances of the fleet can be there that the state does not know, and both ways out.
func strangersError(fleet string, own, another int) error {
	err := fmt.Errorf("nothing was bought: fleet %s has %s that its state does not know", fleet, counted(own+another, "instance"))
	hint := ""
	if another > 0 {
		hint += "Another state bought them: an earlier one of this fleet, or that of somebody else who buys for it. Where it is still " +
			"kept, go on with it: --state FILE. Where it is of another fleet that has the same name, give this one a name of its own. "
	}
	if own > 0 {
		hint += "Calls of this very state bought them, and it does not know: a copy of it was applied, an older copy was put back, " +
			"or a call is recorded as one that bought nothing. Go on with the newest copy. "
	}
	return hinted{err, hint + "Where it is lost, record what was bought: bastion-fleet state import --matching. " +
		"To buy all the same, and perhaps a second time, add --ignore-existing."}
}

// notLookedOver says what to do about a region that could not be listed before the first purchase in it.
func notLookedOver(r reconcile.Surveyed) error {
	err := fmt.Errorf("nothing was bought: the region %s could not be looked over for what the fleet has bought before: %w",
		r.Region, r.Err)
	return hinted{err, adviceOn(r.Err, "apply") + " Where the fleet can't have bought before, --ignore-existing buys without looking."}
}

// adviceOn says what to do about a call that only looks and failed. Command is what looks again.
func adviceOn(err error, command string) string {
	e, _ := errors.AsType[*bastion.Error](err)
	switch {
	case e != nil && e.Class == bastion.Denied:
		return "See that access key and secret key belong together, may list Bastion instances, and that this machine's clock is " +
			"right. Then run " + command + " again."
	case e != nil && e.Class == bastion.NotSent:
		return "See that the endpoint is right and the network works. Then run " + command + " again."
	}
	return "Run " + command + " again later."
}
