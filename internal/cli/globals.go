package cli

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/bastion-fleet/bastion-fleet/internal/ui"
	"github.com/bastion-fleet/bastion-fleet/pkg/fleet"
)

// globals are the flags that every command knows.
type globals struct {
	chdir    string
	state    string
	vars     []fleet.Var
	json     bool
	noColor  bool
	endpoint string
	profile  string
	simulate bool

	process Process
	shown   ui.View
}

func (g *globals) addGlobalFlags(f *pflag.FlagSet) {
	f.SortFlags = false // before commands inherit them
	f.StringVar(&g.chdir, "chdir", "", "change to `DIR` before anything else")
	f.StringVar(&g.state, "state", "", "keep the state in `FILE` instead of the fleet's .bastion-fleet/state.db")
	f.Var(varFlag{&g.vars, "NAME=VALUE", parseVar}, "var", "set a variable (repeatable)")
	f.Var(varFlag{&g.vars, "FILE", parseVarFile}, "var-file", "set variables from FILE (repeatable)")
	f.StringVar(&g.endpoint, "endpoint", "", "buy from the API at `URL`")
	f.StringVar(&g.profile, "profile", "", "take the credentials of profile `NAME` in ~/.jdc/config")
	f.BoolVar(&g.simulate, "simulate", false, "buy from a simulated API, with a state of its own; spends nothing")
	f.BoolVar(&g.json, "json", false, "write JSON to stdout, one object a line")
	f.BoolVar(&g.noColor, "no-color", false, "write without colours")
}

// varFlag collects --var and --var-file into one list, for the later of both wins.
type varFlag struct {
	vars  *[]fleet.Var
	form  string // of a value, for the help
	parse func(string) (fleet.Var, error)
}

func (v varFlag) String() string { return "" }
func (v varFlag) Type() string   { return v.form }
func (v varFlag) Set(s string) error {
	parsed, err := v.parse(s)
	if err != nil {
		return err
	}
	*v.vars = append(*v.vars, parsed)
	return nil
}

func parseVar(s string) (fleet.Var, error) {
	name, value, ok := strings.Cut(s, "=")
	if !ok || name == "" {
		return fleet.Var{}, errors.New("write NAME=VALUE, for instance --var env=prod")
	}
	return fleet.Var{Name: name, Value: value}, nil
}

func parseVarFile(s string) (fleet.Var, error) {
	if s == "" {
		return fleet.Var{}, errors.New("write a file's name")
	}
	return fleet.Var{File: s}, nil
}

// begin is what every command does first.
func (g *globals) begin(c *cobra.Command, _ []string) error {
	if err := refuseEmpty(c); err != nil {
		return err
	}
	if g.chdir == "" {
		return nil
	}
	if err := os.Chdir(g.chdir); err != nil {
		return hinted{fmt.Errorf("--chdir: %w", err), "Name a directory that is there and may be entered."}
	}
	return nil
}

func (g *globals) streams() ui.Streams { return g.process.Streams(g.noColor) }

// view is made at its first use, when the flags are known.
func (g *globals) view() ui.View {
	if g.shown == nil {
		g.shown = ui.New(g.streams(), g.json)
	}
	return g.shown
}
