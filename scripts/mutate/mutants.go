package main

// Where mutants are noticed.
const (
	orderTests     = "./pkg/order"
	planTests      = "./pkg/plan"
	infileTests    = "./pkg/infile"
	bastionTests   = "./pkg/bastion"
	applyTests     = "./pkg/apply"
	reconcileTests = "./pkg/reconcile"
	stateTests     = "./pkg/state"
	sessions       = "./internal/cli -run TestScripts"
	signals        = "./internal/cli -run Signal|Watch"
	virtualTime    = "./internal/cli -run Throttles|Rates|ADrain|LostAnswers|Listings"
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
	lists = append(lists, stateMutants...)
	lists = append(lists, syncMutants...)
	lists = append(lists, commandMutants...)
	return flatten(lists)
}
