package bastion

import (
	"bufio"
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"time"
)

// unreachable are the ways to fail before a byte of the request has left.
var unreachable = []failure{
	{peer: "refuses the connection", class: NotSent, via: func(x *failing) { x.peer.stop() }},
	{peer: "has a name that nobody knows", class: NotSent, via: nameServer(3)},
	{peer: "has a name server that fails", class: NotSent, via: nameServer(2)},
	{peer: "has a name server that is silent", class: NotSent, via: nameServer(silent)},

	{peer: "shows a certificate of another name", class: NotSent, via: endpointTLS(func() *tls.Config {
		return ours().server("bastion.example.com", farAway)
	})},
	{peer: "shows a certificate that has expired", class: NotSent, via: endpointTLS(func() *tls.Config {
		return ours().server("127.0.0.1", time.Now().Add(-time.Minute))
	})},
	{peer: "shows a certificate of an unknown authority", class: NotSent, via: endpointTLS(func() *tls.Config {
		return theirs().server("127.0.0.1", farAway)
	})},
	{peer: "speaks TLS 1.1 and older", class: NotSent, via: endpointTLS(func() *tls.Config {
		old := goodTLS().Clone()
		old.MinVersion, old.MaxVersion = tls.VersionTLS10, tls.VersionTLS11
		return old
	})},
	{peer: "demands a client's certificate, with TLS 1.2", class: NotSent, via: endpointTLS(func() *tls.Config {
		demanding := goodTLS().Clone()
		demanding.ClientAuth, demanding.MaxVersion = tls.RequireAnyClientCert, tls.VersionTLS12
		return demanding
	})},
	{peer: "demands a client's certificate, with TLS 1.3, which tells the client too late", class: InDoubt, or: true,
		via: endpointTLS(func() *tls.Config {
			demanding := goodTLS().Clone()
			demanding.ClientAuth, demanding.MinVersion = tls.RequireAnyClientCert, tls.VersionTLS13
			return demanding
		})},
	{peer: "does not speak TLS", class: NotSent, via: handshake(func(v *visit) {
		v.say(response("400 Bad Request", "", ""))
	})},
	{peer: "closes the connection within the TLS handshake", class: NotSent, via: handshake(func(*visit) {})},
	{peer: "resets the connection within the TLS handshake", class: NotSent, via: handshake((*visit).reset)},
	{peer: "is silent in the TLS handshake", class: NotSent, via: handshake((*visit).hang)},

	{peer: "is behind a proxy that refuses connections", class: NotSent, via: func(x *failing) {
		throughProxy(x)
		x.peer.stop()
	}},
	{peer: "is behind a proxy that forbids the tunnel (403), wants a password (407) or can't reach it (502, 504)", class: NotSent,
		via: throughProxy, plays: anyOf(
			says("403 Forbidden", "", ""),
			says("407 Proxy Authentication Required", "Proxy-Authenticate: Basic\r\n", ""),
			says("502 Bad Gateway", "", "<html>"),
			says("504 Gateway Timeout", "", ""),
		)},
	{peer: "is behind a proxy that answers no HTTP", class: NotSent, via: throughProxy, plays: raw("SSH-2.0-OpenSSH_9.9\r\n")},
	{peer: "is behind a proxy that closes the connection in place of a tunnel", class: NotSent, via: throughProxy, plays: one((*visit).request)},
	{peer: "is behind a proxy that never answers", class: NotSent, via: throughProxy, plays: one((*visit).hang)},
	{peer: "is behind a proxy that dies when the tunnel stands", class: NotSent, via: throughProxy, plays: raw("HTTP/1.1 200 OK\r\n\r\n")},
	{peer: "is behind a proxy that answers in the tunnel itself", class: NotSent, via: throughProxy,
		plays: raw("HTTP/1.1 200 OK\r\n\r\n" + response("200 OK", "", accepted))},
	{peer: "is behind a proxy that dies after the request", class: InDoubt, via: throughProxy, plays: tunnel(func(*visit) {})},
	{peer: "is behind a proxy that dies within the answer", class: InDoubt, ids: "b-1", via: throughProxy, plays: tunnel(func(v *visit) {
		v.say(response("200 OK", "", accepted)[:80])
	})},
}

// one is the only way of a row.
func one(play func(*visit)) []func(*visit) { return []func(*visit){play} }

// anyOf are several ways of one kind.
func anyOf(ways ...[]func(*visit)) []func(*visit) { return slices.Concat(ways...) }

// raw reads a request and answers with text as it is.
func raw(text string) []func(*visit) {
	return one(func(v *visit) { v.request(); v.say(text) })
}

// says reads a request and answers in good order.
func says(status, header, body string) []func(*visit) { return raw(response(status, header, body)) }

// endpointTLS puts a server with another TLS in the peer's place.
func endpointTLS(config func() *tls.Config) func(*failing) {
	return func(x *failing) {
		x.peer = servePeer(x.t, config(), (*visit).request)
		x.endpoint = x.peer.url()
	}
}

// handshake puts a server in the peer's place that goes wrong once the TLS handshake has begun.
func handshake(play func(*visit)) func(*failing) {
	return func(x *failing) {
		x.peer = servePeer(x.t, nil, func(v *visit) {
			_, _ = io.ReadFull(v.Conn, make([]byte, 5)) // of no request, so it is not noted
			play(&visit{Conn: v.Conn, in: bufio.NewReader(v.Conn), tcp: v.tcp, peer: v.peer})
		})
		x.endpoint = "https://" + x.peer.Addr().String()
	}
}

// throughProxy makes the peer a proxy before an endpoint that does not exist.
func throughProxy(x *failing) {
	at, err := url.Parse(x.peer.url())
	if err != nil {
		x.t.Fatal(err)
	}
	x.transport.buying.Proxy = http.ProxyURL(at)
	x.endpoint = "https://bastion.example.com"
}

// tunnel is a proxy that plays the endpoint behind it too, up to the end of the request.
func tunnel(play func(*visit)) []func(*visit) {
	return one(func(v *visit) {
		v.request()
		v.say("HTTP/1.1 200 OK\r\n\r\n")
		inner := tls.Server(readingConn{v.Conn, v.in}, ours().server("bastion.example.com", farAway))
		if inner.Handshake() != nil {
			return
		}
		behind := &visit{Conn: inner, in: bufio.NewReader(io.TeeReader(inner, v.peer)), peer: v.peer, tcp: v.tcp}
		behind.request()
		play(behind)
	})
}

// readingConn is a connection of which a part has been read ahead.
type readingConn struct {
	net.Conn
	in io.Reader
}

func (c readingConn) Read(b []byte) (int, error) { return c.in.Read(b) }

// silent is a name server's code for no answer at all.
const silent = -1

// nameServer gives the endpoint a name, and a name server that answers every question with a code.
func nameServer(code int) func(*failing) {
	return func(x *failing) {
		at, err := net.ListenPacket("udp", "127.0.0.1:0")
		if err != nil {
			x.t.Fatal(err)
		}
		x.t.Cleanup(func() { at.Close() })
		go answerNames(x, at, code)
		dialer := net.Dialer{Resolver: &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "udp", at.LocalAddr().String())
		}}}
		x.transport.dial = func(ctx context.Context, network, address string) (net.Conn, error) {
			conn, err := dialer.DialContext(ctx, network, address)
			if err != nil {
				return nil, err
			}
			return &meteredConn{Conn: conn}, nil
		}
		x.endpoint = "https://bastion.example.com"
	}
}

func answerNames(x *failing, at net.PacketConn, code int) {
	question := make([]byte, 512)
	for {
		n, from, err := at.ReadFrom(question)
		if err != nil {
			return
		}
		if code == silent {
			x.peer.giveUp()
			continue
		}
		question[2], question[3] = 0x81, 0x80|byte(code)
		_, _ = at.WriteTo(question[:n], from)
	}
}
