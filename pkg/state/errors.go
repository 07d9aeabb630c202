package state

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// Why a state is refused. Errors of this package wrap one of these, so that errors.Is tells them apart.
var (
	// ErrLost: the database is gone, while what stood beside it says that there was one.
	ErrLost = errors.New("the state is lost")
	// ErrOlder: the database is an older copy, and the run logs that would bring it up to date are gone.
	ErrOlder = errors.New("the state is older than it was")
	// ErrEmpty: the database file has no content.
	ErrEmpty = errors.New("the state is empty")
	// ErrForeign: the file is something else than a state of bastion-fleet.
	ErrForeign = errors.New("not a state of bastion-fleet")
	// ErrDamaged: the database or a run log contradicts its own checksums.
	ErrDamaged = errors.New("the state is damaged")
	// ErrInconsistent: what the state holds breaks a rule that every state keeps, though its checksums are right.
	ErrInconsistent = errors.New("the state contradicts itself")
	// ErrNewer: a later bastion-fleet wrote the state, or a record in it.
	ErrNewer = errors.New("the state is of a newer version")
	// ErrHeld: another process works with the state. The error is a *[HeldError].
	ErrHeld = errors.New("the state is held")
	// ErrBound: the state belongs to another fleet, account or endpoint.
	ErrBound = errors.New("the state belongs elsewhere")
	// ErrPlanUsed: the plan was applied before.
	ErrPlanUsed = errors.New("the plan was used before")
	// ErrJournal: an intent or outcome could not be made durable. Nothing more may be bought in this run.
	ErrJournal = errors.New("the journal can't be written")
	// ErrMoved: a file of the state was deleted, moved or replaced while it was in use. The error is an ErrJournal too.
	ErrMoved = errors.New("the state was taken away while it was in use")
	// ErrNotRunning: something was asked of a run that is not under way.
	ErrNotRunning = errors.New("the run is not under way")
	// ErrClosed: the store or the run was closed.
	ErrClosed = errors.New("the state is closed")
)

// An Error says why the state at Path was refused and what can be done.
type Error struct {
	Kind   error  // one of this package's sentinels
	Path   string // the file that is at fault
	Reason string
	Remedy string // what to do, in whole sentences; see Hint
	Cause  error  // may be nil
}

// Error is the path and the reason, in this order.
func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %v", e.Path, e.Kind)
	if e.Reason != "" {
		b.WriteString(": " + e.Reason)
	}
	if e.Cause != nil {
		b.WriteString(": " + e.Cause.Error())
	}
	return b.String()
}

// Hint says what to do about it.
func (e *Error) Hint() string { return e.Remedy }

// Unwrap lets errors.Is and errors.As see both the kind and the cause.
func (e *Error) Unwrap() []error { return []error{e.Kind, e.Cause} }

// A HeldError says who holds the state.
type HeldError struct {
	Path   string // the lock file
	Holder Holder // zero where it could not be read
}

// Error names the holder as far as it is known.
func (e *HeldError) Error() string {
	h := e.Holder
	if h.PID == 0 {
		return fmt.Sprintf("%s: %v by another process", e.Path, ErrHeld)
	}
	run := ""
	if h.Run != "" {
		run = ", run " + h.Run
	}
	return fmt.Sprintf("%s: %v by process %d of %s on %s (%s%s) since %s",
		e.Path, ErrHeld, h.PID, h.User, h.Host, h.Command, run, h.Since.Format(time.RFC3339))
}

// Hint says what to do about it, for those who read as for those who buy.
func (e *HeldError) Hint() string {
	return "Wait for it to end. An apply waits by itself with --lock-timeout D."
}

// Unwrap makes errors.Is(err, ErrHeld) true.
func (e *HeldError) Unwrap() error { return ErrHeld }

// damaged is the error of a file that contradicts itself.
func damaged(path, reason string, cause error) error {
	return &Error{Kind: ErrDamaged, Path: path, Reason: reason, Cause: cause, Remedy: "Buy nothing. " + remedyRestore}
}

// remedyRestore is what mends a database that can't be used.
const remedyRestore = "bastion-fleet state restore --from-log rebuilds the database from the run logs beside it, and state restore " +
	"--latest puts the newest backup back and brings it up to date by them; each keeps the file that it replaces."

// damagedLog is the error of a run log that contradicts itself or the state.
func damagedLog(path, reason string, cause error) error {
	return &Error{
		Kind: ErrDamaged, Path: path, Reason: reason, Cause: cause,
		Remedy: "Buy nothing, keep the files as they are, and put a sound copy of the run log, or of the whole state with its run logs, " +
			"in its place. bastion-fleet state verify checks it.",
	}
}
