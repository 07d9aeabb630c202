package cli

import (
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/bastion-fleet/bastion-fleet/internal/report"
	"github.com/bastion-fleet/bastion-fleet/internal/ui"
	"github.com/bastion-fleet/bastion-fleet/pkg/state"
)

type reportOptions struct {
	*globals
	html, markdown, csv bool
	out                 string
}

func newReportCmd(g *globals) *cobra.Command {
	o := &reportOptions{globals: g}
	c := &cobra.Command{
		Use:   "report [RUN]",
		Short: "Report what a run came to",
		Long: `Report what RUN (default: the one that is under way, else the last apply) came to, from its log: how it ended and what
is left to do, its waves, how fast its regions were and what was in their way, failures by cause, orders in doubt, what
was planned and what was spent, and the orders with their buyIds. Nothing is called, and no credentials are needed.
bastion-fleet runs lists the runs.

Without a form it is a text for the terminal, as runs show prints it. --html is one page that needs no network: send it
to those who asked for the fleet. --md is a comment for a pull request. --csv has a line for each order, and --json has
everything. The page and the comment leave out what is too much for them, and say so.`,
		Example: `  bastion-fleet report
  bastion-fleet report --html --out report.html
  bastion-fleet report 20261123T101500Z-k7q2m9 --csv > orders.csv
  bastion-fleet report --md | gh pr comment 12 --body-file -`,
		Args:              takes(0, 1, "one RUN at most: --chdir DIR names the fleet's directory"),
		ValidArgsFunction: g.completeRun,
		RunE:              func(_ *cobra.Command, args []string) error { return o.run(args) },
	}
	f := c.Flags()
	f.BoolVar(&o.html, "html", false, "write a page for browsers")
	f.BoolVar(&o.markdown, "md", false, "write Markdown, for a pull request's comment")
	f.BoolVar(&o.csv, "csv", false, "write a line for each order, for spreadsheets")
	f.StringVar(&o.out, "out", "", "write to `FILE` instead of stdout")
	return c
}

func (o *reportOptions) run(args []string) error {
	write, err := o.form()
	if err != nil {
		return err
	}
	folded, err := o.report(args)
	if err != nil {
		return err
	}
	if o.out == "" {
		return write(o.streams().Out, folded)
	}
	err = writeFile(o.out, func(w io.Writer) error { return write(ui.Stream{Writer: w}, folded) })
	if err != nil {
		return hinted{
			fmt.Errorf("the report can't be written to %s: %w", o.out, withoutPath(err)),
			"Give --out a file in a directory that is there, can be written and has room.",
		}
	}
	if !o.json {
		o.view().Notice("The report is in " + o.out + ".")
	}
	return nil
}

// form returns what writes the report in the form that was asked for.
func (o *reportOptions) form() (func(ui.Stream, report.Report) error, error) {
	forms := []struct {
		asked bool
		write func(ui.Stream, report.Report) error
	}{
		{o.html, func(s ui.Stream, r report.Report) error { return report.WriteHTML(s, r) }},
		{o.markdown, func(s ui.Stream, r report.Report) error { return report.WriteMarkdown(s, r) }},
		{o.csv, func(s ui.Stream, r report.Report) error { return report.WriteCSV(s, r) }},
		{o.json, func(s ui.Stream, r report.Report) error { return report.WriteJSON(s, r) }},
	}
	write, asked := report.WriteText, 0
	for _, f := range forms {
		if f.asked {
			write, asked = f.write, asked+1
		}
	}
	if asked > 1 {
		return nil, hinted{errors.New("--html, --md, --csv and --json are forms of one report"), "Give one of them."}
	}
	if o.html && o.out == "" && o.streams().Out.Terminal {
		return nil, hinted{errors.New("a page for browsers is nothing for a terminal"), "Add --out report.html, and open that."}
	}
	return write, nil
}

// report folds the log of the run that was named, else of the one that is under way, else of the last apply.
func (g *globals) report(args []string) (report.Report, error) {
	path := g.statePath(".")
	id, err := chooseRun(path, args, false)
	if err != nil {
		return report.Report{}, err
	}
	log, err := readRunLog(path, id)
	if err != nil {
		return report.Report{}, err
	}
	underWay, _, _ := state.RunningRun(path)
	folded, err := report.Fold(report.Head{
		Run: log.Info, Fleet: log.Fleet, Endpoint: log.Endpoint, Running: underWay == id,
		Place: g.placeFlags(), Seller: sellerFlags(log.Endpoint),
	}, log.Entries())
	return folded, unusable(err)
}
