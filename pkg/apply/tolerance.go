package apply

import (
	"errors"
	"fmt"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

// tolerateFailure drains the run once more of its orders failed than it tolerates.
func (e *engine) tolerateFailure(failed int) {
	if tolerance := e.Rollout.RunFailureTolerance; failed > tolerance.Of(len(e.Buys)) {
		e.stop(errors.New(tooMany(failed, len(e.Buys), "run_failure_tolerance", tolerance)))
	}
}

// tooMany says that a tolerance is used up, in the words of the setting that gives it.
func tooMany(failed, of int, setting string, t order.Tolerance) string {
	return fmt.Sprintf("%d of %s failed; %s = %q allows %d", failed, counted(of), setting, t, t.Of(of))
}

// exhausted says that a quota is used up, in the API's words.
func exhausted(f order.Failure) string {
	if f.Code == "" {
		return "a quota is used up: " + f.Message
	}
	return fmt.Sprintf("a quota is used up: %s: %s", f.Code, f.Message)
}
