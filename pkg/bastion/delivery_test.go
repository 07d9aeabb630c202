package bastion

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"log"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// A rawServer plays a server without net/http, so that what really arrives can be counted.
type rawServer struct {
	net.Listener
	posts atomic.Int64 // requests whose header has arrived
	conns atomic.Int64
	wg    sync.WaitGroup
}

const accepted = `{"requestId":"r","result":{"buyId":"b-1","sourceIds":[]}}`

// serveRaw runs play for every connection. The connection is closed when play returns.
func serveRaw(t *testing.T, play func(*rawServer, *net.TCPConn)) *rawServer {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &rawServer{Listener: l}
	s.wg.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			s.conns.Add(1)
			s.wg.Go(func() {
				defer conn.Close()
				play(s, conn.(*net.TCPConn))
			})
		}
	})
	return s
}

// stop waits for all that was played.
func (s *rawServer) stop() {
	s.Close()
	s.wg.Wait()
}

// request reads one request and counts it.
func (s *rawServer) request(r *bufio.Reader) bool {
	request, err := http.ReadRequest(r)
	if err != nil {
		return false
	}
	s.posts.Add(1)
	_, err = io.Copy(io.Discard, request.Body)
	return err == nil
}

func answerWith(conn net.Conn, status, header, body string) {
	_, _ = io.WriteString(conn, "HTTP/1.1 "+status+"\r\n"+header+"Content-Length: "+strconv.Itoa(len(body))+"\r\n\r\n"+body)
}

func clientTo(t *testing.T, endpoint string) *Client {
	t.Helper()
	e, err := ParseEndpoint(endpoint)
	if err != nil {
		t.Fatal(err)
	}
	c, err := New(Options{Endpoint: e, Credentials: testCredentials(t), Parallelism: 4})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func own(c *Client) *http.Transport { return c.transport.(*ownTransport).Transport }

func create(c *Client) error {
	_, err := c.CreateInstance(context.Background(), "cn-north-1", anOrder)
	return err
}

// Whatever a server does to a request, it gets it once and the call is in doubt.
func TestARequestLeavesOnce(t *testing.T) {
	reset := func(conn *net.TCPConn) { _ = conn.SetLinger(0) }
	tests := []struct {
		name string
		play func(*rawServer, *net.TCPConn)
	}{
		{"closed without an answer", func(s *rawServer, conn *net.TCPConn) { s.request(bufio.NewReader(conn)) }},
		{"reset without an answer", func(s *rawServer, conn *net.TCPConn) { s.request(bufio.NewReader(conn)); reset(conn) }},
		{"reset in the middle of the request", func(s *rawServer, conn *net.TCPConn) {
			_, _ = io.ReadFull(conn, make([]byte, 10))
			s.posts.Add(1)
			reset(conn)
		}},
		{"temporary redirect", func(s *rawServer, conn *net.TCPConn) {
			s.request(bufio.NewReader(conn))
			answerWith(conn, "307 Temporary Redirect", "Location: /v1/regions/cn-north-1/instances\r\n", "")
		}},
		{"permanent redirect", func(s *rawServer, conn *net.TCPConn) {
			s.request(bufio.NewReader(conn))
			answerWith(conn, "308 Permanent Redirect", "Location: /elsewhere\r\n", "")
		}},
		{"half an answer", func(s *rawServer, conn *net.TCPConn) {
			s.request(bufio.NewReader(conn))
			_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 57\r\n\r\n"+accepted[:40])
		}},
		{"half a header", func(s *rawServer, conn *net.TCPConn) {
			s.request(bufio.NewReader(conn))
			_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Le")
		}},
		{"no HTTP at all", func(s *rawServer, conn *net.TCPConn) {
			s.request(bufio.NewReader(conn))
			_, _ = io.WriteString(conn, "SSH-2.0-OpenSSH_9.9\r\n")
		}},
		{"timeout, as gateways say to idle connections", func(s *rawServer, conn *net.TCPConn) {
			s.request(bufio.NewReader(conn))
			answerWith(conn, "408 Request Timeout", "Connection: close\r\n", "")
		}},
		{"too early to be said again", func(s *rawServer, conn *net.TCPConn) {
			s.request(bufio.NewReader(conn))
			answerWith(conn, "425 Too Early", "Retry-After: 0\r\n", "")
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := serveRaw(t, tt.play)
			c := clientTo(t, "http://"+s.Addr().String())
			e := asError(t, create(c))
			c.Close()
			s.stop()
			if e.Class != InDoubt || s.posts.Load() != 1 {
				t.Errorf("%s after %d requests: %v", e.Class, s.posts.Load(), e)
			}
		})
		t.Run(tt.name+", on a connection used before", func(t *testing.T) {
			s := serveRaw(t, func(s *rawServer, conn *net.TCPConn) {
				if s.conns.Load() == 1 {
					s.request(bufio.NewReader(conn))
					answerWith(conn, "200 OK", "", accepted)
				}
				tt.play(s, conn)
			})
			c := clientTo(t, "http://"+s.Addr().String())
			if err := create(c); err != nil {
				t.Fatal(err)
			}
			e := asError(t, create(c))
			c.Close()
			s.stop()
			if e.Class != InDoubt || s.posts.Load() != 2 || s.conns.Load() != 1 {
				t.Errorf("%s after %d requests on %d connections: %v", e.Class, s.posts.Load(), s.conns.Load(), e)
			}
		})
	}
}

// A server closes idle connections at any moment. Each call leaves at most once, and where it did not leave at all
// the client may say so only if the server saw nothing.
func TestIdleConnectionsThatClose(t *testing.T) {
	const calls = 300
	s := serveRaw(t, func(s *rawServer, conn *net.TCPConn) {
		if s.request(bufio.NewReader(conn)) {
			answerWith(conn, "200 OK", "Connection: keep-alive\r\n", accepted)
		}
		if s.conns.Load()%2 == 0 {
			_ = conn.SetLinger(0)
		}
	})
	c := clientTo(t, "http://"+s.Addr().String())
	answered, unsent := 0, 0
	for range calls {
		err := create(c)
		if err == nil {
			answered++
		} else if asError(t, err).Class == NotSent {
			unsent++
		}
	}
	c.Close()
	s.stop()
	if answered == 0 || s.posts.Load() < int64(answered) || s.posts.Load() > int64(calls-unsent) {
		t.Errorf("%d calls, %d answered, %d not sent, but the server saw %d", calls, answered, unsent, s.posts.Load())
	}
}

func TestNothingIsSentWithoutAConnection(t *testing.T) {
	closed := serveRaw(t, nil)
	closed.stop()
	deaf := serveRaw(t, func(s *rawServer, conn *net.TCPConn) {
		if s.request(bufio.NewReader(conn)) {
			answerWith(conn, "407 Proxy Authentication Required", "", "")
		}
	})
	defer deaf.stop()
	deafURL := &url.URL{Scheme: "http", Host: deaf.Addr().String()}
	https := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the request arrived") }))
	https.Config.ErrorLog = log.New(io.Discard, "", 0) // it speaks of every failed handshake
	https.StartTLS()
	defer https.Close()

	old := httptest.NewUnstartedServer(nil)
	old.Config.ErrorLog = https.Config.ErrorLog
	old.TLS = &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}
	old.StartTLS()
	defer old.Close()

	tests := []struct {
		name     string
		endpoint string
		prepare  func(*http.Transport)
	}{
		{"TLS of the past", old.URL, func(tr *http.Transport) { tr.TLSClientConfig.InsecureSkipVerify = true }},
		{"refused connection", "http://" + closed.Addr().String(), nil},
		{"no TLS on the other side", "https://" + deaf.Addr().String(), nil},
		{"certificate of nobody", https.URL, nil},
		{"proxy that refuses", "https://bastion.example.com", func(tr *http.Transport) { tr.Proxy = http.ProxyURL(deafURL) }},
		{"unreadable proxy variable", "https://bastion.example.com", func(tr *http.Transport) {
			tr.Proxy = func(*http.Request) (*url.URL, error) {
				return nil, errors.New("the environment's HTTPS_PROXY is not a URL")
			}
		}},
		{"unknown name", "https://bastion.example.com", func(tr *http.Transport) {
			tr.DialContext = func(context.Context, string, string) (net.Conn, error) {
				return nil, &net.DNSError{Err: "no such host", Name: "bastion.example.com", IsNotFound: true}
			}
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := clientTo(t, tt.endpoint)
			if tt.prepare != nil {
				tt.prepare(own(c))
			}
			if e := asError(t, create(c)); e.Class != NotSent || e.HTTPStatus != 0 || e.Err == nil {
				t.Errorf("%s: %v", e.Class, e)
			}
		})
	}
}

func TestNothingIsSentWhileAllConnectionsAreBusy(t *testing.T) {
	arrived, release := make(chan struct{}), make(chan struct{})
	s := serveRaw(t, func(s *rawServer, conn *net.TCPConn) {
		s.request(bufio.NewReader(conn))
		close(arrived)
		<-release
		answerWith(conn, "200 OK", "", accepted)
	})
	c := clientTo(t, "http://"+s.Addr().String())
	own(c).MaxConnsPerHost = 1
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
	s.stop()
	if s.posts.Load() != 1 {
		t.Errorf("the server saw %d requests", s.posts.Load())
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
	own(c).TLSClientConfig.RootCAs = pool
	return c
}

func TestTLSConnections(t *testing.T) {
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ProtoMajor != 1 || r.TLS.Version < tls.VersionTLS12 {
			t.Errorf("called by %s over TLS version %x", r.Proto, r.TLS.Version)
		}
		want := []string{"Authorization", "Content-Length", "Content-Type", "User-Agent", "X-Jdcloud-Date", "X-Jdcloud-Nonce"}
		if diff := cmp.Diff(want, slices.Sorted(maps.Keys(r.Header))); diff != "" {
			t.Errorf("the transport changed what was signed:\n%s", diff)
		}
		_, _ = io.WriteString(w, accepted)
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
		own(c).DialContext = func(context.Context, string, string) (net.Conn, error) {
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
	s := serveRaw(t, func(s *rawServer, conn *net.TCPConn) { s.request(bufio.NewReader(conn)) })
	defer s.stop()
	c := clientTo(t, "http://"+s.Addr().String())
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
