// Command mutate takes away, one after the other, what keeps bastion-fleet's promise: each fsync, each intent, each guard
// and each class of answers. It shows by which test each loss is noticed, and ends with 1 when one isn't, or when a text
// that it would replace is no longer there. The tree itself is never changed: go test -overlay puts the mutated files in
// place of the real ones.
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
	"strings"
	"text/tabwriter"
	"time"
)

func main() {
	log.SetFlags(0)
	only := flag.String("only", "", "try mutants whose file or name matches `REGEXP` alone")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, *only); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, only string) error {
	pattern, err := regexp.Compile(only)
	if err != nil {
		return fmt.Errorf("-only: %w", err)
	}
	root, err := moduleRoot(ctx)
	if err != nil {
		return err
	}
	var all []verdict
	survived := 0
	var broken error // mutants that could not be tried
	for _, m := range everyMutant() {
		if !pattern.MatchString(m.file) && !pattern.MatchString(m.name) {
			continue
		}
		v, err := m.try(ctx, root)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			fmt.Fprintf(os.Stderr, "BROKEN\t%s: %s\n", m.file, m.name)
			broken = errors.Join(broken, fmt.Errorf("%s, %s: %w", m.file, m.name, err))
			continue
		}
		if !v.sound() {
			survived++
		}
		fmt.Fprintf(os.Stderr, "%s\t%s: %s\n", fate(v), v.file, v.name)
		all = append(all, v)
	}
	printTable(os.Stdout, all)
	if survived > 0 {
		return errors.Join(broken, fmt.Errorf("%d of %d mutants were not noticed", survived, len(all)))
	}
	return broken
}

// moduleRoot is the directory of go.mod.
func moduleRoot(ctx context.Context) (string, error) {
	out, err := exec.CommandContext(ctx, "go", "env", "GOMOD").Output()
	if err != nil {
		return "", fmt.Errorf("go env: %w", err)
	}
	return filepath.Dir(strings.TrimSpace(string(out))), nil
}

func fate(v verdict) string {
	switch {
	case v.by != "":
		return "killed"
	case v.equal != "":
		return "equal"
	default:
		return "SURVIVED"
	}
}

// printTable tells what became of each mutant, and of all.
func printTable(to io.Writer, all []verdict) {
	w := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "FATE\tFILE\tTAKEN AWAY\tNOTICED BY\tSECONDS")
	count := map[string]int{}
	for _, v := range all {
		by := v.by
		if by == "" {
			by = v.equal
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%.0f\n", fate(v), v.file, v.name, by, v.took.Round(time.Second).Seconds())
		count[fate(v)]++
	}
	_ = w.Flush()
	fmt.Fprintf(to, "\n%d mutants: %d killed, %d equal, %d survived\n", len(all), count["killed"], count["equal"], count["SURVIVED"])
}
