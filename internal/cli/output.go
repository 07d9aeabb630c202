package cli

import (
	"errors"
	"io"

	"github.com/hashicorp/hcl/v2"
	"github.com/spf13/cobra"

	"github.com/bastion-fleet/bastion-fleet/internal/ui"
	"github.com/bastion-fleet/bastion-fleet/pkg/fleet"
	"github.com/bastion-fleet/bastion-fleet/pkg/state"
)

type outputOptions struct {
	*globals
	raw bool
}

func newOutputCmd(g *globals) *cobra.Command {
	o := &outputOptions{globals: g}
	c := &cobra.Command{
		Use:   "output [NAME]",
		Short: "Show the fleet's outputs",
		Long: `Show the values of the fleet's output blocks, or of the one NAME: from the files as they are now and what the state
knows of the orders. Nothing is called, and no credentials are needed.

What depends on an order that is not bought shows as (known after apply), and is null in JSON. A sensitive output shows as
(sensitive value), but by its NAME with --raw or --json. With --json all outputs are one object, each with its sensitive,
type, value and known; one output is its value alone.`,
		Example: `  bastion-fleet output
  bastion-fleet output buy_ids --json | jq -r '.[]'
  bastion-fleet output --chdir branches gateway --raw`,
		Args: takes(0, 1, "one NAME at most: --chdir DIR names the fleet's directory"),
		RunE: func(_ *cobra.Command, args []string) error { return o.run(args) },
	}
	c.Flags().BoolVar(&o.raw, "raw", false, "print the text, number or flag NAME as it is, without a line end")
	return c
}

func (o *outputOptions) run(names []string) error {
	switch {
	case o.raw && len(names) == 0:
		return hinted{errors.New("--raw prints one output, and none is named"), "Name it, as in bastion-fleet output NAME --raw."}
	case o.raw && o.json:
		return hinted{errors.New("--raw and --json are two forms of one value"), "Give one of them."}
	}
	f, s, err := o.fleetAndState(fleet.Options{})
	if err != nil {
		return err
	}
	outputs, diags := f.EvaluateOutputs(s.Records, names...)
	if o.refuse(diags, f) {
		return exitCode(exitError)
	}
	return o.show(outputs, len(names) > 0)
}

// fleetAndState loads the fleet of this directory and reads its state, to tell of both. What there is to warn of is for
// those who plan: what is printed here is data.
func (g *globals) fleetAndState(options fleet.Options) (fleet.Fleet, state.Snapshot, error) {
	f, diags := g.load(".", options)
	if g.refuse(diags, f) {
		return f, state.Snapshot{}, exitCode(exitError)
	}
	path := g.statePath(".")
	s, err := state.Read(path)
	if err != nil {
		return f, s, unusable(err)
	}
	return f, s, s.CheckBinding(path, state.Binding{Fleet: f.Name, Account: s.Binding.Account, Endpoint: s.Binding.Endpoint})
}

// refuse shows what is wrong, and tells whether something is.
func (g *globals) refuse(diags hcl.Diagnostics, f fleet.Fleet) bool {
	if !diags.HasErrors() {
		return false
	}
	g.view().Diagnostics(diags, f.Files)
	return true
}

// show prints all outputs, or the only one that was asked for.
func (o *outputOptions) show(outputs []fleet.Output, one bool) error {
	switch {
	case o.raw:
		return o.showRaw(outputs[0])
	case one:
		o.view().OutputValue(outputs[0])
	case len(outputs) == 0 && !o.json:
		o.view().Notice(`The fleet has no outputs: write output "NAME" { value = … } in its files.`)
	default:
		o.view().OutputList(outputs)
	}
	return nil
}

func (o *outputOptions) showRaw(output fleet.Output) error {
	text, err := ui.RawOutput(output)
	if err != nil {
		return hinted{err, "See it with bastion-fleet output " + output.Name + " --json, where what is not known is null."}
	}
	out := o.streams().Out
	if out.Terminal {
		text = ui.SanitizeText(text) // it may hold what the terminal would act on
	}
	_, err = io.WriteString(out, text)
	return err
}
