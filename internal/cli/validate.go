package cli

import (
	"bytes"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/bastion-fleet/bastion-fleet/internal/ui"
	"github.com/bastion-fleet/bastion-fleet/pkg/fleet"
	"github.com/bastion-fleet/bastion-fleet/pkg/infile"
)

func newValidateCmd(g *globals) *cobra.Command {
	return &cobra.Command{
		Use:   "validate [DIR | FILE | -]",
		Short: "Check fleet files",
		Long: `Check the fleet in DIR (default: here), one FILE, or with - what comes by stdin as if it were a file here. All mistakes
are reported in one go. No state is read and no credentials are needed; nor is a value for every variable: one that has
none is checked by its type alone.

With --json, stdout is one object in the form of terraform validate -json, for editors and CI.

Exit codes: 0 the fleet is valid, though there may be warnings; 1 it has mistakes.`,
		Example: `  bastion-fleet validate
  bastion-fleet validate branches --var env=prod --json
  bastion-fleet validate - < draft.fleet.hcl`,
		Args: takes(0, 1, "one DIR or FILE at most, or - for stdin"),
		RunE: func(_ *cobra.Command, args []string) error { return g.validate(directory(args)) },
	}
}

func (g *globals) validate(path string) error {
	options := fleet.Options{Vars: g.vars, Environ: os.Environ(), Version: programVersion(), Unvalued: true}
	if path == stdinName {
		text, err := infile.ReadAll(g.streams().In, fleet.MaxFileSize)
		if err != nil {
			return fmt.Errorf("reading stdin: %w", err)
		}
		path, options.Text = sourceOfStdin(text), append([]byte{}, text...) // never nil
	}
	f, diags := fleet.Load(path, options)
	g.view().Validated(ui.Validated{Diagnostics: diags, Files: f.Files, Unvalued: f.Unvalued})
	if diags.HasErrors() {
		return exitCode(exitError)
	}
	return nil
}

// stdinSource is the file that diagnostics of standard input point into.
const stdinSource = "<stdin>"

// sourceOfStdin tells by what a text begins with whether it is JSON, as a file's name would.
func sourceOfStdin(text []byte) string {
	if bytes.HasPrefix(bytes.TrimSpace(text), []byte("{")) {
		return stdinSource + ".json"
	}
	return stdinSource
}
