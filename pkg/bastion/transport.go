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
	// idleTimeout is shorter than the keep-alive time of the usual gateways (60 s and up): a connection that the other
	// side closes just as a request goes out on it leaves that request in doubt.
	idleTimeout     = 20 * time.Second
	maxHeaderLength = 64 << 10
)

// ownTransport is net/http's transport, set up so that its word can be trusted: every connection is metered, and no
// request leaves twice. What must not be added here: HTTP/2 (a stream reset replays requests), ForceAttemptHTTP2,
// a DialTLSContext (its connections would not be metered).
type ownTransport struct{ *http.Transport }

// newTransport returns a transport for as many calls at a time. No answer takes longer than timeout to begin.
func newTransport(parallelism int, timeout time.Duration) *ownTransport {
	var http1 http.Protocols
	http1.SetHTTP1(true)
	dialer := net.Dialer{Timeout: dialTimeout, KeepAlive: 30 * time.Second}
	return &ownTransport{&http.Transport{
		Proxy: proxy,
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			conn, err := dialer.DialContext(ctx, network, address)
			if err != nil {
				return nil, err
			}
			return &meteredConn{Conn: conn}, nil
		},
		Protocols:              &http1,
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout:    tlsTimeout,
		ResponseHeaderTimeout:  timeout,
		MaxResponseHeaderBytes: maxHeaderLength,
		MaxIdleConns:           parallelism,
		MaxIdleConnsPerHost:    parallelism,
		MaxConnsPerHost:        parallelism,
		IdleConnTimeout:        idleTimeout,
		DisableCompression:     true, // it would add a header after the signature
	}}
}

// proxy is the environment's proxy. Its error is replaced, for it repeats the variable, which may hold a password.
func proxy(r *http.Request) (*url.URL, error) {
	u, err := http.ProxyFromEnvironment(r)
	if err != nil {
		return nil, errors.New("the environment's HTTPS_PROXY is not a URL")
	}
	return u, nil
}
