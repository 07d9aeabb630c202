package cli

import (
	"context"
	"errors"
	"io"
	"log"
	"net/http"
	"os"

	"github.com/bastion-fleet/bastion-fleet/internal/ui"
	"github.com/bastion-fleet/bastion-fleet/pkg/apply"
)

// A Process is what the program has around it. That of [Main] is the real one; tests that play many runs in one process
// make others. No flag and no variable reaches Carry or Journal.
type Process struct {
	Args    []string                          // without the program's name
	Streams func(noColor bool) ui.Streams     // where it reads and writes
	Carry   http.RoundTripper                 // carries the calls of the API in place of the network; nil: the network does
	Journal func(apply.Journal) apply.Journal // stands between an apply and its journal; nil: nothing does
}

// Main runs the program with the process's arguments and returns its exit code.
func Main() int {
	log.SetOutput(io.Discard) // net/http quotes odd peers there, into whatever a terminal shows just then
	return Process{Args: os.Args[1:], Streams: ui.Standard}.Run(context.Background())
}

// Run runs one command and returns its exit code. The end of ctx is the first Ctrl-C.
func (p Process) Run(ctx context.Context) int {
	g := &globals{process: p}
	root := newRootCmd(g)
	args := twoDashes(root, p.Args)
	g.json = wantsJSON(args)
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	if err == nil && g.shown != nil {
		err = g.shown.Err()
	}
	var code exitCode
	switch {
	case err == nil:
		return exitDone
	case errors.As(err, &code):
		return int(code)
	}
	g.view().Error(err)
	return exitError
}

// journal is where an apply writes its intents and outcomes down.
func (g *globals) journal(run apply.Journal) apply.Journal {
	if g.process.Journal == nil {
		return run
	}
	return g.process.Journal(run)
}
