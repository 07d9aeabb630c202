package bastion

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
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

func TestAnswersThatNameNoPurchase(t *testing.T) {
	form := func(code, status, message string) string {
		return `{"requestId":"r-1","error":{"code":` + code + `,"status":"` + status + `","message":"` + message + `","details":null}}`
	}
	tests := []struct {
		name   string
		status int
		body   string
		want   Class
	}{
		{"documented: invalid argument", 400, form("400", "INVALID_ARGUMENT", "bad az"), Rejected},
		{"documented: failed precondition", 400, form("400", "FAILED_PRECONDITION", "no address left"), Rejected},
		{"documented: out of range", 400, form("400", "OUT_OF_RANGE", "quantity"), Rejected},
		{"documented: not found", 404, form("404", "NOT_FOUND", "no such vpc"), Rejected},
		{"documented: quota", 429, form("429", "QUOTA_EXCEEDED", "no quota left"), Rejected},
		{"a product's prefix", 400, form("400", "BASTION_INVALID_ARGUMENT", "bad"), Rejected},
		{"a sibling's missing argument", 400, form("400", "CENSOR_ARGUMENT_NOTFOUND", "param"), Rejected},
		{"code as a text", 400, form(`"400"`, "INVALID_ARGUMENT", "bad"), Rejected},
		{"code that is the status", 400, `{"error":{"code":"INVALID_ARGUMENT","message":"bad"}}`, Rejected},
		{"error form with HTTP 200", 200, form("400", "INVALID_ARGUMENT", "bad"), Rejected},
		{"error form without a code", 400, `{"error":{"status":"INVALID_ARGUMENT","message":"bad"}}`, Rejected},

		{"documented: rate limit", 429, form("429", "RATE_LIMIT", "slow down"), Throttled},
		{"a sibling's throttle, as 400", 400, form("400", "CENSOR_REQUEST_LIMITEXCEEDED", "请求的次数超过了频率限制"), Throttled},
		{"throttle with HTTP 200", 200, form("429", "RATE_LIMIT", ""), Throttled},
		{"unknown 429, throttle by its message", 429, form("429", "GATEWAY_X", "Too Many Requests"), Throttled},
		{"unknown 429, quota by its message", 429, form("429", "GATEWAY_X", "instance quota exceeded"), Rejected},
		{"unknown 400 that speaks of requests", 400, form("400", "PAYMENT_FAILED", "请求过于频繁"), InDoubt},
		{"known 400, throttle by its message", 400, form("400", "FAILED_PRECONDITION", "QPS limit reached"), Throttled},
		{"unknown 429 without a telling word", 429, form("429", "GATEWAY_X", "no"), InDoubt},
		{"unknown 403 that speaks of requests", 403, form("403", "GATEWAY_X", "too many requests"), InDoubt},

		{"documented: unauthenticated", 401, form("401", "UNAUTHENTICATED", "who are you"), Denied},
		{"documented: forbidden", 403, form("403", "HTTP_FORBIDDEN", "the signature does not match [gw]"), Denied},
		{"forbidden with HTTP 200", 200, form("403", "HTTP_FORBIDDEN", "no"), Denied},
		{"unknown 401", 401, form("401", "GATEWAY_X", "no"), Denied},
		{"unknown 403", 403, form("403", "GATEWAY_X", "no"), InDoubt},
		{"repeated nonce", 403, form("403", "HTTP_FORBIDDEN", "please use different noncestr [gw]"), InDoubt},

		{"unknown status", 400, form("400", "SOMETHING_NEW", "hm"), InDoubt},
		{"a status that may come after the purchase", 400, form("400", "ORDER_NOT_FOUND", "no such order"), InDoubt},
		{"a prefix of two words", 400, form("400", "ORDER_PAY_INVALID_ARGUMENT", "bad"), InDoubt},
		{"no status at all", 400, form("400", "", "hm"), InDoubt},
		{"aborted", 409, form("409", "ABORTED", "aborted"), InDoubt},
		{"already exists", 409, form("409", "ALREADY_EXISTS", "exists"), InDoubt},
		{"cancelled", 499, form("499", "CANCELLED", "cancelled"), InDoubt},
		{"timeout that calls itself an argument", 408, form("408", "INVALID_ARGUMENT", "late"), InDoubt},
		{"known status, code of the server's fault", 400, form("500", "INVALID_ARGUMENT", "bad"), InDoubt},
		{"known status, HTTP of the server's fault", 500, form("400", "INVALID_ARGUMENT", "bad"), InDoubt},
		{"throttle, HTTP of the server's fault", 503, form("429", "RATE_LIMIT", "slow down"), InDoubt},
		{"500 in the error form", 500, form("500", "INTERNAL", "oops"), InDoubt},
		{"500 of a gateway", 500, "<html>oops</html>", InDoubt},
		{"502 without a body", 502, "", InDoubt},
		{"504", 504, form("504", "UNAVAILABLE", "late"), InDoubt},
		{"307", 307, "", InDoubt},
		{"304 in the error form", 304, form("400", "INVALID_ARGUMENT", "bad"), InDoubt},
		{"429 of a gateway", 429, "<html>Too Many Requests</html>", InDoubt},
		{"404 of a gateway", 404, "404 page not found", InDoubt},
		{"400 as JSON that isn't the API's", 400, `{"message":"bad request"}`, InDoubt},
		{"error form with something behind it", 400, form("400", "INVALID_ARGUMENT", "bad") + "x", InDoubt},
		{"error form cut off", 400, form("400", "INVALID_ARGUMENT", "bad")[:60], InDoubt},
		{"error that is a text", 400, `{"error":"INVALID_ARGUMENT"}`, InDoubt},
		{"error and a purchase", 400, `{"error":{"code":400,"status":"INVALID_ARGUMENT"},"result":{"buyId":"b-1"}}`, InDoubt},

		{"200 that is empty", 200, "", InDoubt},
		{"200 that is a page", 200, "<html>welcome</html>", InDoubt},
		{"200 without a result", 200, `{"requestId":"r-1"}`, InDoubt},
		{"200 with a null result", 200, `{"requestId":"r-1","result":null}`, InDoubt},
		{"200 with empty ids", 200, `{"requestId":"r-1","result":{"buyId":"","sourceIds":[{"sourceId":""}]}}`, InDoubt},
		{"200 with a blank id", 200, `{"result":{"buyId":"  "}}`, InDoubt},
		{"200 that is a list", 200, `[]`, InDoubt},
		{"200 cut off behind its id", 200, `{"result":{"buyId":"b-1","sour`, InDoubt},
		{"200 with code 0 and no ids", 200, `{"error":{"code":0},"result":{}}`, InDoubt},
		{"200 with an error of the server's", 200, form("500", "INTERNAL", "oops"), InDoubt},
		{"204", 204, "", InDoubt},
		{"500 with ids", 500, `{"result":{"buyId":"b-1"}}`, InDoubt},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := clientOver(t, answering(tt.status, tt.body))
			result, err := c.CreateInstance(context.Background(), "cn-north-1", anOrder)
			e := asError(t, err)
			if e.Class != tt.want {
				t.Errorf("%s, want %s (%v)", e.Class, tt.want, e)
			}
			if e.HTTPStatus != tt.status || e.Message == "" || e.Op != "createInstance" || e.Region != "cn-north-1" {
				t.Errorf("incomplete error: %+v", *e)
			}
			if diff := cmp.Diff(CreateInstanceResult{}, result); diff != "" {
				t.Errorf("a result beside the error:\n%s", diff)
			}
			if strings.Contains(tt.body, "b-1") && !strings.Contains(e.Message, "b-1") {
				t.Errorf("the message lost the id of the answer: %s", e.Message)
			}
		})
	}
}

func TestAnswersThatNameAPurchase(t *testing.T) {
	tests := []struct {
		name   string
		status int
		body   string
		want   CreateInstanceResult
	}{
		{"as documented", 200, `{"requestId":"r-1","result":{"buyId":"b-1","sourceIds":[{"sourceId":"s-1"},{"sourceId":"s-2"}]}}`,
			CreateInstanceResult{BuyID: "b-1", SourceIDs: []string{"s-1", "s-2"}, RequestID: "r-1"}},
		{"without sourceIds", 200, `{"requestId":"r-1","result":{"buyId":"b-1"}}`, CreateInstanceResult{BuyID: "b-1", RequestID: "r-1"}},
		{"without a buyId", 200, `{"result":{"buyId":null,"sourceIds":[{"sourceId":"s-1"}]}}`, CreateInstanceResult{SourceIDs: []string{"s-1"}}},
		{"another 2xx", 202, `{"result":{"buyId":"b-1"}}`, CreateInstanceResult{BuyID: "b-1"}},
		{"ids as numbers", 200, `{"requestId":7,"result":{"buyId":12345678901234567890,"sourceIds":[{"sourceId":42}]}}`,
			CreateInstanceResult{BuyID: "12345678901234567890", SourceIDs: []string{"42"}, RequestID: "7"}},
		{"ids in a bare list", 200, `{"result":{"sourceIds":["s-1",null,{},{"sourceId":"s-2"}]}}`, CreateInstanceResult{SourceIDs: []string{"s-1", "s-2"}}},
		{"an error beside the ids", 200, `{"error":{"code":429,"status":"RATE_LIMIT"},"result":{"buyId":"b-1"}}`, CreateInstanceResult{BuyID: "b-1"}},
		{"an empty error beside the ids", 200, `{"error":{"code":0,"status":"","message":""},"result":{"buyId":"b-1"}}`, CreateInstanceResult{BuyID: "b-1"}},
		{"odd fields beside the ids", 200, `{"requestId":{},"error":[1],"result":{"buyId":"b-1","sourceIds":{"sourceId":"s"}}}`, CreateInstanceResult{BuyID: "b-1"}},
		{"something behind the answer", 200, `{"result":{"buyId":"b-1"}} trailing`, CreateInstanceResult{BuyID: "b-1"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := clientOver(t, answering(tt.status, tt.body))
			got, err := c.CreateInstance(context.Background(), "cn-north-1", anOrder)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
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
		c := clientOver(t, tripper(func(*http.Request) (*http.Response, error) {
			return reply(200, `{"filler":"`+strings.Repeat("x", 2*MaxAnswer)+`","result":{"buyId":"b-1"}}`), nil
		}))
		_, err := c.CreateInstance(context.Background(), "r", anOrder)
		if e := asError(t, err); e.Class != InDoubt || len(e.Message) > MaxMessage+8 {
			t.Errorf("%s: %d bytes of message", e.Class, len(e.Message))
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
		if e.Class == NotSent || e.Class != InDoubt && (!refused || a.apiError == nil || a.namesPurchase()) {
			t.Fatalf("%s from %d %q", e.Class, status, body)
		}
		if len(e.Message) > MaxMessage+8 || len(e.Code) > 128 || len(e.RequestID) > 256 {
			t.Fatalf("an unbounded error from %d bytes", len(body))
		}
	})
}
