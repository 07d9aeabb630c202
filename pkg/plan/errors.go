package plan

import "errors"

// Why a plan file can't be read or applied. Test with errors.Is; the errors that this package returns add what was
// found, and what to do as a Hint.
var (
	ErrNotPlanFile  = errors.New("not a plan file")
	ErrNewerVersion = errors.New("written by a newer bastion-fleet")
	ErrOlderVersion = errors.New("written by an older bastion-fleet")
	ErrAltered      = errors.New("altered since it was written")
	ErrForeign      = errors.New("altered since it was written, or made elsewhere")
	ErrExpired      = errors.New("expired")
	ErrStale        = errors.New("the state has changed since")
	ErrOtherState   = errors.New("made for another state")
	// ErrUsed is for callers: only the state knows which plans were applied.
	ErrUsed = errors.New("already applied")
)

// A FileError says why a plan file is refused. Err is one of the sentinels above.
type FileError struct {
	Err    error
	Detail string // what was found; may be empty
}

// Error is one line without the file's name, which the caller knows.
func (e *FileError) Error() string {
	if e.Detail == "" {
		return "the plan is refused: " + e.Err.Error()
	}
	return "the plan is refused: " + e.Err.Error() + ": " + e.Detail
}

// Unwrap gives the sentinel.
func (e *FileError) Unwrap() error { return e.Err }

// Hint says what to do about it.
func (e *FileError) Hint() string {
	switch e.Err {
	case ErrNotPlanFile:
		return "Give a file that bastion-fleet plan --out wrote, or a fleet's directory."
	case ErrNewerVersion:
		return "Use that version of bastion-fleet, or make a new plan with this one."
	case ErrForeign:
		return "Apply it with the state that it was made from, for which --state FILE says where it is, or make a new plan: bastion-fleet plan --out FILE."
	case ErrOtherState:
		return "Apply it with the fleet, --state, --endpoint and credentials that it was made with, or make a new plan."
	default:
		return "Make a new plan: bastion-fleet plan --out FILE."
	}
}
