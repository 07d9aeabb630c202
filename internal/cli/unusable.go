package cli

import (
	"errors"
	"io/fs"

	"github.com/bastion-fleet/bastion-fleet/pkg/state"
)

// unusable says what to do where the system keeps the state from being read or written. The state's own reasons for
// a refusal say it themselves.
func unusable(err error) error {
	if _, refused := errors.AsType[*state.Error](err); refused {
		return err
	}
	if _, ok := errors.AsType[*fs.PathError](err); !ok {
		return err
	}
	return hinted{err, "See that the state's directory is there, may be read and written and has room, or keep the state " +
		"elsewhere: --state FILE."}
}
