package bastion

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

// tripper is a transport without a network.
type tripper func(*http.Request) (*http.Response, error)

func (f tripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// answering is a transport that always gives the same answer.
func answering(status int, body string) tripper {
	return func(*http.Request) (*http.Response, error) { return reply(status, body), nil }
}

// reply is an answer that tests give.
func reply(status int, body string) *http.Response {
	return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body))}
}

func testCredentials(t testing.TB) Credentials {
	t.Helper()
	c, err := NewCredentials("AKEXAMPLE", "sk-very-secret", "")
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func clientOver(t testing.TB, transport http.RoundTripper) *Client {
	t.Helper()
	c, err := New(Options{Credentials: testCredentials(t), Transport: transport})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

var anOrder = CreateInstanceRequest{InstanceSpec: InstanceSpec{
	AZ: "cn-north-1a", VPCID: "vpc-a", SubnetID: "subnet-a", Spec: "bastion-50", Quantity: 1, IPVersion: "v4&v6",
}}

// asError makes sure that err is what every failed call must give.
func asError(t testing.TB, err error) *Error {
	t.Helper()
	var e *Error
	if !errors.As(err, &e) {
		t.Fatalf("the error is %T (%v), not an *Error", err, err)
	}
	return e
}

// brokenBody gives text, then err.
type brokenBody struct {
	text io.Reader
	err  error
}

func (b brokenBody) Read(p []byte) (int, error) {
	n, err := b.text.Read(p)
	if err == io.EOF {
		err = b.err
	}
	return n, err
}

func TestBrokenBodies(t *testing.T) {
	lost := errors.New("connection reset")
	answer := func(status int, text string) tripper {
		return func(*http.Request) (*http.Response, error) {
			r := reply(status, "")
			r.Body = io.NopCloser(brokenBody{strings.NewReader(text), lost})
			return r, nil
		}
	}
	t.Run("an answer that is whole keeps its ids", func(t *testing.T) {
		got, err := clientOver(t, answer(200, `{"result":{"buyId":"b-1"}}`)).CreateInstance(context.Background(), "r", anOrder)
		if err != nil || got.BuyID != "b-1" {
			t.Errorf("%+v, %v", got, err)
		}
	})
	t.Run("a refusal that broke off proves nothing", func(t *testing.T) {
		body := `{"error":{"code":400,"status":"INVALID_ARGUMENT","message":"bad"}}`
		_, err := clientOver(t, answer(400, body)).CreateInstance(context.Background(), "r", anOrder)
		if e := asError(t, err); e.Class != InDoubt || !errors.Is(err, lost) {
			t.Errorf("%s: %v", e.Class, err)
		}
	})
	t.Run("a refusal that is too long to be read to its end proves nothing", func(t *testing.T) {
		c := clientOver(t, tripper(func(*http.Request) (*http.Response, error) {
			return reply(400, `{"error":{"code":400,"status":"INVALID_ARGUMENT","message":"bad"}}`+strings.Repeat(" ", MaxAnswer)+accepted), nil
		}))
		_, err := c.CreateInstance(context.Background(), "r", anOrder)
		if e := asError(t, err); e.Class != InDoubt {
			t.Errorf("%s: %v", e.Class, err)
		}
	})
	t.Run("an endless answer is not read to its end", func(t *testing.T) {
		text := strings.NewReader(`{"filler":"` + strings.Repeat("x", 2*MaxAnswer) + `","result":{"buyId":"b-1"}}`)
		c := clientOver(t, tripper(func(*http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: 200, Header: http.Header{}, Body: io.NopCloser(text)}, nil
		}))
		_, err := c.CreateInstance(context.Background(), "r", anOrder)
		if e := asError(t, err); e.Class != InDoubt || len(e.Message) > MaxMessage+8 {
			t.Errorf("%s: %d bytes of message", e.Class, len(e.Message))
		}
		if read := int(text.Size()) - text.Len(); read > MaxAnswer+1 {
			t.Errorf("%d bytes of it were read", read)
		}
	})
}

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for value, want := range map[string]time.Duration{
		"":                              0,
		"7":                             7 * time.Second,
		" 0.5 ":                         500 * time.Millisecond,
		"-3":                            0,
		"NaN":                           0,
		"1e300":                         time.Hour,
		"soon":                          0,
		"Sun, 01 Mar 2026 12:00:30 GMT": 30 * time.Second,
		"Sun, 01 Mar 2026 11:00:00 GMT": 0,
		"Mon, 01 Mar 2027 12:00:00 GMT": time.Hour,
	} {
		if got := parseRetryAfter(value, now); got != want {
			t.Errorf("%q: %v, want %v", value, got, want)
		}
	}
}

// FuzzAnswer holds the two rules that money hangs on, whatever comes back.
func FuzzAnswer(f *testing.F) {
	f.Add(200, `{"requestId":"r","result":{"buyId":"b","sourceIds":[{"sourceId":"s"}]}}`)
	f.Add(400, `{"error":{"code":"400","status":"INVALID_ARGUMENT","message":"m"}}`)
	f.Add(429, `{"error":{"code":429,"status":"X","message":"too many requests"}}`)
	f.Add(403, `{"error":{"code":403,"status":"HTTP_FORBIDDEN","message":"noncestr"}}`)
	f.Add(503, `<html>`)
	f.Fuzz(func(t *testing.T, status int, body string) {
		a := readAnswer(reply(status, body), time.Time{})
		result, bought := a.purchase()
		if bought && (status < 200 || status > 299 || result.BuyID == "" && len(result.SourceIDs) == 0) {
			t.Fatalf("a purchase from %d %q: %+v", status, body, result)
		}
		e := a.failure(call{})
		refused := status >= 200 && status <= 299 || status >= 400 && status <= 499
		if e.Class == NotSent || e.Class != InDoubt && (!refused || a.apiError == nil || !a.allIDs().none()) {
			t.Fatalf("%s from %d %q", e.Class, status, body)
		}
		if len(e.Message) > MaxMessage+8 || len(e.Code) > 128 || len(e.RequestID) > 256 {
			t.Fatalf("an unbounded error from %d bytes", len(body))
		}
	})
}
