package bastion

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

const toConnect = 300 * time.Millisecond

// newSpares returns spares whose connections take toConnect each to make, and how many were made and are open.
func newSpares(limit int) (s *spares, made, open *atomic.Int64) {
	made, open = new(atomic.Int64), new(atomic.Int64)
	return &spares{limit: limit, dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		select {
		case <-time.After(toConnect):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		made.Add(1)
		open.Add(1)
		near, _ := net.Pipe()
		return &countedConn{Conn: near, open: open}, nil
	}}, made, open
}

type countedConn struct {
	net.Conn
	open *atomic.Int64
}

func (c *countedConn) Close() error {
	c.open.Add(-1)
	return c.Conn.Close()
}

// took makes a call on a connection of its own and returns how long it waited for that.
func (s *spares) took(t *testing.T, address string, call time.Duration) time.Duration {
	t.Helper()
	began := time.Now()
	conn, err := s.take(t.Context(), "tcp", address)
	if err != nil {
		t.Error(err)
		return 0
	}
	waited := time.Since(began)
	time.Sleep(call)
	_ = conn.Close()
	return waited
}

// Of calls that follow each other quickly the first two make their connections, and the others find them made.
func TestCallsThatFollowEachOtherDoNotWaitForHandshakes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, made, open := newSpares(4)
		for n := range 10 {
			want := time.Duration(0)
			if n < 2 {
				want = toConnect
			}
			if waited := s.took(t, "a:1", time.Second); waited != want {
				t.Errorf("call %d waited %v for its connection, want %v", n, waited, want)
			}
		}
		s.close()
		synctest.Wait()
		if made.Load() != 11 || open.Load() != 0 {
			t.Errorf("%d connections were made for 10 calls, %d stay open", made.Load(), open.Load())
		}
	})
}

// A peer may close a connection on which nothing comes, just as a request goes out on it.
func TestAConnectionThatWaitedTooLongIsNotUsed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, made, open := newSpares(4)
		s.took(t, "a:1", time.Second)
		s.took(t, "a:1", spareAge-time.Millisecond)
		if open.Load() != 1 {
			t.Errorf("%d spare connections, want 1", open.Load())
		}
		time.Sleep(time.Millisecond)
		synctest.Wait()
		if open.Load() != 0 {
			t.Errorf("%d spare connections are open after %v", open.Load(), spareAge)
		}
		if waited := s.took(t, "a:1", 0); waited != toConnect {
			t.Errorf("a call waited %v, want a connection of its own", waited)
		}
		time.Sleep(time.Minute)
		if made.Load() != 4 {
			t.Errorf("calls that are far apart have connections made ahead: %d", made.Load())
		}
	})
}

func TestSparesAreForOneAddressAndBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, _, open := newSpares(2)
		for range 10 {
			go s.took(t, "a:1", time.Second)
		}
		time.Sleep(2 * time.Second)
		if open.Load() != 2 {
			t.Errorf("%d spare connections, the limit is 2", open.Load())
		}
		if waited := s.took(t, "b:1", 0); waited != toConnect {
			t.Error("a connection to elsewhere was used")
		}
		s.close()
		time.Sleep(time.Second)
		if open.Load() != 0 {
			t.Errorf("%d connections stay open", open.Load())
		}
	})
}

// A connection that could not be made ahead is nobody's error: the next call makes its own.
func TestAConnectionThatCannotBeMadeAheadIsNotMissed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, _, _ := newSpares(4)
		s.took(t, "a:1", 0)
		works := s.dial
		s.dial = func(context.Context, string, string) (net.Conn, error) { return nil, errors.New("refused") }
		if _, err := s.take(t.Context(), "tcp", "a:1"); err == nil {
			t.Error("the call does not see the error")
		}
		synctest.Wait()
		s.dial = works
		s.took(t, "a:1", 0)
		s.close()
	})
}

// A connection that is made ahead while all end is not kept by anybody.
func TestAConnectionThatIsReadyTooLateIsClosed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, made, open := newSpares(4)
		go s.make(t.Context(), "tcp", "a:1")
		time.Sleep(toConnect / 2)
		s.close()
		time.Sleep(toConnect)
		if made.Load() != 1 || open.Load() != 0 {
			t.Errorf("%d connections were made, %d stay open", made.Load(), open.Load())
		}
	})
}

// A peer that never shakes hands does not keep the call.
func TestAHandshakeThatHangsIsGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		transport := newTransport(1, time.Minute)
		transport.dial = func(context.Context, string, string) (net.Conn, error) {
			near, _ := net.Pipe()
			return near, nil
		}
		began := time.Now()
		_, err := transport.secure.take(t.Context(), "tcp", "bastion.example:443")
		if took := time.Since(began); err == nil || err.Error() != "no TLS handshake within 10s" || took != tlsTimeout {
			t.Errorf("after %v: %v", took, err)
		}
	})
}

// The server must be the one that was asked for, not just any that has a certificate. The connection to another is closed.
func TestTheServersNameIsVerified(t *testing.T) {
	p := servePeer(t, goodTLS(), func(v *visit) { _, _ = v.in.Peek(1) })
	transport, open := newTransport(1, time.Minute), new(atomic.Int64)
	defer transport.CloseIdleConnections()
	transport.buying.TLSClientConfig.RootCAs = ours().pool
	transport.dial = func(ctx context.Context, network, _ string) (net.Conn, error) {
		conn, err := dialMetered(ctx, network, p.Addr().String())
		open.Add(1)
		return &countedConn{Conn: conn, open: open}, err
	}
	_, err := transport.secure.take(t.Context(), "tcp", "bastion.example:443")
	if _, ok := errors.AsType[x509.HostnameError](err); !ok {
		t.Errorf("a certificate of %s is taken for one of bastion.example: %v", p.Addr(), err)
	}
	if open.Load() != 0 {
		t.Errorf("%d connections stay open", open.Load())
	}
}

// However a connection comes about, what is sent on it is counted.
func TestEveryConnectionIsMetered(t *testing.T) {
	transport := newTransport(2, time.Second)
	defer transport.CloseIdleConnections()
	transport.buying.TLSClientConfig.RootCAs = ours().pool
	for name, s := range map[string]*spares{"plain": &transport.plain, "TLS": &transport.secure} {
		var config *tls.Config
		if name == "TLS" {
			config = goodTLS()
		}
		address := servePeer(t, config, func(v *visit) { _, _ = v.in.Peek(1) }).Addr().String()
		for _, way := range []string{"made for its call", "made ahead"} {
			if way == "made ahead" {
				s.make(t.Context(), "tcp", address)
			}
			if waiting := len(s.ready); waiting > 0 != (way == "made ahead") {
				t.Fatalf("%s: %d spare connections", way, waiting)
			}
			conn, err := s.take(t.Context(), "tcp", address)
			if err != nil {
				t.Fatal(err)
			}
			if _, ok := metered(conn); !ok {
				t.Errorf("%s, %s: it is not metered", name, way)
			}
			_ = conn.Close()
		}
	}
}
