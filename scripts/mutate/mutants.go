package main

// Where mutants are noticed. No test may keep what made it fail: it would fail by that with the mutants to come.
const (
	keepNothing = " -rapid.nofailfile"

	orderTests     = "./pkg/order" + keepNothing
	planTests      = "./pkg/plan" + keepNothing
	infileTests    = "./pkg/infile"
	bastionTests   = "./pkg/bastion" + keepNothing
	applyTests     = "./pkg/apply" + keepNothing
	reconcileTests = "./pkg/reconcile" + keepNothing
	stateTests     = "./pkg/state" + keepNothing
	commands       = "./internal/cli" + keepNothing
	sessions       = commands + " -run TestScripts" // some of them: sessions + "/PATTERN"
	signals        = commands + " -run Signal|Watch"
	virtualTime    = commands + " -run Throttles|Rates|ADrain|LostAnswers|Listings"
	worlds         = "./internal/torture/world -run TestWorlds"
	powerCuts      = "./internal/torture/powercut -run TestPowerCuts"
	sand           = "./internal/torture/powercut -run TestNothingIsBuiltOnSand"
	savedFiles     = "./internal/torture/powercut -run TestWhatIsSaved"
)

// everyMutant returns all of them, those that are tried fastest first.
func everyMutant() []mutant {
	var lists []list
	lists = append(lists, orderMutants...)
	lists = append(lists, planMutants...)
	lists = append(lists, classMutants()...)
	lists = append(lists, bastionMutants...)
	lists = append(lists, reconcileMutants...)
	lists = append(lists, applyMutants...)
	lists = append(lists, speedMutants...)
	lists = append(lists, stateMutants...)
	lists = append(lists, syncMutants...)
	lists = append(lists, commandMutants...)
	return flatten(lists)
}
