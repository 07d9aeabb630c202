package cli

import (
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/bastion-fleet/bastion-fleet/internal/ui"
	"github.com/bastion-fleet/bastion-fleet/pkg/apply"
	"github.com/bastion-fleet/bastion-fleet/pkg/fleet"
	"github.com/bastion-fleet/bastion-fleet/pkg/state"
)

// continueCommand is what goes on with what a run did not try, from where the program was started; "" where there is
// nothing. It has the flags that this run had, so that a copy of it means the same, and approves the wave that waits for it.
// lacks says what somebody has to put into it first.
func (o *applyOptions) continueCommand(b purchase, r apply.Result) (command, lacks string) {
	if r.Count(apply.EndSkipped) == 0 {
		return "", ""
	}
	approved := approveWords(o.stillToApprove(r))
	if b.from.planID != "" {
		return shellLine(o.continuePlan(b), approved), "plan needs the flags that the saved one was made with, such as --var or --target"
	}
	words := []string{"bastion-fleet", "apply"}
	if b.from.what != "." {
		words = append(words, ui.ShellWord(b.from.what))
	}
	vars, hidden := varWords(o.vars, b.from.loaded)
	if hidden {
		lacks = "… stands for what is sensitive"
	}
	return shellLine(words, flagWords(o.flags, repeated), vars, approved), lacks
}

func shellLine(words ...[]string) string { return strings.Join(slices.Concat(words...), " ") }

// stillToApprove are the waves that the next apply has to be told to go on with: those that were approved and are not over,
// and the one that waits.
func (o *applyOptions) stillToApprove(r apply.Result) []string {
	var waves []string
	for _, w := range r.Waves {
		if w.End == apply.WaveUnapproved || !w.End.Well() && slices.Contains(o.approvedWaves, w.Wave) {
			waves = append(waves, w.Wave)
		}
	}
	return waves
}

// continuePlan goes on where a saved plan stopped: it is used up, so there has to be another one: of the same
// state and the same API, which a saved plan knows without being told. Of which part of the fleet it was is left to say.
func (o *applyOptions) continuePlan(b purchase) []string {
	path := b.from.state
	if o.simulate {
		path = realPath(path)
	}
	var elsewhere, simulate, part []string
	dir := "DIR"
	if home := filepath.Dir(filepath.Dir(path)); path == state.DefaultPath(home) {
		dir = ui.ShellWord(home)
	} else if !o.flags.Changed("state") {
		elsewhere = []string{"--state", ui.ShellWord(path)}
	}
	if o.simulate && !o.flags.Changed("simulate") { // the plan says so itself
		simulate = []string{"--simulate"}
	}
	if b.plan.Selected {
		part = []string{"--target", "…"}
	}
	where := flagWords(o.flags, func(flag string) bool {
		return slices.Contains([]string{"chdir", "state", "endpoint", "profile", "simulate"}, flag)
	})
	return slices.Concat(
		[]string{"bastion-fleet", "plan", dir, "--out", "FILE"}, where, elsewhere, simulate, part,
		[]string{"&&", "bastion-fleet", "apply", "FILE"}, flagWords(o.flags, repeated), simulate,
	)
}

// repeated tells whether a flag is repeated as it was given.
func repeated(flag string) bool { return flag != "approve-wave" && flag != "var" && flag != "var-file" }

func approveWords(waves []string) []string {
	var words []string
	for _, w := range waves {
		words = append(words, "--approve-wave", ui.ShellWord(w))
	}
	return words
}

// flagWords are those of the flags that were given and are to be taken, as they would be typed.
func flagWords(flags *pflag.FlagSet, take func(flag string) bool) []string {
	var words []string
	flags.Visit(func(f *pflag.Flag) {
		name := "--" + f.Name
		list, isList := f.Value.(pflag.SliceValue)
		switch {
		case !take(f.Name):
		case isList:
			for _, value := range list.GetSlice() {
				words = append(words, name, ui.ShellWord(value))
			}
		case f.Value.Type() == "bool" && f.Value.String() == "true":
			words = append(words, name)
		case f.Value.Type() == "bool":
			words = append(words, name+"="+f.Value.String())
		default:
			words = append(words, name, ui.ShellWord(f.Value.String()))
		}
	})
	return words
}

// varWords are the words that set the variables of a fleet. hidden says that a value is left to whoever reads them: it may be
// a secret, and the command stands in logs; or it can't be shown as it is.
func varWords(vars []fleet.Var, f *fleet.Fleet) (words []string, hidden bool) {
	for _, v := range vars {
		switch {
		case v.File != "":
			words = append(words, "--var-file", ui.ShellWord(v.File))
		case f != nil && slices.Contains(f.Plain, v.Name) && ui.Sanitize(v.Value) == v.Value:
			words = append(words, "--var", ui.ShellWord(v.Name+"="+v.Value))
		default:
			words, hidden = append(words, "--var", ui.ShellWord(v.Name+"=…")), true
		}
	}
	return words, hidden
}
