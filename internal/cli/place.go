package cli

import (
	"path/filepath"
	"strings"

	"github.com/bastion-fleet/bastion-fleet/internal/ui"
	"github.com/bastion-fleet/bastion-fleet/pkg/bastion"
	"github.com/bastion-fleet/bastion-fleet/pkg/state"
)

// statePath is where the state of the fleet in dir is kept. That of simulated purchases is another one.
func (g *globals) statePath(dir string) string {
	path := g.state
	if path == "" {
		path = state.DefaultPath(dir)
	}
	if g.simulate {
		path = simulatedPath(path)
	}
	return path
}

// listCommand is what lists the state at path from where the program was started. It is elsewhere when state list alone
// would look at another one, or at none.
func (g *globals) listCommand(path string) (command string, elsewhere bool) {
	list := "bastion-fleet state list"
	path = g.fromStart(path)
	if g.simulate {
		list += " --simulate"
		path = realPath(path)
	}
	if path == state.DefaultPath(".") {
		return list, g.simulate
	}
	return list + " --state " + ui.ShellWord(path), true
}

// fromStart is a path as it is where the program was started, before --chdir.
func (g *globals) fromStart(path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(g.chdir, path)
}

// placeFlags lead another command to the state that this one was led to, from where the program was started.
func (g *globals) placeFlags() string {
	var words []string
	if g.chdir != "" {
		words = append(words, "--chdir", ui.ShellWord(g.chdir))
	}
	if g.state != "" {
		words = append(words, "--state", ui.ShellWord(g.state))
	}
	if g.simulate {
		words = append(words, "--simulate")
	}
	return strings.Join(words, " ")
}

// sellerFlags lead a command to an endpoint. --simulate, which is a flag of the place, leads to the simulated one.
func sellerFlags(endpoint string) string {
	if endpoint == bastion.DefaultEndpoint || endpoint == simulatedEndpoint {
		return ""
	}
	return "--endpoint " + ui.ShellWord(endpoint)
}
