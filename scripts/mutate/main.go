// Command mutate takes away, each for itself, what keeps bastion-fleet's promise: each fsync, each intent, each guard
// and each class of answers. It shows by which test each loss is noticed, and ends with 1 when one isn't, or when a text
// that it would replace is no longer there. The tree itself is never changed: go test -overlay puts the mutated files in
// place of the real ones. A mutant that hangs, or that takes all memory, is ended, and noticed by that.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"golang.org/x/sync/errgroup"
)

func main() {
	log.SetFlags(0)
	only := flag.String("only", "", "try mutants whose file or name matches `REGEXP` alone")
	parallel := flag.Int("parallel", max(1, runtime.NumCPU()/2), "try `N` mutants at a time")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, *only, *parallel); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, only string, parallel int) error {
	pattern, err := regexp.Compile(only)
	if err != nil {
		return fmt.Errorf("-only: %w", err)
	}
	if parallel < 1 {
		return fmt.Errorf("-parallel: %d is less than 1", parallel)
	}
	root, err := moduleRoot(ctx)
	if err != nil {
		return err
	}
	chosen := slices.DeleteFunc(everyMutant(), func(m mutant) bool {
		return !pattern.MatchString(m.file) && !pattern.MatchString(m.name)
	})
	all := newTrial(root).tryAll(ctx, chosen, parallel)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	printTable(os.Stdout, all)
	return problem(all)
}

// tryAll tries mutants, some at a time, and tells of each once it is done.
func (t *trial) tryAll(ctx context.Context, mutants []mutant, parallel int) []verdict {
	all := make([]verdict, len(mutants))
	var g errgroup.Group
	g.SetLimit(parallel)
	for i, m := range mutants {
		g.Go(func() error {
			if ctx.Err() != nil {
				return nil
			}
			v := t.try(ctx, m)
			if all[i] = v; ctx.Err() == nil {
				fmt.Fprintf(os.Stderr, "%s\t%s: %s\n", v.fate(), v.file, v.name)
			}
			return nil
		})
	}
	_ = g.Wait() // what a mutant came to is in its verdict
	return all
}

// problem is the error of all that were not noticed or could not be tried.
func problem(all []verdict) error {
	var errs []error
	unnoticed := 0
	for _, v := range all {
		switch v.fate() {
		case broken:
			errs = append(errs, fmt.Errorf("%s, %s: %w", v.file, v.name, v.err))
		case survived:
			unnoticed++
		}
	}
	if unnoticed > 0 {
		errs = append(errs, fmt.Errorf("%d of %d mutants were not noticed", unnoticed, len(all)))
	}
	return errors.Join(errs...)
}

// moduleRoot is the directory of go.mod.
func moduleRoot(ctx context.Context) (string, error) {
	out, err := exec.CommandContext(ctx, "go", "env", "GOMOD").Output()
	if err != nil {
		return "", fmt.Errorf("go env: %w", err)
	}
	return filepath.Dir(strings.TrimSpace(string(out))), nil
}

// printTable tells what became of each mutant, and of all.
func printTable(to io.Writer, all []verdict) {
	w := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "FATE\tFILE\tTAKEN AWAY\tNOTICED BY\tSECONDS")
	count := make(map[fate]int)
	for _, v := range all {
		by := v.by
		if by == "" {
			by = v.equal
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%.0f\n", v.fate(), v.file, v.name, by, v.took.Round(time.Second).Seconds())
		count[v.fate()]++
	}
	_ = w.Flush()
	fmt.Fprintf(to, "\n%d mutants: %d killed, %d equal, %d survived, %d broken\n",
		len(all), count[killed], count[equal], count[survived], count[broken])
}
