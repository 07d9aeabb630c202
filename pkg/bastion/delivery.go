package bastion

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptrace"
	"sync"

	"github.com/bastion-fleet/bastion-fleet/pkg/failpoint"
)

// errSealed is what a sealed connection says to the request that comes too late.
var errSealed = errors.New("the connection was sealed after a call had failed on it")

// A meteredConn knows whether bytes were given to the network, and can promise that none will be any more.
type meteredConn struct {
	net.Conn

	mu      sync.Mutex
	writing int   // writes that have begun and not ended
	written int64 // bytes that the network took
	sealed  bool
}

func (c *meteredConn) Write(b []byte) (int, error) {
	c.mu.Lock()
	if c.sealed {
		c.mu.Unlock()
		return 0, errSealed
	}
	c.writing++
	c.mu.Unlock()

	failpoint.Here("byte-due")
	n, err := c.Conn.Write(b) // without the lock: a blocked write must not block the seal
	failpoint.Here("bytes-sent")

	c.mu.Lock()
	c.writing--
	c.written += int64(n)
	c.mu.Unlock()
	return n, err
}

// mark returns how far the connection has been written.
func (c *meteredConn) mark() int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.written
}

// seal refuses all further writes and tells whether none happened since mark. A write under way counts as one that
// happened.
func (c *meteredConn) seal(mark int64) (untouched bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.sealed = true
	return c.writing == 0 && c.written == mark
}

// metered finds the metered connection below any layers of TLS.
func metered(conn net.Conn) (*meteredConn, bool) {
	for {
		switch c := conn.(type) {
		case *meteredConn:
			return c, true
		case interface{ NetConn() net.Conn }: // *tls.Conn
			conn = c.NetConn()
		default:
			return nil, false
		}
	}
}

// A delivery watches what becomes of one request: on which connections it was put, and whether bytes left on them.
type delivery struct {
	mu     sync.Mutex // a foreign transport may call the trace from anywhere
	places []place
}

type place struct {
	conn *meteredConn // nil: a connection that isn't ours
	mark int64
}

// watch returns ctx with the delivery listening.
func (d *delivery) watch(ctx context.Context) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: d.gotConn})
}

func (d *delivery) gotConn(info httptrace.GotConnInfo) {
	p := place{}
	if conn, ok := metered(info.Conn); ok {
		p = place{conn: conn, mark: conn.mark()}
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.places = append(d.places, p)
	failpoint.Here("connected")
}

// nothingSent tells, after transport failed with err, whether it is certain that no byte of the request left, and
// makes certain that none will. It is the one place where a call is declared safe to make again without the API
// having said so.
func (d *delivery) nothingSent(transport http.RoundTripper, err error) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.places) == 0 {
		// Our transport reports every connection before it writes to it: no report, no connection. Of another one
		// only a failed dial is proof.
		_, ours := transport.(*ownTransport)
		return ours || isDialError(err)
	}
	untouched := true
	for _, p := range d.places {
		if p.conn == nil || !p.conn.seal(p.mark) {
			untouched = false
		}
	}
	return untouched
}

func isDialError(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "dial"
}
