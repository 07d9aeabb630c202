package simulator_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/jdcloud-api/jdcloud-sdk-go/core"

	"github.com/bastion-fleet/bastion-fleet/pkg/simulator"
)

type signing struct {
	access, secret, service, region, token string
	at                                     time.Time
}

// signedAs signs a request with the vendor's signer.
func signedAs(t testing.TB, o signing, method, path, body string) *http.Request {
	t.Helper()
	r, err := http.NewRequest(method, "https://bastion.jdcloud-api.com"+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	if o.token != "" {
		r.Header.Set("x-jdcloud-security-token", o.token)
	}
	signer := core.NewSigner(*core.NewCredentials(o.access, o.secret), core.NewDummyLogger())
	if _, err := signer.Sign(r, strings.NewReader(body), o.service, o.region, o.at); err != nil {
		t.Fatal(err)
	}
	return r
}

func usual() signing {
	return signing{access: "sim", secret: "sim", service: "bastion", region: north, at: time.Now()}
}

func signed(t testing.TB, method, path, body string) *http.Request {
	t.Helper()
	return signedAs(t, usual(), method, path, body)
}

func send(t testing.TB, s *simulator.Simulator, r *http.Request) *http.Response {
	t.Helper()
	response, err := s.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	return response
}

// errorOf reads the API's error form.
func errorOf(t testing.TB, response *http.Response) (status, message string) {
	t.Helper()
	var form struct {
		RequestID string
		Error     struct {
			Code            int
			Status, Message string
		}
	}
	if err := json.NewDecoder(response.Body).Decode(&form); err != nil {
		t.Fatal(err)
	}
	if form.RequestID == "" || form.Error.Code != response.StatusCode {
		t.Errorf("not the API's error form: %+v", form)
	}
	return form.Error.Status, form.Error.Message
}

func TestTheGateRefuses(t *testing.T) {
	const path = "/v1/regions/cn-north-1/bastions"
	sign := func(change func(*signing)) *http.Request {
		o := usual()
		change(&o)
		return signedAs(t, o, http.MethodGet, path, "")
	}
	alter := func(change func(*http.Request)) *http.Request {
		r := signed(t, http.MethodGet, path+"?pageNumber=1", "")
		change(r)
		return r
	}
	tests := []struct {
		name    string
		request *http.Request
		code    int
		want    string
	}{
		{"unsigned", alter(func(r *http.Request) { r.Header.Del("Authorization") }), 401, "is not signed"},
		{"another scheme", alter(func(r *http.Request) { r.Header.Set("Authorization", "Basic c2ltOnNpbQ==") }), 401, "is not signed"},
		{"unknown access key", sign(func(o *signing) { o.access = "other" }), 403, "access key is unknown"},
		{"wrong secret key", sign(func(o *signing) { o.secret = "other" }), 403, "signature does not match"},
		{"another region's scope", sign(func(o *signing) { o.region = east }), 403, "scope does not fit"},
		{"another service's scope", sign(func(o *signing) { o.service = "vm" }), 403, "scope does not fit"},
		{"too old", sign(func(o *signing) { o.at = time.Now().Add(-16 * time.Minute) }), 403, "too far from now"},
		{"too new", sign(func(o *signing) { o.at = time.Now().Add(16 * time.Minute) }), 403, "too far from now"},
		{"without a date", alter(func(r *http.Request) { r.Header.Del("x-jdcloud-date") }), 403, "scope does not fit"},
		{"altered query", alter(func(r *http.Request) { r.URL.RawQuery = "pageNumber=2" }), 403, "signature does not match"},
		{"altered host", alter(func(r *http.Request) { r.Host = "elsewhere.example.com" }), 403, "signature does not match"},
		{"altered nonce", alter(func(r *http.Request) { r.Header.Set("x-jdcloud-nonce", "1") }), 403, "signature does not match"},
		{"altered method", alter(func(r *http.Request) { r.Method = "PUT"; r.Method = "DELETE" }), 404, "no operation"},
		{"unsigned token", alter(func(r *http.Request) { r.Header.Set("x-jdcloud-security-token", "t") }), 403, "must be among the signed headers"},
		{"no such path", signed(t, http.MethodGet, "/v1/regions/cn-north-1/bananas", ""), 404, "no operation"},
		{"no such version", signed(t, http.MethodGet, "/v2/regions/cn-north-1/bastions", ""), 404, "no operation"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := start(t, simulator.Options{})
			response := send(t, s, tt.request)
			_, message := errorOf(t, response)
			if response.StatusCode != tt.code || !strings.Contains(message, tt.want) || s.Counters().Refused != 1 {
				t.Errorf("HTTP %d: %s; want %d: %s", response.StatusCode, message, tt.code, tt.want)
			}
		})
	}
	signedToken := sign(func(o *signing) { o.token = "dG9r" })
	if response := send(t, start(t, simulator.Options{}), signedToken); response.StatusCode != 200 {
		t.Errorf("a signed token: HTTP %d", response.StatusCode)
	}
}

func TestARepeatedNonceIsRefused(t *testing.T) {
	s := start(t, simulator.Options{})
	body := `{"instanceSpec":{"az":"a","vpcId":"v","subnetId":"s","spec":"x","quantity":1,"ipVersion":"v4"}}`
	r := signed(t, http.MethodPost, "/v1/regions/cn-north-1/instances", body)
	if response := send(t, s, r); response.StatusCode != 200 {
		t.Fatalf("HTTP %d", response.StatusCode)
	}
	r.Body = io.NopCloser(strings.NewReader(body))
	response := send(t, s, r)
	status, message := errorOf(t, response)
	if response.StatusCode != 403 || status != "HTTP_FORBIDDEN" || message != "please use different noncestr [gw]" || len(s.Ledger()) != 1 {
		t.Errorf("HTTP %d %s: %s, %d purchases", response.StatusCode, status, message, len(s.Ledger()))
	}
}

func TestAnAlteredBodyIsRefused(t *testing.T) {
	s := start(t, simulator.Options{})
	r := signed(t, http.MethodPost, "/v1/regions/cn-north-1/instances", `{"quantity":1}`)
	r.Body = io.NopCloser(strings.NewReader(`{"quantity":9}`))
	if response := send(t, s, r); response.StatusCode != 403 {
		t.Errorf("HTTP %d", response.StatusCode)
	}
}
