package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/bastion-fleet/bastion-fleet/internal/ui"
	"github.com/bastion-fleet/bastion-fleet/pkg/plan"
	"github.com/bastion-fleet/bastion-fleet/pkg/state"
)

// A plan file is sealed with a key that stays beside the state. Only what the seal vouches for is ever applied.

// readPlanFile reads a plan file, or the pipe that it comes through. Its seal is not checked yet.
func readPlanFile(name string) (plan.Sealed, error) {
	f, err := os.Open(name)
	if err != nil {
		return plan.Sealed{}, hinted{
			fmt.Errorf("the plan can't be read: %w", err),
			"Give a file that bastion-fleet plan --out wrote.",
		}
	}
	defer f.Close()
	sealed, err := plan.Decode(f)
	if err != nil {
		return plan.Sealed{}, fmt.Errorf("%s: %w", name, err)
	}
	return sealed, nil
}

// planState is where the state of a saved plan, and so its key, is looked for. What the plan says of it is not proven
// yet: a wrong place has no key that fits. A simulated plan never becomes a real one.
func (g *globals) planState(sealed plan.Sealed) string {
	g.simulate = g.simulate || sealed.Endpoint() == simulatedEndpoint
	if g.state != "" {
		return g.statePath("")
	}
	return sealed.State()
}

// openPlanFile returns the plan once its seal is checked with the key of the state at path.
func openPlanFile(sealed plan.Sealed, name, path string) (plan.File, error) {
	key, err := state.ReadPlanKey(path)
	if errors.Is(err, state.ErrNoPlanKey) {
		err = &plan.FileError{Err: plan.ErrForeign, Detail: err.Error()}
	}
	if err != nil {
		return plan.File{}, fmt.Errorf("%s: %w", name, err)
	}
	file, err := sealed.Open(plan.NewKey(key))
	if err != nil {
		return plan.File{}, fmt.Errorf("%s: %w", name, err)
	}
	return file, nil
}

// viewPlanFile is openPlanFile for those who only look at the plan. They may have no key; then unchecked says why, and
// must be told.
func viewPlanFile(sealed plan.Sealed, name, path string) (file plan.File, unchecked, err error) {
	if _, unchecked = state.ReadPlanKey(path); unchecked == nil {
		file, err = openPlanFile(sealed, name, path)
		return file, nil, err
	}
	if file, err = sealed.OpenUnchecked(); err != nil {
		err = fmt.Errorf("%s: %w", name, err)
	}
	return file, unchecked, err
}

// uncheckedWarning says that a plan may be anybody's.
func uncheckedWarning(name string, why error) string {
	return fmt.Sprintf("nothing proves that %s is as it was saved: %v. An apply checks it; before you approve it, look at it "+
		"with bastion-fleet show where the state is.", name, why)
}

// writePlanFile seals a plan with the key of the state at path, which it makes if it must, and writes it.
func (o *planOptions) writePlanFile(file plan.File, path string) error {
	if o.simulate {
		if err := makeSimulatedPlace(path); err != nil {
			return err
		}
	}
	key, err := state.MakePlanKey(path)
	if err != nil {
		return unusable(err)
	}
	err = writeFile(o.out, func(w io.Writer) error { return file.Encode(w, plan.NewKey(key)) })
	if err != nil {
		return hinted{
			fmt.Errorf("the plan can't be saved as %s: %w", o.out, withoutPath(err)),
			"Give --out a file in a directory that is there, can be written and has room.",
		}
	}
	return nil
}

// savedNotice says what the plan that was saved as name is good for.
func savedNotice(file plan.File, name string) string {
	if file.Plan.Totals().Orders()+file.Plan.Rewrites() == 0 {
		return fmt.Sprintf("Saved to %s. There is nothing in it to buy.", ui.Sanitize(name))
	}
	return fmt.Sprintf("Saved to %s. It can be applied once, until %s:\n  bastion-fleet apply %s",
		ui.Sanitize(name), file.Expires.Format(time.DateOnly), ui.ShellWord(name))
}

// originNotice says where a saved plan comes from and what it is good for. Its texts may be anybody's.
func originNotice(file plan.File) string {
	origin := fmt.Sprintf("Planned %s by bastion-fleet %s, for serial %d of the state %s.",
		moment(file.Created), ui.Sanitize(file.Program), file.Plan.Serial, ui.Sanitize(filepath.Clean(file.State)))
	if file.Plan.Totals().Orders()+file.Plan.Rewrites() == 0 {
		return origin + " There is nothing in it to buy."
	}
	return origin + " It can be applied once, until " + moment(file.Expires) + "."
}
