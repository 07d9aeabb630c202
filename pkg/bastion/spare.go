package bastion

import (
	"context"
	"net"
	"sync"
	"time"
)

// spareAge is how long a connection may wait for its request. Gateways close connections on which nothing comes after 5
// seconds or more (usual settings), and a request that meets that is in doubt.
const spareAge = 2 * time.Second

// A dialer makes a connection, with all of its handshakes.
type dialer func(ctx context.Context, network, address string) (net.Conn, error)

// spares are connections that were made while earlier calls were under way: a purchase has one of its own, and would
// wait for its handshakes. Nothing was ever sent on a spare one, so that no answer can be waiting there for another call.
//
// They are made only while calls follow each other quickly, one for each that begins, so that no more are open than calls
// in flight. One that failed to be made is not missed: the call makes its own then, and sees the error.
type spares struct {
	dial  dialer
	limit int // of those that wait or are being made

	mu     sync.Mutex
	ready  []*spare // oldest first
	making int
	last   time.Time // when a connection was taken
	closed bool
}

type spare struct {
	conn    net.Conn
	address string
	expiry  *time.Timer
}

// take returns a connection on which nothing was sent.
func (s *spares) take(ctx context.Context, network, address string) (net.Conn, error) {
	conn, another := s.ask(address)
	if another {
		go s.make(context.WithoutCancel(ctx), network, address)
	}
	if conn != nil {
		return conn, nil
	}
	return s.dial(ctx, network, address)
}

// ask gives a spare connection away, if there is one, and tells whether another shall be made.
func (s *spares) ask(address string) (conn net.Conn, another bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(s.ready) > 0 && conn == nil {
		oldest := s.ready[0]
		s.ready = s.ready[1:]
		if oldest.expiry.Stop() && oldest.address == address {
			conn = oldest.conn
		} else {
			_ = oldest.conn.Close()
		}
	}
	now := time.Now()
	another = !s.closed && now.Sub(s.last) < spareAge && s.making+len(s.ready) < s.limit
	if another {
		s.making++
	}
	s.last = now
	return conn, another
}

// make adds a spare connection.
func (s *spares) make(ctx context.Context, network, address string) {
	conn, err := s.dial(ctx, network, address)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.making--
	switch {
	case err != nil:
	case s.closed:
		_ = conn.Close()
	default:
		made := &spare{conn: conn, address: address}
		made.expiry = time.AfterFunc(spareAge, func() { s.drop(made) })
		s.ready = append(s.ready, made)
	}
}

// drop closes a connection that waited too long. One that was taken meanwhile is left alone.
func (s *spares) drop(old *spare) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for n, waiting := range s.ready {
		if waiting == old {
			s.ready = append(s.ready[:n:n], s.ready[n+1:]...)
			_ = old.conn.Close()
			return
		}
	}
}

// close closes what waits, and makes no more.
func (s *spares) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	for _, waiting := range s.ready {
		waiting.expiry.Stop()
		_ = waiting.conn.Close()
	}
	s.ready = nil
}
