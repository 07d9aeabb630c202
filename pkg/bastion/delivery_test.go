package bastion

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

func clientTo(t *testing.T, endpoint string) *Client { return clientFor(t, endpoint, 4) }

// clientFor returns a client for as many calls at a time.
func clientFor(t *testing.T, endpoint string, parallelism int) *Client {
	t.Helper()
	e, err := ParseEndpoint(endpoint)
	if err != nil {
		t.Fatal(err)
	}
	c, err := New(Options{Endpoint: e, Credentials: testCredentials(t), Parallelism: parallelism})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func own(c *Client) *ownTransport { return c.transport.(*ownTransport) }

func create(c *Client) error {
	_, err := c.CreateInstance(context.Background(), "cn-north-1", anOrder)
	return err
}

func TestNothingIsSentWhileAllConnectionsAreBusy(t *testing.T) {
	arrived, release := make(chan struct{}), make(chan struct{})
	p := servePeer(t, nil, func(v *visit) {
		v.request()
		close(arrived)
		<-release
		v.say(response("200 OK", "", accepted))
	})
	c := clientFor(t, p.url(), 1)
	first := make(chan error)
	go func() { first <- create(c) }()
	<-arrived
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	_, err := c.CreateInstance(ctx, "cn-north-1", anOrder)
	if e := asError(t, err); e.Class != NotSent {
		t.Errorf("%s: %v", e.Class, e)
	}
	close(release)
	if err := <-first; err != nil {
		t.Error(err)
	}
	p.stop()
	if _, posts, _ := p.arrived(); posts != 1 {
		t.Errorf("the peer saw %d requests", posts)
	}
}

func TestCallsGivenUpInFlightAreInDoubt(t *testing.T) {
	arrived, release := make(chan struct{}, 1), make(chan struct{})
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		arrived <- struct{}{}
		<-release
	})
	plain, https := httptest.NewServer(handler), httptest.NewTLSServer(handler)
	defer func() { close(release); plain.Close(); https.Close() }()
	for name, server := range map[string]*httptest.Server{"http": plain, "https": https} {
		t.Run(name+", cancelled", func(t *testing.T) {
			c := trusting(clientTo(t, server.URL), https)
			ctx, cancel := context.WithCancel(context.Background())
			go func() { <-arrived; cancel() }()
			_, err := c.CreateInstance(ctx, "cn-north-1", anOrder)
			if e := asError(t, err); e.Class != InDoubt || !errors.Is(err, context.Canceled) {
				t.Errorf("%s: %v", e.Class, e)
			}
		})
	}
}

func TestCallsThatTakeTooLongAreInDoubt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := clientOver(t, tripper(func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, context.Cause(r.Context())
		}))
		began := time.Now()
		e := asError(t, create(c))
		if e.Class != InDoubt || !errors.Is(e, context.DeadlineExceeded) || time.Since(began) != DefaultTimeout {
			t.Errorf("%s after %v: %v", e.Class, time.Since(began), e)
		}
		if want := "createInstance in cn-north-1: no answer within 1m0s: context deadline exceeded"; e.Error() != want {
			t.Errorf("%q, want %q", e, want)
		}
	})
}

// trusting makes c believe the server's certificate.
func trusting(c *Client, server *httptest.Server) *Client {
	pool := x509.NewCertPool()
	pool.AddCert(server.Certificate())
	own(c).buying.TLSClientConfig.RootCAs = pool
	return c
}

func TestTLSConnections(t *testing.T) {
	var calls atomic.Int64
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ProtoMajor != 1 || r.TLS.Version < tls.VersionTLS12 {
			t.Errorf("called by %s over TLS version %x", r.Proto, r.TLS.Version)
		}
		want := []string{"Authorization", "Content-Length", "Content-Type", "User-Agent", "X-Jdcloud-Date", "X-Jdcloud-Nonce"}
		if diff := cmp.Diff(want, slices.Sorted(maps.Keys(r.Header))); diff != "" {
			t.Errorf("the transport changed what was signed:\n%s", diff)
		}
		_, _ = io.WriteString(w, acceptedAs(int(calls.Add(1))))
	}))
	server.EnableHTTP2 = true
	server.StartTLS()
	defer server.Close()
	c := trusting(clientTo(t, server.URL), server)
	for range 3 {
		if err := create(c); err != nil {
			t.Fatal(err)
		}
	}
}

// stubConn is a network that takes n bytes and then breaks.
type stubConn struct {
	net.Conn
	takes int
}

func (c *stubConn) Write(b []byte) (int, error) {
	if len(b) <= c.takes {
		c.takes -= len(b)
		return len(b), nil
	}
	return c.takes, errors.New("the network broke")
}

func TestBytesThatLeftAreCounted(t *testing.T) {
	for takes, want := range map[int]Class{0: NotSent, 1: InDoubt, 100: InDoubt} {
		c := clientTo(t, "http://127.0.0.1:1")
		own(c).dial = func(context.Context, string, string) (net.Conn, error) {
			near, _ := net.Pipe()
			return &meteredConn{Conn: &stubConn{Conn: near, takes: takes}}, nil
		}
		if e := asError(t, create(c)); e.Class != want {
			t.Errorf("after %d bytes: %s (%v)", takes, e.Class, e)
		}
	}
}

func TestForeignTransports(t *testing.T) {
	refused := &net.OpError{Op: "dial", Err: errors.New("refused")}
	broken := &net.OpError{Op: "write", Err: errors.New("broken pipe")}
	for name, tt := range map[string]struct {
		err  error
		want Class
	}{
		"a failed dial": {refused, NotSent}, "a failed write": {broken, InDoubt}, "anything else": {io.EOF, InDoubt},
	} {
		c := clientOver(t, tripper(func(*http.Request) (*http.Response, error) { return nil, tt.err }))
		if e := asError(t, create(c)); e.Class != tt.want || !errors.Is(e, tt.err) {
			t.Errorf("%s: %s (%v)", name, e.Class, e)
		}
	}
	c := clientTo(t, servePeer(t, nil, (*visit).request).url())
	c.transport = &http.Transport{DisableKeepAlives: true}
	if e := asError(t, create(c)); e.Class != InDoubt {
		t.Errorf("a connection that isn't metered: %s", e.Class)
	}
}

// hangingConn is a network that takes nothing for as long as it likes.
type hangingConn struct {
	net.Conn
	begun, release chan struct{}
}

func (c hangingConn) Write([]byte) (int, error) {
	close(c.begun)
	<-c.release
	return 0, errors.New("the network broke")
}

func TestSealedConnections(t *testing.T) {
	untouched := &meteredConn{Conn: &stubConn{takes: 100}}
	if !untouched.seal(untouched.mark()) {
		t.Error("a connection that nobody wrote to was not untouched")
	}
	if n, err := untouched.Write([]byte("POST")); n != 0 || !errors.Is(err, errSealed) {
		t.Errorf("a sealed connection took %d bytes: %v", n, err)
	}

	hanging := hangingConn{begun: make(chan struct{}), release: make(chan struct{})}
	busy := &meteredConn{Conn: hanging}
	ended := make(chan error)
	go func() {
		_, err := busy.Write([]byte("POST"))
		ended <- err
	}()
	<-hanging.begun
	if busy.seal(0) {
		t.Error("a connection with a write under way counts as untouched")
	}
	close(hanging.release)
	if err := <-ended; err == nil {
		t.Error("the write did not fail")
	}
}

// A request that net/http moved to another connection may have left on the first.
func TestEveryConnectionOfARequestCounts(t *testing.T) {
	for name, touched := range map[string][]bool{"the first": {true, false}, "the last": {false, true}, "none": {false, false}} {
		var d delivery
		for _, touch := range touched {
			conn := &meteredConn{Conn: &stubConn{takes: 100}}
			d.gotConn(httptrace.GotConnInfo{Conn: conn})
			if touch {
				_, _ = conn.Write([]byte("POST"))
			}
		}
		if got, want := d.nothingSent(&ownTransport{}, io.EOF), name == "none"; got != want {
			t.Errorf("bytes left on %s: nothing was sent: %v", name, got)
		}
	}
}
