package cli

import (
	"errors"
	"os"

	"github.com/bastion-fleet/bastion-fleet/pkg/bastion"
	"github.com/bastion-fleet/bastion-fleet/pkg/order"
	"github.com/bastion-fleet/bastion-fleet/pkg/state"
)

// An account is whom a fleet is bought from, and on whose bill.
type account struct {
	endpoint    bastion.Endpoint
	credentials bastion.Credentials
	missing     error // why there are no credentials; nil when there are
}

// account returns what the flags, the environment and the profile name. To plan, no credentials are needed, so their
// lack is not an error yet; half of a pair is.
func (g *globals) account() (account, error) {
	if g.simulate {
		return g.simulatedAccount()
	}
	home, _ := os.UserHomeDir() // without one there is no profile to read
	c, err := bastion.LoadCredentials(os.Environ(), home, g.profile)
	if _, ok := errors.AsType[*bastion.ProfileError](err); ok {
		return account{}, err
	}
	if err != nil && !errors.Is(err, bastion.ErrNoCredentials) {
		return account{}, hinted{err, "Credentials are an access key and its secret key: both in the environment, as " +
			bastion.EnvAccessKey + " and " + bastion.EnvSecretKey + ", or both in one profile of ~/.jdc/config."}
	}
	a := account{credentials: c}
	if err != nil {
		a.missing = hinted{err, "Set " + bastion.EnvAccessKey + " and " + bastion.EnvSecretKey + ", or write a profile into " +
			"~/.jdc/config; --profile names one. With --simulate none are needed, and nothing real is bought."}
	}
	if a.endpoint, err = g.findEndpoint(c); err != nil {
		return account{}, hinted{err, "Leave --endpoint and the profile's endpoint out to buy from " +
			bastion.DefaultEndpoint + ", or give the URL that sim serve printed."}
	}
	return a, nil
}

// findEndpoint takes --endpoint, else the profile's endpoint, else the documented one.
func (g *globals) findEndpoint(c bastion.Credentials) (bastion.Endpoint, error) {
	if g.endpoint != "" {
		return bastion.ParseEndpoint(g.endpoint)
	}
	if c.Endpoint() != (bastion.Endpoint{}) {
		return c.Endpoint(), nil
	}
	return bastion.ParseEndpoint(bastion.DefaultEndpoint)
}

// binding is what a state is held to. Without credentials the state's own account is taken for granted.
func (a account) binding(fleet string, s state.Snapshot) state.Binding {
	b := state.Binding{Fleet: fleet, Endpoint: a.endpoint.String(), Account: s.Binding.Account}
	if a.missing == nil {
		b.Account = a.credentials.Account()
	}
	return b
}

// client returns what calls the API, with as many connections as calls may be in flight.
func (g *globals) client(a account, statePath string, r order.Rollout) (*bastion.Client, error) {
	o := bastion.Options{
		Endpoint: a.endpoint, Credentials: a.credentials, Parallelism: r.Parallelism,
		UserAgent: "bastion-fleet/" + programVersion(), Transport: g.process.Carry,
	}
	if g.simulate {
		sim, err := openSimulator(statePath)
		if err != nil {
			return nil, err
		}
		o.Transport = sim
	}
	return bastion.New(o)
}

// seller names in a question whom the money goes to.
func (g *globals) seller(a account) string {
	if g.simulate {
		return "the simulator, which spends nothing"
	}
	return a.endpoint.String()
}
