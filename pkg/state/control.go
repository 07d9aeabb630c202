package state

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/bastion-fleet/bastion-fleet/pkg/infile"
)

// A Command is what an operator asks of a run that is under way, from another process.
type Command struct {
	Kind CommandKind
	By   string    // who asks, for people; AskRun fills it in where it is empty
	At   time.Time // the asker's clock; AskRun fills it in where it is zero
}

// CommandKind is what is asked of a run.
type CommandKind string

// The commands.
const (
	CommandPause  CommandKind = "pause"  // begin no call until resumed
	CommandResume CommandKind = "resume" // go on
	CommandAbort  CommandKind = "abort"  // begin no call any more, finish those in flight and end
)

// valid tells whether there is such a command.
func (k CommandKind) valid() bool {
	return k == CommandPause || k == CommandResume || k == CommandAbort
}

const (
	controlSuffix   = ".control"
	controlVersion  = 1
	maxControl      = 4 << 10 // bytes
	controlInterval = 250 * time.Millisecond
)

// diskCommand is a command in the file in which it waits for its run, sealed.
type diskCommand struct {
	Version int         `json:"v"`
	Run     string      `json:"run"`
	Kind    CommandKind `json:"kind"`
	By      string      `json:"by"`
	At      time.Time   `json:"at"`
}

// control is the path of the file in which a command waits for a run.
func (p Paths) control(run string) string { return filepath.Join(p.Runs, run+controlSuffix) }

// AskRun asks something of the run id of the state at path, which must be under way. It does not take the state's lock, for
// the run's process has it, and does not wait: the run takes the command up within a second, and its log then tells so. A
// later command takes the place of one that was not taken up yet. The error of a run that is not under way is ErrNotRunning,
// and says who holds the state instead.
func AskRun(path, id string, c Command) error {
	if !c.Kind.valid() {
		return fmt.Errorf("%q is nothing that can be asked of a run", c.Kind)
	}
	if err := CheckRunID(id); err != nil {
		return err
	}
	paths := PathsOf(path)
	if err := paths.refuseIdle(id); err != nil {
		return err
	}
	object, err := marshal(diskCommand{
		Version: controlVersion, Run: id, Kind: c.Kind,
		By: clip(cmp.Or(c.By, self("").Who())), At: canonical(cmp.Or(c.At, time.Now())),
	})
	if err != nil {
		return err
	}
	sealed, _ := seal(object)
	if err := replaceFile(paths.control(id), append(sealed, '\n')); err != nil {
		return fmt.Errorf("the run can't be asked: %w", err)
	}
	return nil
}

// refuseIdle returns why nothing can be asked of a run, or nil where it is under way.
func (p Paths) refuseIdle(id string) error {
	running, holder, _ := runningRun(p)
	if running == id {
		return nil
	}
	e := &Error{Kind: ErrNotRunning, Path: p.RunLog(id), Reason: "no process holds the state", Remedy: "bastion-fleet runs lists the runs, and how each ended."}
	switch {
	case running != "":
		e.Reason = fmt.Sprintf("the run that is under way is %s, by process %d of %s (%s)", running, holder.PID, holder.Who(), holder.Command)
	case holder.PID != 0:
		e.Reason = fmt.Sprintf("the state is held by process %d of %s (%s), which makes no run", holder.PID, holder.Who(), holder.Command)
	}
	if _, err := os.Stat(p.RunLog(id)); errors.Is(err, fs.ErrNotExist) {
		e.Reason = "there is no such run here; " + e.Reason
	}
	return e
}

// RunningRun returns the run of the state at path that is under way, and the process that makes it. Where a process holds
// the state and makes no run, holder is that process and id is empty. It is not known on Windows, where the lock file can't
// be read while it is held.
func RunningRun(path string) (id string, holder Holder, running bool) {
	return runningRun(PathsOf(path))
}

func runningRun(p Paths) (id string, holder Holder, running bool) {
	done, err := shareLock(p.Lock)
	if err == nil {
		_ = done()
		return "", Holder{}, false
	}
	held, ok := errors.AsType[*HeldError](err)
	if !ok {
		return "", Holder{}, false
	}
	return held.Holder.Run, held.Holder, held.Holder.Run != ""
}

// Commands yields what operators ask of the run by AskRun, until ctx or the run ends; then the channel is closed. It looks
// four times a second, which costs next to nothing. What does not look like a command to this very run is passed over.
func (r *Run) Commands(ctx context.Context) <-chan Command {
	commands := make(chan Command)
	go func() {
		defer close(commands)
		w := controlWatch{path: r.writer.store.paths.control(r.id), run: r.id}
		tick := time.NewTicker(controlInterval)
		defer tick.Stop()
		for {
			if c, asked := w.look(); asked {
				select {
				case commands <- c:
				case <-ctx.Done():
					return
				case <-r.done:
					return
				}
			}
			select {
			case <-tick.C:
			case <-ctx.Done():
				return
			case <-r.done:
				return
			}
		}
	}()
	return commands
}

// A controlWatch looks for commands to a run.
type controlWatch struct {
	path, run string
	heard     []byte // what the file held when it was read last
}

// look returns a command that was not seen before. It tells one from another by what the file says, with its time: a file
// that takes another's place may have the number of one before, and in a fast sequence its time too.
func (w *controlWatch) look() (Command, bool) {
	text, err := infile.Read(w.path, maxControl)
	if err != nil || bytes.Equal(text, w.heard) {
		return Command{}, false
	}
	w.heard = text
	return decodeCommand(text, w.run)
}

// decodeCommand returns the command that a file holds, if it is one to the run.
func decodeCommand(text []byte, run string) (Command, bool) {
	sealed := bytes.TrimSuffix(text, []byte("\n"))
	if _, err := unseal(sealed); err != nil {
		return Command{}, false
	}
	var d diskCommand
	if json.Unmarshal(sealed, &d) != nil || d.Version != controlVersion || d.Run != run || !d.Kind.valid() {
		return Command{}, false
	}
	return Command{Kind: d.Kind, By: clip(d.By), At: canonical(d.At)}, true
}

// removeControls removes the files of commands to runs, when all runs are over: nobody will take them up. They stand in
// nobody's way, so an error is none.
func (p Paths) removeControls() {
	entries, _ := os.ReadDir(p.Runs)
	for _, e := range entries {
		run, _, command := strings.Cut(strings.TrimPrefix(e.Name(), "."), controlSuffix) // with a dot: one that died half written
		if command && CheckRunID(run) == nil {
			_ = os.Remove(filepath.Join(p.Runs, e.Name()))
		}
	}
}

// replaceFile gives a file its content, whole or not at all. It is not durable: a power cut ends what it is for.
func replaceFile(path string, content []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*") // mode 0600
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		err = errors.Join(err, os.Remove(f.Name()))
	}
	return err
}
