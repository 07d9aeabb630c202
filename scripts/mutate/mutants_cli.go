package main

// How the parts are wired, and what a user is told.

var commandMutants = []list{
	{"internal/cli/buyer.go", []string{virtualTime, worlds}, []mutant{
		{name: "a doubt of the client is one of the engine", edit: edit{old: "\tdefault:\n\t\treturn order.ClassInDoubt", new: "\tdefault:\n\t\treturn order.ClassRejected"}},
		{name: "the marker goes out", edit: edit{old: "Desc: i.Marker.AppendTo(o.Desc),", new: "Desc: o.Desc,"}},
		{name: "the quantity is this call's", edit: edit{old: "Quantity: o.Quantity, IPVersion", new: "Quantity: 1, IPVersion"}},
		{name: "auto_pay goes out", edit: edit{old: "AutoPay: c.AutoPay,", new: ""}, tests: []string{virtualTime, sessions}},
	}},
	{"internal/cli/adopt.go", []string{virtualTime, worlds}, []mutant{
		{name: "only what is certain is adopted", edit: edit{old: "if f.Verdict == reconcile.Adopted {", new: "if f.Verdict != reconcile.Duplicate {"}},
		{name: "what is certain is adopted", edit: edit{old: "if f.Verdict == reconcile.Adopted {", new: "if false {"}},
		{name: "an adoption keeps the bids", edit: edit{old: "BIDs: f.BIDs(), ", new: ""}},
		{name: "every region with doubts is searched", edit: edit{old: "Records: s.Records, Lister: l}", new: "Records: s.Records[:len(s.Records)/2], Lister: l}"}},
	}},
	{"internal/cli/doubts.go", []string{sessions + "/reconcile", sessions, worlds}, []mutant{
		{name: "nothing is bought beside a duplicate", edit: edit{old: "case found.Duplicate > 0:", new: "case false:"}},
		{name: "nothing is bought beside strangers", edit: edit{old: "case found.Strangers > 0 && !o.ignoreExisting:", new: "case false:"}},
	}},
	{"internal/cli/state_rm.go", []string{sessions + "/(removed|state_mv)"}, []mutant{
		{name: "what is in doubt is not removed by hand", edit: edit{old: "\t\tif r.Doubt != nil {\n\t\t\treturn nil, hinted{", new: "\t\tif false {\n\t\t\treturn nil, hinted{"}},
		{name: "what is still ordered is not removed by hand", edit: edit{old: "\tif h.orders[a] {", new: "\tif false {"}},
		{name: "what is still to be moved is not removed by hand", edit: edit{old: "; speaks {", new: "; speaks && false {"}},
		{name: "what was bought while a removal waited is not removed", edit: edit{old: "find(s, patterns, ordered) // once more", new: "find(s, patterns, orderedHere{}) // once more"}, tests: []string{sessions + "/state_rm_waits"}},
	}},
	{"internal/cli/import_planned.go", []string{sessions + "/import_blocks"}, []mutant{
		{name: "an instance is imported once", edit: edit{old: "if owner, again := owners[bid]; again {", new: "if owner, again := owners[bid]; again && false {"}},
		{name: "what is imported is no stranger", edit: edit{old: "\t\ts.Records = append(s.Records, order.Record{", new: "\t\t_ = append(s.Records, order.Record{"}},
	}},
	{"internal/cli/purchase.go", []string{sessions + "/(moved|import_blocks)"}, []mutant{
		{name: "records are moved before anything is bought", edit: edit{old: "\tif err := rewrite(run, p, b.imports); err != nil {", new: "\tif err := error(nil); err != nil {"}},
	}},
	{"internal/cli/survey.go", []string{sessions + "/(lost|resolve)", sessions, worlds}, []mutant{
		{name: "nothing is bought beside what another state bought", edit: edit{old: "case own+another > 0:", new: "case false:"}},
		{name: "nothing is bought where nobody could look", edit: edit{old: "\tcase failed:\n\t\treturn exitCode(exitError)\n", new: "\tcase failed:\n\t\treturn nil\n"}},
		{name: "a copy is looked over", edit: edit{old: "if s.Copied { // another", new: "if false { // another"}},
		{name: "a copy is looked over where it knows purchases too", edit: edit{old: "\tfor _, r := range s.Records {\n\t\tregions = append(regions, r.Region())\n\t}\n", new: ""}},
		{name: "what was said not to be bought is looked for once more", edit: edit{old: "append(reconcile.FirstRegions(regionsOf(p), s.Records), unprovenRegions(p)...)", new: "append(reconcile.FirstRegions(regionsOf(p), s.Records), unprovenRegions(plan.Plan{})...)"}},
		{name: "what was in doubt is looked for where its call went", edit: edit{old: "append(regions, c.Before.Region())", new: "append(regions, c.Region)"}},
		{name: "a refusal does not speak for the calls before it", edit: edit{old: "survey.Known = retriedRegions(p)", new: "survey.Known = retriedRegions(plan.Plan{})"}},
		{name: "a first purchase is looked over", edit: edit{old: "\tif o.ignoreExisting || p.Rollout.NoMarker || p.Totals().Orders() == 0 {", new: "\tif true {"}},
	}},
	{"internal/cli/apply.go", []string{sessions + "/(apply|lost|plan_file|rebind|state_elsewhere)", sessions, worlds}, []mutant{
		{name: "an apply looks over before it buys", edit: edit{old: "\tlooked := time.Now()\n\tif err := o.lookOver(ctx, p, known, l); err != nil {", new: "\tlooked := time.Now()\n\tif err := error(nil); err != nil {"}},
		{name: "an approval that took its time is followed by another look", edit: edit{old: "\treturn approved, o.lookOver(ctx, p, known, l)\n", new: "\treturn approved, nil\n"}, tests: []string{commands + " -run WhatShowsUp"}},
		{name: "an apply asks before it buys", edit: edit{old: "\tif approved, err = o.approve(ctx, a, p, from); err != nil {\n\t\treturn nil, err\n\t}\n", new: ""}},
		{name: "an apply is bound to its state", edit: edit{old: "\tif err := store.Bind(binding); err != nil {\n\t\treturn err\n\t}\n", new: "\t_ = store.Bind(binding)\n"}, equal: "planning from the state's snapshot checks the binding too: see the pair"},
		{name: "an apply is bound to its state, and so is its plan", edit: edit{old: "\tif err := store.Bind(binding); err != nil {\n\t\treturn err\n\t}\n", new: "\tstore.Rebind(binding.Account)\n"}, also: []edit{{file: "internal/cli/source.go", old: "if err := s.CheckBinding(path, b); err != nil {", new: "if err := error(nil); err != nil {"}}},
	}},
	{"internal/cli/purchase.go", []string{sessions + "/(apply|lost|plan_file|rebind|state_elsewhere)", sessions, worlds}, []mutant{
		{name: "a copy that was looked over is none any more", edit: edit{old: "\t\tLookedOver: p.Totals().Orders() > 0 && (o.ignoreExisting || !p.Rollout.NoMarker),\n", new: ""}},
		{name: "a saved plan is marked as used", edit: edit{old: "PlanID: b.from.planID, Command: \"apply\"", new: "Command: \"apply\""}},
		{name: "a run that buys nothing is closed", edit: edit{old: "if err := run.Close(withImported(summary(p, apply.Result{}, new(latencies)), b.imports)); err != nil {", new: "if err := error(nil); err != nil {"}, tests: []string{sessions + "/removed"}},
		{name: "a copy is none any more only where somebody looked", edit: edit{old: "LookedOver: p.Totals().Orders() > 0 && (", new: "LookedOver: ("}},
		{name: "a run is closed", edit: edit{old: "closed := run.Close(withImported(summary(b.plan, result, calls), b.imports))", new: "closed := error(nil)"}},
		{name: "a campaign whose last run was killed is ended", edit: edit{old: "return len(campaign(s).Runs) > 0 && !p.Selected", new: "return false && !p.Selected"}, tests: []string{sessions + "/apply_bake_interrupted"}},
		{name: "a wave that was not seen to its end is baked again", edit: edit{old: "if p.Totals().Orders() > 0 || bakes(p) {", new: "if p.Totals().Orders() > 0 {"}, tests: []string{sessions + "/apply_bake_interrupted"}},
		{name: "what earlier runs bought is judged with the wave", edit: edit{old: "apply.EarlierOf(campaign(snapshot), snapshot.Records)", new: "apply.EarlierOf(plan.Campaign{}, snapshot.Records)"}, tests: []string{sessions + "/apply_bake"}},
		{name: "operators are heard", edit: edit{old: "config.Commands = commandsTo(obeying, run)", new: "_ = commandsTo(obeying, run)"}, tests: []string{sessions + "/apply_steered"}},
		{name: "a wave that bakes is watched", edit: edit{old: ", Watcher: newWatcher(b.client, b.plan.Rollout),", new: ","}, tests: []string{sessions + "/apply_bake"}},
	}},
	{"internal/cli/approval_wave.go", []string{sessions + "/apply_waves"}, []mutant{
		{name: "a wave that nobody approves does not begin", edit: edit{old: "\tcase a.ask == nil:\n\t\treturn false, nil", new: "\tcase a.ask == nil:\n\t\treturn true, nil"}},
		{name: "a wave is approved by its own name", edit: edit{old: "case a.all || slices.Contains(a.approved, w.Wave):", new: "case a.all || len(a.approved) > 0:"}},
		{name: "no wave is approved by a name that is none", edit: edit{old: "if slices.Contains(names, name) {", new: "if slices.Contains(names, name) || true {"}},
		{name: "who approves a wave need not be the one who comes first", edit: edit{old: "return first >= 0 && slices.Contains(o.approvedWaves, p.Waves[first].Name)", new: "return first >= 0 && len(o.approvedWaves) > 0"}},
	}},
	{"internal/cli/approval.go", []string{sessions + "/apply_waves"}, []mutant{
		{name: "the answer to the plan counts for one wave", edit: edit{old: "\tif first := firstWave(p); err == nil && first >= 0 {\n\t\tapproved = []string{p.Waves[first].Name}\n\t}\n", new: "\tfor _, w := range p.Waves {\n\t\tapproved = append(approved, w.Name)\n\t}\n"}},
	}},
	{"internal/cli/runlog.go", []string{sessions + "/apply_waves", worlds}, []mutant{
		{name: "an apply of a part ends no campaign", edit: edit{old: "if p.Selected || r.Count(apply.EndFailed)", new: "if r.Count(apply.EndFailed)"}},
		{name: "a campaign ends when all is bought", edit: edit{old: "s.Finished = !s.AllButDoubts", new: "s.Finished = false"}},
	}},
	{"internal/cli/watcher.go", []string{commands + " -run Watcher|WhatIsNotShown|LeftAlone|LooksThat|Sources"}, []mutant{
		{name: "what is expired is down", edit: edit{old: "case s.shown && s.status == bastion.StatusExpired:", new: "case false:"}},
		{name: "what ran and is not shown is down", edit: edit{old: "case s.ran && !s.shown:", new: "case false:"}},
		{name: "what ran and does not any more is down", edit: edit{old: "case s.ran && !s.up():", new: "case false:"}},
		{name: "an unknown status says nothing", edit: edit{old: "func (s sight) up() bool { return s.shown && s.status == bastion.StatusRunning }", new: "func (s sight) up() bool { return s.shown && s.status != bastion.StatusExpired }"}},
		{name: "watching keeps the region's rate", edit: edit{old: "\t\tif limits.Rate > 0 {", new: "\t\tif false {"}},
		{name: "watching makes a few calls at once", edit: edit{old: "atOnce: min(looksAtOnce, limits.Parallelism)", new: "atOnce: 100"}},
		{name: "a throttled region is left alone", edit: edit{old: "\t\t\tr.held = time.Now()", new: "\t\t\t_ = time.Now()"}},
		{name: "a look that failed shows nothing", edit: edit{old: "\tif seen == 0 && len(failed) > 0 {", new: "\tif false {"}},
	}},
	{"internal/cli/values.go", []string{sessions + "/(limits|cost|plan_lifecycle)"}, []mutant{
		{name: "no plan beyond the fleet's limits is bought", edit: edit{old: "\treturn known, p.Check()", new: "\treturn known, nil"}},
	}},
	{"internal/cli/source.go", []string{sessions + "/plan_file", sessions}, []mutant{
		{name: "a used plan is refused by its own word", edit: edit{old: "if run, used := s.UsedPlan(file.ID); used {", new: "if run, used := s.UsedPlan(file.ID); used && false {"}},
		{name: "a saved plan is checked", edit: edit{old: "\t\t\tif err := file.Check(here); err != nil {\n\t\t\t\treturn p, err\n\t\t\t}\n", new: ""}},
		{name: "a plan whose state is elsewhere is refused", edit: edit{old: "if err := stateIsHere(path); o.state == \"\" && err != nil {", new: "if err := stateIsHere(path); false {"}},
	}},
	{"internal/cli/resolve.go", []string{sessions + "/(resolve|named)", sessions}, []mutant{
		{name: "only a doubt is resolved", edit: edit{old: "case found.Doubt == nil:", new: "case false:"}},
		{name: "a buyId belongs to one order", edit: edit{old: "if buyID != \"\" && p.BuyID == buyID {", new: "if false {"}},
		{name: "a word is asked for", edit: edit{old: "\tif err := o.confirm(ctx, o.question(*record.Doubt), o.autoApprove); err != nil {\n\t\treturn err\n\t}\n", new: ""}},
		{name: "either word, and one of them", edit: edit{old: "case (o.bought != \"\") == o.notBought:", new: "case false:"}},
	}},
	{"internal/cli/verdict.go", []string{sessions + "/(apply|held|in_doubt|disk|rescue)", sessions, worlds}, []mutant{
		{name: "a run that is not complete is not done", edit: edit{old: "\tcase !endedWell(r):\n\t\treturn exitCode(exitIncomplete)\n", new: ""}},
		{name: "a wave that ended badly is not done", edit: edit{old: "return r.Complete() && !slices.ContainsFunc", new: "return r.Complete() || !slices.ContainsFunc"}, tests: []string{sessions + "/apply_bake"}},
		{name: "a journal that failed is an error", edit: edit{old: "\tcase errors.Is(stopped, apply.ErrJournal):\n\t\treturn stopped\n", new: ""}},
		{name: "what is held keeps a fleet from being done", edit: edit{old: "if t := p.Totals(); t.Update+t.InDoubt > 0 {", new: "if t := p.Totals(); t.Update > 0 {"}},
		{name: "an interrupted run says so", edit: edit{old: "\tcase r.Interrupted && !endedWell(r):\n\t\treturn exitCode(exitInterrupted)\n", new: ""}, tests: []string{signals, worlds}},
	}},
	{"internal/cli/lister.go", []string{virtualTime, worlds}, []mutant{
		{name: "an answer that lists nothing is no empty region", edit: edit{file: "pkg/bastion/describe.go", old: "case result == nil || result.Bastions == nil && result.TotalCount != 0:", new: "case result == nil:"}, tests: []string{bastionTests}},
		{name: "a listing that fails in passing is read again", edit: edit{old: "case bastion.NotSent, bastion.Throttled, bastion.InDoubt:", new: "case bastion.NotSent:"}},
	}},
}
