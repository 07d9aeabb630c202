package bastion

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"time"
)

const (
	dialTimeout = 10 * time.Second
	tlsTimeout  = 10 * time.Second
	// idleTimeout is shorter than the keep-alive time of the usual gateways (60 s and up), which close a connection just
	// as a request goes out on it.
	idleTimeout     = 20 * time.Second
	maxHeaderLength = 64 << 10
)

// ownTransport is net/http's transport, set up so that its word can be trusted: every connection is metered, and no
// request leaves twice. What must not be added here: HTTP/2 (a stream reset replays requests), ForceAttemptHTTP2, a way to
// connect that does not go through dial (its connections would not be metered).
//
// Every purchase has a connection of its own. HTTP/1.1 tells by nothing but their order which answer is to which
// request: on a connection that was used before, an answer that the peer gives twice, or one that was meant for another
// of its clients, is taken for the answer to the next call, and one order gets the ids of another. A connection that
// the peer closes just as a request goes out on it would also leave that request in doubt. So that it need not wait for
// handshakes, it is made while earlier calls are under way, see spares. Calls that only read share connections.
type ownTransport struct {
	buying, reading *http.Transport
	dial            dialer // makes metered connections, without TLS

	plain, secure spares // for buying: bare ones, also to a proxy, and those with TLS
}

// newTransport returns a transport for as many calls at a time. No answer takes longer than timeout to begin.
func newTransport(parallelism int, timeout time.Duration) *ownTransport {
	t := &ownTransport{dial: dialMetered}
	dial := func(ctx context.Context, network, address string) (net.Conn, error) {
		return t.dial(ctx, network, address)
	}
	var http1 http.Protocols
	http1.SetHTTP1(true)
	t.reading = &http.Transport{
		Proxy:       proxy,
		DialContext: dial,
		Protocols:   &http1,
		TLSClientConfig: &tls.Config{
			MinVersion:         tls.VersionTLS12,
			ClientSessionCache: tls.NewLRUClientSessionCache(0), // a handshake for each purchase would cost a millisecond
		},
		TLSHandshakeTimeout:    tlsTimeout,
		ResponseHeaderTimeout:  timeout,
		MaxResponseHeaderBytes: maxHeaderLength,
		MaxIdleConns:           parallelism,
		MaxIdleConnsPerHost:    parallelism,
		MaxConnsPerHost:        parallelism,
		IdleConnTimeout:        idleTimeout,
		DisableCompression:     true, // it would add a header after the signature
	}
	t.buying = t.reading.Clone()
	t.buying.MaxIdleConnsPerHost = -1 // none is ever put back; DisableKeepAlives would add a header after the signature
	t.plain = spares{dial: dial, limit: parallelism}
	t.secure = spares{dial: t.dialTLS, limit: parallelism}
	t.buying.DialContext = t.plain.take
	t.buying.DialTLSContext = t.secure.take
	return t
}

func dialMetered(ctx context.Context, network, address string) (net.Conn, error) {
	d := net.Dialer{Timeout: dialTimeout, KeepAlive: 30 * time.Second}
	conn, err := d.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	return &meteredConn{Conn: conn}, nil
}

// dialTLS makes a connection as net/http would for buying, TLS's handshake included.
func (t *ownTransport) dialTLS(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := t.dial(ctx, network, address)
	if err != nil {
		return nil, err
	}
	config := t.buying.TLSClientConfig.Clone()
	if config.ServerName, _, err = net.SplitHostPort(address); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	late := fmt.Errorf("no TLS handshake within %v", tlsTimeout)
	ctx, cancel := context.WithTimeoutCause(ctx, tlsTimeout, late)
	defer cancel()
	secured := tls.Client(conn, config)
	if err := secured.HandshakeContext(ctx); err != nil {
		_ = conn.Close()
		if context.Cause(ctx) == late {
			return nil, late
		}
		return nil, err
	}
	return secured, nil
}

// RoundTrip sends a request where its kind is sent.
func (t *ownTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Method == http.MethodGet {
		return t.reading.RoundTrip(r)
	}
	return t.buying.RoundTrip(r)
}

// CloseIdleConnections closes the connections that no call uses, and makes none ahead any more.
func (t *ownTransport) CloseIdleConnections() {
	t.reading.CloseIdleConnections()
	t.buying.CloseIdleConnections()
	t.plain.close()
	t.secure.close()
}

// proxy is the environment's proxy. Its error is replaced, for it repeats the variable, which may hold a password.
func proxy(r *http.Request) (*url.URL, error) {
	u, err := http.ProxyFromEnvironment(r)
	if err != nil {
		return nil, errors.New("the environment's HTTPS_PROXY is not a URL")
	}
	return u, nil
}
