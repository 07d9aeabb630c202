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
func (o *applyOptions) continueCommand(from source, r apply.Result) string {
	if r.Count(apply.EndSkipped) == 0 {
		return ""
	}
	approved := o.stillToApprove(r)
	if from.planID != "" {
		return o.continuePlan(from, approved)
	}
	words := []string{"bastion-fleet", "apply"}
	if from.what != "." {
		words = append(words, ui.ShellWord(from.what))
	}
	words = append(words, flagWords(o.flags, o.vars, repeated)...)
	return strings.Join(append(words, approveWords(approved)...), " ")
}

// stillToApprove are the waves that the next apply has to be told to go on with: those that were approved and are not over,
// and the one that waits.
func (o *applyOptions) stillToApprove(r apply.Result) []string {
	var waves []string
	for _, w := range r.Waves {
		over := w.End == apply.WaveGood || w.End == apply.WaveIdle
		if w.End == apply.WaveUnapproved || !over && slices.Contains(o.approvedWaves, w.Wave) {
			waves = append(waves, w.Wave)
		}
	}
	return waves
}

// continuePlan goes on where a saved plan stopped: it is used up, so there has to be another one.
func (o *applyOptions) continuePlan(from source, approved []string) string {
	path := from.state
	if o.simulate {
		path = realPath(path)
	}
	dir := "DIR"
	if home := filepath.Dir(filepath.Dir(path)); path == state.DefaultPath(home) {
		dir = ui.ShellWord(home)
	}
	where := flagWords(o.flags, nil, func(flag string) bool {
		return slices.Contains([]string{"chdir", "state", "endpoint", "profile", "simulate"}, flag)
	})
	words := slices.Concat([]string{"bastion-fleet", "plan", dir, "--out", "FILE"}, where)
	words = slices.Concat(words, []string{"&&", "bastion-fleet", "apply", "FILE"}, flagWords(o.flags, o.vars, repeated))
	return strings.Join(append(words, approveWords(approved)...), " ")
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

// flagWords are those of the flags that were given and are to be taken, as they would be typed. What a variable was set to
// is left to whoever reads it: it may be a secret, and the command stands in logs.
func flagWords(flags *pflag.FlagSet, vars []fleet.Var, take func(flag string) bool) []string {
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
	for _, v := range vars {
		if v.File != "" {
			words = append(words, "--var-file", ui.ShellWord(v.File))
		} else {
			words = append(words, "--var", ui.ShellWord(v.Name+"=…"))
		}
	}
	return words
}
