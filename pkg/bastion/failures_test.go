package bastion

import (
	"context"
	"crypto/tls"
	"flag"
	"fmt"
	"net"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

var update = flag.Bool("update", false, "write the table in docs/reliability.md anew")

// A failure is one way in which a createInstance call can go wrong at the wire: a row of the table in
// docs/reliability.md. What no row names is in doubt.
type failure struct {
	peer   string         // what it does, in the table's words
	class  Class          // what the call is
	or     bool           // NotSent as well: it depends on whether a byte was written before the peer struck
	bought bool           // instead of class: the purchase is accepted
	ids    string         // the ids that the result or the error must name, such as "b-1 s-1"
	plays  []func(*visit) // what the peer does on a connection; several are ways of one kind
	timed  bool           // the call ends when its time is over
	via    func(*failing) // what is unusual on the way to the peer
}

// failing is a failure that is being tested.
type failing struct {
	t         *testing.T
	peer      *peer // the endpoint, or what stands in its place
	endpoint  string
	transport *ownTransport
}

type section struct {
	title string
	rows  []failure
}

var wireTable = []section{
	{"Before a request leaves", unreachable},
	{"A connection that ends or hangs", broken},
	{"HTTP that is odd or none", odd},
	{"Statuses without the API's error form", statuses},
	{"The API's error form", forms},
	{"A 2xx", successes},
}

// Every row holds over plain HTTP and over TLS.
func TestEveryWayToFailAtTheWire(t *testing.T) {
	for _, s := range wireTable {
		for _, f := range s.rows {
			t.Run(f.peer, func(t *testing.T) {
				t.Parallel()
				test := f.test
				if f.timed {
					test = f.testInTime
				}
				for _, play := range f.ways() {
					t.Run("plain", func(t *testing.T) { test(t, play, nil) })
					t.Run("TLS", func(t *testing.T) { test(t, play, goodTLS()) })
				}
			})
		}
	}
}

// ways are the row's plays; a peer that is never reached does nothing.
func (f failure) ways() []func(*visit) {
	if len(f.plays) == 0 {
		return []func(*visit){func(*visit) {}}
	}
	return f.plays
}

func (f failure) test(t *testing.T, play func(*visit), config *tls.Config) {
	p := servePeer(t, config, play)
	x := failing{t: t, peer: p, endpoint: p.url()}
	c := clientTo(t, x.endpoint)
	x.transport = own(c)
	x.transport.buying.TLSClientConfig.RootCAs = ours().pool
	if f.via != nil {
		f.via(&x)
		e, err := ParseEndpoint(x.endpoint)
		if err != nil {
			t.Fatal(err)
		}
		c.endpoint = e
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go func() {
		select {
		case <-x.peer.stalled:
			cancel()
		case <-ctx.Done():
		}
	}()
	result, err := c.CreateInstance(ctx, "cn-north-1", anOrder)
	close(p.left)
	c.Close()
	x.peer.stop()
	f.check(t, x.peer, result, err)
}

// testInTime plays a peer that leaves the call waiting, over a pipe and under fake time: the call must end when its time
// is over.
func (f failure) testInTime(t *testing.T, play func(*visit), config *tls.Config) {
	synctest.Test(t, func(t *testing.T) {
		p := newPeer(config)
		endpoint := "http://127.0.0.1:1"
		if config != nil {
			endpoint = "https://127.0.0.1:1"
		}
		c := clientTo(t, endpoint)
		own(c).buying.TLSClientConfig.RootCAs = ours().pool
		own(c).dial = func(context.Context, string, string) (net.Conn, error) {
			near, far := net.Pipe()
			p.wg.Go(func() { p.receive(far, play) })
			return &meteredConn{Conn: near}, nil
		}
		began := time.Now()
		result, err := c.CreateInstance(t.Context(), "cn-north-1", anOrder)
		if took := time.Since(began); took > DefaultTimeout {
			t.Errorf("the call took %v", took)
		}
		close(p.left)
		c.Close()
		p.wg.Wait()
		f.check(t, p, result, err)
	})
}

// check holds what came of the call against the row, and against what the peer saw.
func (f failure) check(t *testing.T, p *peer, result CreateInstanceResult, err error) {
	t.Helper()
	conns, posts, any := p.arrived()
	if posts > 1 || conns > 1 {
		t.Errorf("the peer saw %d connections and %d requests", conns, posts)
	}
	if f.bought {
		if err != nil {
			t.Fatalf("not bought: %v", err)
		}
		if got := strings.TrimSpace(result.BuyID + " " + strings.Join(result.SourceIDs, " ")); got != f.ids {
			t.Errorf("bought %q, want %q", got, f.ids)
		}
		return
	}
	e := asError(t, err)
	if e.Class != f.class && !(f.or && e.Class == NotSent) {
		t.Errorf("%s, want %s: %v", e.Class, f.class, e)
	}
	if got := strings.TrimSpace(e.BuyID + " " + strings.Join(e.SourceIDs, " ")); got != f.ids {
		t.Errorf("the error names %q, want %q", got, f.ids)
	}
	if any && e.Class == NotSent {
		t.Error("not sent, but the peer saw a byte of it")
	}
	if e.Message == "" || len(e.Message) > MaxMessage+8 || e.Op != "createInstance" || e.Region != "cn-north-1" {
		t.Errorf("incomplete error: %+v", *e)
	}
}

// consequence is what follows for the order, in the table's words.
func (f failure) consequence() (class, then string) {
	if f.bought {
		return "bought", "recorded"
	}
	then = map[Class]string{
		InDoubt: "held: not called again, looked for by reconcile", NotSent: "called again after a pause",
		Throttled: "called again; the region slows down", Rejected: "final for the order", Denied: "final for the run",
	}[f.class]
	switch {
	case f.ids != "":
		then += "; the ids are kept"
	case f.or:
		return "not sent, or in doubt once a byte has left", "called again after a pause, or " + then
	}
	return f.class.String(), then
}

// TestTheDocumentedTable holds the table in docs/reliability.md to the one that is tested.
func TestTheDocumentedTable(t *testing.T) {
	const file, begin, end = "../../docs/reliability.md", "<!-- wire table: begin -->\n", "<!-- wire table: end -->\n"
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, opens := strings.Cut(string(raw), begin)
	shown, after, closes := strings.Cut(rest, end)
	if !opens || !closes {
		t.Fatalf("%s has no table between its marks", file)
	}
	if shown == renderTable() {
		return
	}
	if !*update {
		t.Fatalf("the table in %s is not the one that is tested: go test ./pkg/bastion -run DocumentedTable -update", file)
	}
	if err := os.WriteFile(file, []byte(before+begin+renderTable()+end+after), 0o644); err != nil {
		t.Fatal(err)
	}
}

func renderTable() string {
	var s strings.Builder
	for _, part := range wireTable {
		fmt.Fprintf(&s, "\n### %s\n\n| the peer | the call is | then |\n|---|---|---|\n", part.title)
		for _, f := range part.rows {
			class, then := f.consequence()
			fmt.Fprintf(&s, "| %s | %s | %s |\n", strings.ReplaceAll(f.peer, "|", `\|`), class, then)
		}
	}
	s.WriteString("\n")
	return s.String()
}

func TestNoRowIsNamedTwice(t *testing.T) {
	var names []string
	for _, s := range wireTable {
		for _, f := range s.rows {
			if slices.Contains(names, f.peer) {
				t.Errorf("two rows are called %q", f.peer)
			}
			names = append(names, f.peer)
		}
	}
}
