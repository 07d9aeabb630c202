package world

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"sync"
	"testing/synctest"
	"time"

	"github.com/bastion-fleet/bastion-fleet/internal/cli"
	"github.com/bastion-fleet/bastion-fleet/internal/ui"
	"github.com/bastion-fleet/bastion-fleet/pkg/apply"
	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

// A process runs one command. It can be killed wherever it calls the API or writes to its journal.
type process struct {
	cloud  *cloud
	home   string        // the fleet's directory
	drain  time.Duration // after which somebody presses Ctrl-C; 0: nobody does
	asks   []ask         // what somebody asks of its run meanwhile
	killAt int           // which of the places that it passes it does not pass; 0: it passes all
	image  func() string // names the directory for what a kill leaves
	dice   *rand.Rand    // of the kill alone

	cancel context.CancelFunc
	mu     sync.Mutex
	passed int
	killed string        // the place where it was killed
	left   string        // what the kill left
	buried chan struct{} // closed when left is there: what was stopped may run out
	failed error         // why it could not be killed
	out    output
	args   []string
	asked  int // asks that its run was there for
	bought int // creates that it sent
	code   int
}

// fate is what a process meets at a place.
type fate uint8

const (
	alive fate = iota
	gone       // it was killed, and nothing that it does counts any more
	torn       // it is being killed here: it may write one more entry, of which half may last
)

// nowhere is where calls would go that the cloud doesn't carry.
const nowhere = "http://127.0.0.1:1/v1"

// run runs the command to its end, or until it is killed.
func (p *process) run(args ...string) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	p.cancel, p.buried = cancel, make(chan struct{})
	if p.drain > 0 {
		defer time.AfterFunc(p.drain, cancel).Stop()
	}
	p.args = args
	if len(p.asks) > 0 {
		ended, steered := make(chan struct{}), make(chan struct{})
		go func() {
			defer close(steered)
			p.steer(ended)
		}()
		defer func() {
			close(ended)
			<-steered
		}()
	}
	p.code = cli.Process{
		Args: append(args, "--state", statePath(p.home), "--endpoint", nowhere), Streams: p.streams, Carry: carrier{p.cloud, p},
		Journal: func(j apply.Journal) apply.Journal { return journal{j, p} },
	}.Run(ctx)
}

// streams are what it writes to. The dead say nothing.
func (p *process) streams(bool) ui.Streams {
	p.out.dead = p.dead
	return ui.Streams{In: strings.NewReader(""), Out: ui.Stream{Writer: &p.out}, Err: ui.Stream{Writer: &p.out}}
}

// said is what it wrote to stdout and stderr.
func (p *process) said() string {
	p.out.mu.Lock()
	defer p.out.mu.Unlock()
	return p.out.text.String()
}

type output struct {
	dead func() bool
	mu   sync.Mutex
	text bytes.Buffer
}

var _ io.Writer = (*output)(nil)

func (o *output) Write(b []byte) (int, error) {
	if o.dead() {
		return len(b), nil
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(b)
}

func (p *process) dead() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.killed != ""
}

// sent counts a create.
func (p *process) sent() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.bought++
}

// passes tells what becomes of the process at a place. It must be called without a mutex held: who is killed stops
// here, and somebody who waits for a mutex of his would keep the world from coming to rest.
func (p *process) passes(place, address string) fate {
	p.mu.Lock()
	if p.killed != "" {
		p.mu.Unlock()
		<-p.buried
		return gone
	}
	p.passed++
	if p.passed != p.killAt {
		p.mu.Unlock()
		return alive
	}
	p.killed = place + " " + address
	p.mu.Unlock()
	synctest.Wait() // all others have stopped, and what they were writing is written
	if writes := place == "begin" || place == "finish"; writes && p.dice.IntN(4) > 0 {
		return torn
	}
	p.bury(func(to string) error { return copyTree(p.home, to) })
	return gone
}

// bury makes what the kill leaves, and lets the dead run out.
func (p *process) bury(leave func(to string) error) {
	p.left = p.image()
	p.failed = leave(p.left)
	p.cancel()
	close(p.buried)
}

// A journal is one that can be killed in.
type journal struct {
	next    apply.Journal
	process *process
}

func (j journal) Begin(ctx context.Context, i order.Intent) error {
	return j.write("begin", i.Order.Address, i.Attempt, func() error { return j.next.Begin(ctx, i) })
}

func (j journal) Finish(o order.Outcome) error {
	return j.write("finish", o.Address, o.Attempt, func() error { return j.next.Finish(o) })
}

func (j journal) Err() error { return j.next.Err() }

func (j journal) write(what string, a order.Address, attempt int, write func() error) error {
	p := j.process
	if p.cloud.paced {
		time.Sleep(p.cloud.span(20*time.Millisecond, what, a, attempt))
	}
	switch p.passes(what, a.String()) {
	case gone:
		return errDead
	case torn:
		p.tear(write)
		return errDead
	}
	err := write()
	if p.passes(what+" done", a.String()) != alive {
		return errDead
	}
	return err
}

// tear lets one entry be written while all else stands still, and leaves it in one of the two files, or in neither, or
// half: all that a kill in the middle can leave, for the files are written at the same time.
func (p *process) tear(write func() error) {
	p.bury(func(to string) error {
		before := to + ".before"
		if err := copyTree(p.home, before); err != nil {
			return err
		}
		if err := write(); err != nil && !errors.Is(err, context.Canceled) { // a region that stopped writes no intent
			return fmt.Errorf("the entry that is torn was refused: %w", err)
		}
		synctest.Wait()
		if err := copyTree(p.home, to); err != nil {
			return err
		}
		return mix(p.dice, before, to)
	})
}
