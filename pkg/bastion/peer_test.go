package bastion

import (
	"bufio"
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// A peer plays a server, or what stands before one, byte by byte, and counts what really arrives.
type peer struct {
	net.Listener
	tls     *tls.Config   // nil: it speaks plainly
	stalled chan struct{} // closed when nothing will come any more: the caller may give up
	stall   sync.Once
	left    chan struct{} // closed when the call has ended
	wg      sync.WaitGroup

	mu    sync.Mutex
	conns int
	seen  bytes.Buffer // all that was sent to it, behind any TLS
}

// A visit is one connection to a peer.
type visit struct {
	net.Conn
	in   *bufio.Reader
	peer *peer
	tcp  *net.TCPConn // nil on a pipe
}

// servePeer runs play for every connection, which is closed when play returns.
func servePeer(t testing.TB, config *tls.Config, play func(*visit)) *peer {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := newPeer(config)
	p.Listener = l
	p.wg.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			p.wg.Go(func() { p.receive(conn, play) })
		}
	})
	t.Cleanup(p.stop)
	return p
}

func newPeer(config *tls.Config) *peer {
	return &peer{tls: config, stalled: make(chan struct{}), left: make(chan struct{})}
}

func (p *peer) receive(conn net.Conn, play func(*visit)) {
	defer conn.Close()
	p.mu.Lock()
	p.conns++
	p.mu.Unlock()
	v := &visit{Conn: conn, peer: p}
	v.tcp, _ = conn.(*net.TCPConn)
	if p.tls != nil {
		secured := tls.Server(conn, p.tls)
		if secured.Handshake() != nil {
			return
		}
		v.Conn = secured
	}
	v.in = bufio.NewReader(io.TeeReader(v.Conn, p))
	play(v)
}

// Write takes down what arrived.
func (p *peer) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.seen.Write(b)
}

// stop waits for all that was played.
func (p *peer) stop() {
	p.Close()
	p.wg.Wait()
}

// url is where the peer is called.
func (p *peer) url() string {
	if p.tls != nil {
		return "https://" + p.Addr().String()
	}
	return "http://" + p.Addr().String()
}

// arrived returns how many connections were made, how many requests to buy arrived, and whether any byte of one did.
// What a proxy is asked is no request to buy.
func (p *peer) arrived() (conns, posts int, any bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	seen := p.seen.String()
	posts = strings.Count(seen, "POST /")
	return p.conns, posts, posts > 0 || seen != "" && !strings.HasPrefix(seen, "CONNECT ")
}

// request reads a request to its end.
func (v *visit) request() {
	if r, err := http.ReadRequest(v.in); err == nil {
		_, _ = io.Copy(io.Discard, r.Body)
	}
}

// header reads a request up to its body.
func (v *visit) header() {
	for {
		line, err := v.in.ReadString('\n')
		if err != nil || line == "\r\n" {
			return
		}
	}
}

// read reads n bytes of a request.
func (v *visit) read(n int) { _, _ = io.ReadFull(v.in, make([]byte, n)) }

// say sends text as it is.
func (v *visit) say(text string) { _, _ = io.WriteString(v.Conn, text) }

// reset ends the connection without any courtesy.
func (v *visit) reset() {
	_ = v.tcp.SetLinger(0)
	_ = v.tcp.Close()
}

// hang says that no more will come, and waits until the caller has left.
func (v *visit) hang() {
	v.peer.giveUp()
	_, _ = io.Copy(io.Discard, v.in)
}

// giveUp lets the caller give its call up.
func (p *peer) giveUp() { p.stall.Do(func() { close(p.stalled) }) }

// Answers as they go over the wire.

const accepted = `{"requestId":"r","result":{"buyId":"b-1","sourceIds":[]}}`

// acceptedAs is the answer to the nth purchase.
func acceptedAs(n int) string {
	return fmt.Sprintf(`{"requestId":"r-%d","result":{"buyId":"b-%d","sourceIds":[{"sourceId":"s-%d"}]}}`, n, n, n)
}

// response is an answer of the right length.
func response(status, header, body string) string {
	return "HTTP/1.1 " + status + "\r\n" + header + "Content-Length: " + strconv.Itoa(len(body)) + "\r\n\r\n" + body
}

// Certificates are good in the fake time of testing/synctest too, which begins in 2000.
var longAgo, farAway = time.Unix(0, 0), time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC)

// The authority that clients of these tests know, and another.
var ours, theirs = sync.OnceValue(newAuthority), sync.OnceValue(newAuthority)

type authority struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
	pool        *x509.CertPool
}

func newAuthority() authority {
	a := authority{pool: x509.NewCertPool()}
	a.key, _ = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
		Subject: pkix.Name{CommonName: "test"}, NotBefore: longAgo, NotAfter: farAway,
	}
	raw, err := x509.CreateCertificate(rand.Reader, template, template, &a.key.PublicKey, a.key)
	if err != nil {
		panic(err)
	}
	a.certificate, _ = x509.ParseCertificate(raw)
	a.pool.AddCert(a.certificate)
	return a
}

// server returns the configuration of a TLS server for an address, whose certificate ends at some time.
func (a authority) server(name string, end time.Time) *tls.Config {
	template := &x509.Certificate{
		SerialNumber: big.NewInt(2), DNSNames: []string{name}, NotBefore: longAgo, NotAfter: end,
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	if ip := net.ParseIP(name); ip != nil {
		template.IPAddresses = []net.IP{ip}
	}
	key, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	raw, err := x509.CreateCertificate(rand.Reader, template, a.certificate, &key.PublicKey, a.key)
	if err != nil {
		panic(err)
	}
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{raw}, PrivateKey: key}}}
}

// goodTLS is a server that clients of these tests trust.
var goodTLS = sync.OnceValue(func() *tls.Config { return ours().server("127.0.0.1", farAway) })
