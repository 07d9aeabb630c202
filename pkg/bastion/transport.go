package bastion

import (
	"context"
	"crypto/tls"
	"errors"
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
// request leaves twice. What must not be added here: HTTP/2 (a stream reset replays requests), ForceAttemptHTTP2,
// a DialTLSContext (its connections would not be metered).
//
// Every purchase has a connection of its own. HTTP/1.1 tells by nothing but their order which answer is to which
// request: on a connection that was used before, an answer that the peer gives twice, or one that was meant for another
// of its clients, is taken for the answer to the next call, and one order gets the ids of another. A connection that
// the peer closes just as a request goes out on it would also leave that request in doubt. Calls that only read share
// connections.
type ownTransport struct{ buying, reading *http.Transport }

// newTransport returns a transport for as many calls at a time. No answer takes longer than timeout to begin.
func newTransport(parallelism int, timeout time.Duration) *ownTransport {
	var http1 http.Protocols
	http1.SetHTTP1(true)
	dialer := net.Dialer{Timeout: dialTimeout, KeepAlive: -1} // a call is shorter, and setting it up costs four system calls
	reading := &http.Transport{
		Proxy: proxy,
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			conn, err := dialer.DialContext(ctx, network, address)
			if err != nil {
				return nil, err
			}
			return &meteredConn{Conn: conn}, nil
		},
		Protocols: &http1,
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
	buying := reading.Clone()
	buying.MaxIdleConnsPerHost = -1 // none is ever put back; DisableKeepAlives would add a header after the signature
	return &ownTransport{buying: buying, reading: reading}
}

// RoundTrip sends a request where its kind is sent.
func (t *ownTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Method == http.MethodGet {
		return t.reading.RoundTrip(r)
	}
	return t.buying.RoundTrip(r)
}

// CloseIdleConnections closes the connections that no call uses.
func (t *ownTransport) CloseIdleConnections() {
	t.reading.CloseIdleConnections()
	t.buying.CloseIdleConnections()
}

// proxy is the environment's proxy. Its error is replaced, for it repeats the variable, which may hold a password.
func proxy(r *http.Request) (*url.URL, error) {
	u, err := http.ProxyFromEnvironment(r)
	if err != nil {
		return nil, errors.New("the environment's HTTPS_PROXY is not a URL")
	}
	return u, nil
}
