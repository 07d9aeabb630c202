package cli

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/spf13/cobra"

	"github.com/bastion-fleet/bastion-fleet/internal/ui"
	"github.com/bastion-fleet/bastion-fleet/pkg/fleet"
	"github.com/bastion-fleet/bastion-fleet/pkg/infile"
)

type fmtOptions struct {
	*globals
	check, diff, recursive bool

	diags   hcl.Diagnostics
	sources map[string]*hcl.File // of the files that diags speak of
	changed bool
}

func newFmtCmd(g *globals) *cobra.Command {
	o := &fmtOptions{globals: g, sources: map[string]*hcl.File{}}
	c := &cobra.Command{
		Use:   "fmt [PATH... | -]",
		Short: "Lay out fleet files",
		Long: `Lay out fleet files as all of them are: two spaces for each level, the equals signs and comments of neighbouring
lines aligned. Nothing but white space changes.

A PATH is a file, or a directory (default: here) with its *.fleet.hcl and *.vars.hcl files; links in it and hidden files
are left alone, and JSON is everywhere. Files that were changed are named on stdout. One with a mistake in its syntax is
reported and stays as it is. Lines of vars files, which may hold secrets, are never shown. With - the text comes from
stdin and goes to stdout.

Exit codes: 0 done; 1 error, also when a file can't be parsed; 3 with --check, when a file is not laid out.`,
		Example: `  bastion-fleet fmt
  bastion-fleet fmt --check --diff --recursive fleets    # in CI: changes nothing
  bastion-fleet fmt - < draft.fleet.hcl`,
		Args: takes(0, maxPaths, "PATHs, or - for stdin"),
		RunE: func(_ *cobra.Command, args []string) error { return o.run(args) },
	}
	c.Flags().BoolVar(&o.check, "check", false, "change nothing; exit with 3 when a file is not laid out")
	c.Flags().BoolVar(&o.diff, "diff", false, "show what differs")
	c.Flags().BoolVar(&o.recursive, "recursive", false, "look into the directories below, too")
	return c
}

// maxPaths is more than any command line holds.
const maxPaths = 1 << 20

func (o *fmtOptions) run(paths []string) error {
	o.view().Version(programVersion())
	err := o.formatAll(paths)
	if len(o.diags) > 0 {
		o.view().Diagnostics(o.diags, o.sources)
	}
	switch {
	case err != nil:
		return err
	case o.diags.HasErrors():
		return exitCode(exitError)
	case o.check && o.changed:
		return exitCode(exitIncomplete)
	}
	return nil
}

func (o *fmtOptions) formatAll(paths []string) error {
	switch {
	case slices.Equal(paths, []string{stdinName}):
		return o.formatStdin()
	case slices.Contains(paths, stdinName):
		return hinted{errors.New("stdin can't be laid out beside files"), "Give - alone."}
	case len(paths) == 0:
		paths = []string{"."}
	}
	for _, path := range paths {
		info, err := os.Stat(path)
		switch {
		case err != nil:
			return hinted{fmt.Errorf("there is nothing to lay out: %w", err), "Name fleet files, or directories with some."}
		case info.IsDir():
			err = o.formatDirectory(path)
		default:
			err = o.formatNamed(path)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// formatDirectory formats the files of a directory. Links are left alone: one may lead to a file of somebody else.
func (o *fmtOptions) formatDirectory(dir string) error {
	entries, err := os.ReadDir(dir) // sorted by name
	if err != nil {
		return err
	}
	for _, e := range entries {
		path := filepath.Join(dir, e.Name())
		switch {
		case strings.HasPrefix(e.Name(), "."):
		case e.IsDir() && o.recursive:
			err = o.formatDirectory(path)
		case e.Type().IsRegular() && fleet.HasLayout(path):
			err = o.formatFile(path)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// formatNamed formats a file that was named: of HCL, whatever else its name is.
func (o *fmtOptions) formatNamed(path string) error {
	switch filepath.Ext(path) {
	case ".hcl":
		return o.formatFile(path)
	case ".json":
		return nil
	}
	return hinted{fmt.Errorf("%s is no fleet file and no vars file", path), "Their names end in .fleet.hcl and .vars.hcl."}
}

func (o *fmtOptions) formatFile(path string) error {
	before, err := infile.Read(path, fleet.MaxFileSize)
	if err != nil {
		return err
	}
	after, ok := o.format(before, path)
	if !ok || string(after) == string(before) {
		return nil
	}
	o.changed = true
	if !o.check {
		if err := replaceFile(path, after); err != nil {
			return hinted{fmt.Errorf("%s can't be laid out: %w", path, err), "It is as it was. See that it may be written."}
		}
	}
	o.view().Formatted(ui.Formatted{File: path, Before: string(before), After: string(after), Written: !o.check, Diff: o.diff && !mayHoldSecrets(path)})
	return nil
}

// mayHoldSecrets tells whether a file's lines must not be shown: vars files set sensitive variables.
func mayHoldSecrets(path string) bool { return !fleet.IsFile(path) && path != stdinSource }

// stdinName stands for standard input among paths.
const stdinName = ui.StandardInput

// formatStdin writes what it read back, laid out, for an editor to take. It is the reader's own text and stays as it is.
func (o *fmtOptions) formatStdin() error {
	before, err := infile.ReadAll(o.streams().In, fleet.MaxFileSize)
	if err != nil {
		return fmt.Errorf("reading stdin: %w", err)
	}
	after, ok := o.format(before, stdinSource)
	if !ok {
		return nil
	}
	o.changed = string(after) != string(before)
	switch {
	case o.json || o.diff && o.changed:
		o.view().Formatted(ui.Formatted{File: stdinName, Before: string(before), After: string(after), Diff: o.diff})
	case !o.check && !o.diff:
		_, err = o.streams().Out.Write(after)
	}
	return err
}

func (o *fmtOptions) format(text []byte, name string) ([]byte, bool) {
	formatted, diags := fleet.Format(text, name)
	if len(diags) > 0 {
		o.diags = append(o.diags, diags...)
		if !mayHoldSecrets(name) {
			o.sources[name] = &hcl.File{Bytes: text}
		}
	}
	return formatted, !diags.HasErrors()
}
