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
	{"internal/cli/apply.go", []string{sessions + "/(moved|import_blocks)"}, []mutant{
		{name: "records are moved before anything is bought", edit: edit{old: "\tif err := rewrite(run, p, imports); err != nil {", new: "\tif err := error(nil); err != nil {"}},
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
		{name: "an approval that took its time is followed by another look", edit: edit{old: "\treturn o.lookOver(ctx, p, known, l)\n", new: "\treturn nil\n"}, tests: []string{commands + " -run WhatShowsUp"}},
		{name: "an apply asks before it buys", edit: edit{old: "\tif err := o.approve(ctx, a, p, from); err != nil {\n\t\treturn err\n\t}\n", new: ""}},
		{name: "an apply is bound to its state", edit: edit{old: "\tif err := store.Bind(binding); err != nil {\n\t\treturn err\n\t}\n", new: "\t_ = store.Bind(binding)\n"}, equal: "planning from the state's snapshot checks the binding too: see the pair"},
		{name: "an apply is bound to its state, and so is its plan", edit: edit{old: "\tif err := store.Bind(binding); err != nil {\n\t\treturn err\n\t}\n", new: "\tstore.Rebind(binding.Account)\n"}, also: []edit{{file: "internal/cli/source.go", old: "if err := s.CheckBinding(path, b); err != nil {", new: "if err := error(nil); err != nil {"}}},
		{name: "a copy that was looked over is none any more", edit: edit{old: "\t\tLookedOver: p.Totals().Orders() > 0 && (o.ignoreExisting || !p.Rollout.NoMarker),\n", new: ""}},
		{name: "a saved plan is marked as used", edit: edit{old: "PlanID: from.planID, Command: \"apply\"", new: "Command: \"apply\""}},
		{name: "a run that buys nothing is closed", edit: edit{old: "if err := run.Close(withImported(state.RunSummary{Ended: time.Now()}, imports)); err != nil {", new: "if err := error(nil); err != nil {"}, tests: []string{sessions + "/removed"}},
		{name: "a copy is none any more only where somebody looked", edit: edit{old: "LookedOver: p.Totals().Orders() > 0 && (", new: "LookedOver: ("}},
		{name: "a run is closed", edit: edit{old: "closed := run.Close(withImported(summary(result), imports))", new: "closed := error(nil)"}},
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
		{name: "a run that is not complete is not done", edit: edit{old: "\tcase !r.Complete():\n\t\treturn exitCode(exitIncomplete)\n", new: ""}},
		{name: "a journal that failed is an error", edit: edit{old: "\tcase errors.Is(stopped, apply.ErrJournal):\n\t\treturn stopped\n", new: ""}},
		{name: "what is held keeps a fleet from being done", edit: edit{old: "if t := p.Totals(); t.Update+t.InDoubt > 0 {", new: "if t := p.Totals(); t.Update > 0 {"}},
		{name: "an interrupted run says so", edit: edit{old: "\tcase r.Interrupted && !r.Complete():\n\t\treturn exitCode(exitInterrupted)\n", new: ""}, tests: []string{signals, worlds}},
	}},
	{"internal/cli/lister.go", []string{virtualTime, worlds}, []mutant{
		{name: "an answer that lists nothing is no empty region", edit: edit{file: "pkg/bastion/describe.go", old: "case result == nil || result.Bastions == nil && result.TotalCount != 0:", new: "case result == nil:"}, tests: []string{bastionTests}},
		{name: "a listing that fails in passing is read again", edit: edit{old: "case bastion.NotSent, bastion.Throttled, bastion.InDoubt:", new: "case bastion.NotSent:"}},
	}},
}
