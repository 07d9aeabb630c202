package plan

import "fmt"

func (r *rewriter) conflict(format string, args ...any) {
	r.conflicts = append(r.conflicts, fmt.Sprintf(format, args...))
}

// A ConflictError says which moved, removed and import blocks can't be carried out with what is recorded.
type ConflictError struct{ problems []string }

// shownConflicts is how many problems a ConflictError names.
const shownConflicts = 10

// Error names the problems, with where their blocks are written.
func (e *ConflictError) Error() string {
	text := "the fleet's moved, removed and import blocks do not fit what is recorded"
	for _, p := range e.problems[:min(len(e.problems), shownConflicts)] {
		text += "\n  " + p
	}
	if more := len(e.problems) - shownConflicts; more > 0 {
		text += fmt.Sprintf("\n  and %d more", more)
	}
	return text
}

// Hint says what to do about it.
func (e *ConflictError) Hint() string {
	return "Nothing is bought or changed. bastion-fleet state list shows what is recorded. Take out the blocks that are done with, and set " +
		"the others to where things are."
}
