package bastion

import (
	"context"
	"crypto/tls"
	"io"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"
)

// pieces are what answers are made of; put together at random some are good and most are not.
var pieces = []string{
	"HTTP/1.1 200 OK\r\n", "HTTP/1.1 400 Bad Request\r\n", "HTTP/1.1 429 Too Many Requests\r\n", "HTTP/1.1 503 X\r\n", "HTTP/1.0 200 OK\r\n",
	"HTTP/1.1 100 Continue\r\n\r\n", "HTTP/1.1 307 X\r\nLocation: /v1/regions/cn-north-1/instances\r\n", "HTTP/1.1 101 X\r\nConnection: upgrade\r\nUpgrade: h2c\r\n\r\n",
	"Content-Length: 57\r\n", "Content-Length: 5\r\n", "Transfer-Encoding: chunked\r\n", "Retry-After: 0\r\n", "Connection: keep-alive\r\n", "\r\n", "0\r\n\r\n",
	accepted, acceptedAs(2), accepted[:42], chunked(accepted), form("400", "INVALID_ARGUMENT", "bad"), form("429", "RATE_LIMIT", "slow down"),
	form("403", "HTTP_FORBIDDEN", "no"), response("200 OK", "", accepted), response("400 X", "", form("400", "INVALID_ARGUMENT", "bad")),
	response("200 OK", "", "{}"), response("408 X", "Connection: close\r\n", ""), page, "\x00", "{",
}

// A behaviour is a peer's at random: what it reads and says, step by step, and how it ends.
type behaviour struct {
	steps []step
	reset bool
	said  string // all that it says, for comparison
}

type step struct {
	read int    // bytes of the request; -1: all of it
	say  string // after that
}

func drawBehaviour(t *rapid.T) behaviour {
	b := behaviour{reset: rapid.Bool().Draw(t, "reset")}
	for range rapid.IntRange(0, 6).Draw(t, "steps") {
		s := step{
			read: rapid.SampledFrom([]int{-1, 0, 0, 1, 100, 400, 900}).Draw(t, "read"),
			say:  rapid.OneOf(rapid.SampledFrom(pieces), rapid.StringN(0, 20, -1)).Draw(t, "say"),
		}
		b.steps = append(b.steps, s)
		b.said += s.say
	}
	return b
}

// play ends with reading on: a byte that comes late would be noticed.
func (b behaviour) play(v *visit) {
	begun := false // what is left of a request that was begun may not come before an answer
	for _, s := range b.steps {
		switch {
		case s.read != 0 && begun:
			_, _ = v.in.Discard(v.in.Buffered())
		case s.read > 0:
			_, _ = v.in.Peek(1)
			_, _ = v.in.Discard(min(s.read, v.in.Buffered()))
		case s.read < 0:
			v.request()
		}
		begun = begun || s.read != 0
		v.say(s.say)
	}
	if b.reset {
		v.reset()
		return
	}
	_ = v.tcp.CloseWrite()
	_, _ = io.Copy(io.Discard, v.in)
}

func TestPeersThatBehaveAtRandom(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		b := drawBehaviour(r)
		var config *tls.Config
		if rapid.Bool().Draw(r, "TLS") {
			config = goodTLS()
		}
		p := servePeer(t, config, b.play)
		c := clientTo(t, p.url())
		own(c).buying.TLSClientConfig.RootCAs = ours().pool
		result, err := c.CreateInstance(context.Background(), "cn-north-1", anOrder)
		c.Close()
		p.stop()
		conns, posts, any := p.arrived()
		if conns > 1 || posts > 1 {
			r.Fatalf("the peer saw %d connections and %d requests", conns, posts)
		}
		if err == nil {
			if result.BuyID == "" && len(result.SourceIDs) == 0 || !strings.Contains(b.said, result.BuyID) {
				r.Fatalf("bought %+v, of which the peer said nothing", result)
			}
			return
		}
		switch e := asError(t, err); {
		case e.Class == NotSent && any:
			r.Fatalf("not sent, but the peer saw a byte of it: %v", e)
		case e.Class != NotSent && e.Class != InDoubt && !strings.Contains(b.said, e.Code):
			r.Fatalf("%s, which the peer did not say: %v", e.Class, e)
		}
	})
}

// Many calls at once through a peer that strikes at random: no request is seen twice, none that was not sent is seen,
// and no two calls are told of the same purchase.
func TestManyCallsToAPeerThatStrikesAtRandom(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		strikes := rapid.SliceOfN(drawnBehaviour, 1, 4).Draw(r, "strikes")
		var mu sync.Mutex
		n := 0
		p := servePeer(t, nil, func(v *visit) {
			mu.Lock()
			n++
			mine := n
			mu.Unlock()
			if mine%3 == 0 {
				strikes[mine%len(strikes)].play(v)
				return
			}
			v.request()
			v.say(response("200 OK", "", acceptedAs(100+mine)) + response("200 OK", "", acceptedAs(1000)))
		})
		c := clientTo(t, p.url())
		const calls = 12
		classes := callAtOnce(t, c, calls)
		c.Close()
		p.stop()
		if _, posts, _ := p.arrived(); posts > calls-classes[NotSent] {
			r.Fatalf("%d calls, %d not sent, but the peer saw %d", calls, classes[NotSent], posts)
		}
	})
}

var drawnBehaviour = rapid.Custom(drawBehaviour)

// callAtOnce makes calls, four at a time, and counts the classes of those that failed.
func callAtOnce(t *testing.T, c *Client, calls int) map[Class]int {
	t.Helper()
	var mu sync.Mutex
	seen, classes := map[string]bool{}, map[Class]int{}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range calls / 4 {
				result, err := c.CreateInstance(context.Background(), "cn-north-1", anOrder)
				mu.Lock()
				if err != nil {
					classes[asError(t, err).Class]++
				} else if seen[result.BuyID] {
					t.Errorf("two calls were told of %s", result.BuyID)
				}
				seen[result.BuyID] = true
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	return classes
}
