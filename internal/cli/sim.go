package cli

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/bastion-fleet/bastion-fleet/pkg/simulator"
)

func newSimCmd(g *globals) *cobra.Command {
	c := &cobra.Command{
		Use:   "sim",
		Short: "Play the API, to try things out",
	}
	return group(c, newSimServeCmd(g))
}

type simOptions struct {
	*globals
	simulator.Options
	behaviour
	listen         string
	instanceFaults []string
}

func newSimServeCmd(g *globals) *cobra.Command {
	o := &simOptions{globals: g}
	c := &cobra.Command{
		Use:   "serve",
		Short: "Serve the simulated API on a local port",
		Long: `Serve the simulated API. Its URL, for --endpoint, is the first line on stdout. GET /sim/ledger gives every
purchase with its time and request. It checks signatures and nonces as the real API does, and sells nothing real.

The faults, for --fault:
` + faultList() + `

The faults of what was bought, for --instance-fault:
` + instanceFaultList(),
		Example: `  bastion-fleet sim serve --listen 127.0.0.1:8080 --latency 50ms --fault throttle=0.05 --fault drop-answer=0.01
  JDCLOUD_ACCESS_KEY=sim JDCLOUD_SECRET_KEY=sim bastion-fleet apply --endpoint http://127.0.0.1:8080/v1`,
		Args: takes(0, 0, "no arguments"),
		RunE: func(c *cobra.Command, _ []string) error { return o.run(c.Context()) },
	}
	f := c.Flags()
	f.StringVar(&o.listen, "listen", "127.0.0.1:0", "listen on `HOST:PORT`; the host must be loopback, port 0 picks one")
	f.StringVar(&o.AccessKey, "access-key", "sim", "the access `KEY` that calls must be signed with")
	f.StringVar(&o.SecretKey, "secret-key", "sim", "the secret `KEY` that calls must be signed with")
	f.StringVar(&o.LedgerFile, "ledger", "", "keep the purchases in `FILE`, and continue from it")
	o.addBehaviourFlags(f, "")
	f.DurationVar(&o.ListingLag, "listing-lag", 0, "show purchases in listings only after `D`")
	f.StringArrayVar(&o.instanceFaults, "instance-fault", nil, "let a fault happen to instances, as `KIND=RATE` (repeatable)")
	return c
}

func (o *simOptions) run(ctx context.Context) error {
	if err := o.readBehaviour(); err != nil {
		return err
	}
	listener, err := listenLocally(o.listen)
	if err != nil {
		return err
	}
	sim, err := simulator.New(o.Options)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	fmt.Fprintf(o.streams().Out, "http://%s/v1\n", listener.Addr())
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()
	server := &http.Server{Handler: sim, ReadHeaderTimeout: 10 * time.Second}
	shutdown := context.AfterFunc(ctx, func() { _ = server.Close() })
	defer shutdown()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return errors.Join(err, sim.Close())
	}
	return sim.Close()
}

// readBehaviour reads how calls go and what becomes of instances. Calls that only read take as long everywhere as those take
// that buy in a region that is not named.
func (o *simOptions) readBehaviour() error {
	if err := o.set(&o.Options, simulator.Profile{}); err != nil {
		return err
	}
	if l := o.Profile.All.Latency; len(l) > 0 {
		o.Latency, o.Jitter = l[0], l[len(l)-1]-l[0]
	}
	o.InstanceFaults = simulator.InstanceFaults{}
	for _, text := range o.instanceFaults {
		fault, rate, err := simulator.ParseInstanceFault(text)
		if err != nil {
			return hinted{fmt.Errorf("--instance-fault: %w", err), "bastion-fleet sim serve --help says what each fault does."}
		}
		o.InstanceFaults[fault] = rate
	}
	return nil
}

// listenLocally listens on loopback alone: whoever reaches the simulator may read its ledger.
func listenLocally(address string) (net.Listener, error) {
	resolved, err := net.ResolveTCPAddr("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("--listen: %w", err)
	}
	if !resolved.IP.IsLoopback() {
		return nil, hinted{
			fmt.Errorf("--listen: %s is not a loopback address", address),
			"Give it one such as 127.0.0.1:8080, or 127.0.0.1:0 for any free port.",
		}
	}
	listener, err := net.ListenTCP("tcp", resolved)
	if err != nil {
		return nil, fmt.Errorf("--listen: %w", err)
	}
	return listener, nil
}
