package bastion

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"slices"
	"testing"
	"testing/cryptotest"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
	"github.com/jdcloud-api/jdcloud-sdk-go/core"
	"github.com/jdcloud-api/jdcloud-sdk-go/services/bastion/apis"
	vendor "github.com/jdcloud-api/jdcloud-sdk-go/services/bastion/client"
)

// A sent is a request as a transport gets it.
type sent struct {
	Method, URL, Host, Body string
	Header                  http.Header
}

// capture records what goes out and answers with body.
func capture(into *sent, body string) tripper {
	return func(r *http.Request) (*http.Response, error) {
		*into = sent{Method: r.Method, URL: r.URL.String(), Host: r.Host, Header: r.Header.Clone()}
		if r.Body != nil {
			data, _ := io.ReadAll(r.Body)
			into.Body = string(data)
		}
		into.Header.Del("User-Agent") // not signed
		return reply(200, body), nil
	}
}

// sameMoment runs ours and theirs at the same time and with the same random numbers, so that date and nonce agree.
func sameMoment(t *testing.T, ours, theirs func()) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		cryptotest.SetGlobalRandom(t, 7)
		ours()
	})
	synctest.Test(t, func(t *testing.T) {
		cryptotest.SetGlobalRandom(t, 7)
		theirs()
	})
}

// vendorClient is the vendor's client with its traffic going into transport.
func vendorClient(t *testing.T, transport http.RoundTripper) *vendor.BastionClient {
	t.Helper()
	before := http.DefaultTransport
	http.DefaultTransport = transport
	t.Cleanup(func() { http.DefaultTransport = before })
	c := vendor.NewBastionClient(core.NewCredentials("AKEXAMPLE", "sk-very-secret"))
	c.DisableLogger()
	return c
}

// A jsonRequest makes the vendor's core send a body of ours.
type jsonRequest struct {
	core.JDCloudRequest
	body []byte
}

func (r jsonRequest) MarshalJSON() ([]byte, error) { return r.body, nil }
func (r jsonRequest) GetRegionId() string          { return "cn-north-1" }

func TestOurCreateIsTheOneThatTheVendorsCoreMakes(t *testing.T) {
	order := CreateInstanceRequest{
		InstanceSpec: InstanceSpec{AZ: "cn-north-1a", VPCID: "vpc-a", SubnetID: "subnet-a", Spec: "bastion-50", Quantity: 2, IPVersion: "v4", Desc: "branch 北京 [bf:X]"},
		ChargeSpec:   &ChargeSpec{ChargeMode: "MONTHLY", ChargeUnit: "YEAR", ChargeDuration: 1, AutoPay: true, AutoRenew: true, BuyScenario: "e30="},
	}
	var ours, theirs sent
	c := clientOver(t, capture(&ours, accepted))
	v := vendorClient(t, capture(&theirs, accepted))
	sameMoment(t,
		func() {
			if _, err := c.CreateInstance(context.Background(), "cn-north-1", order); err != nil {
				t.Error(err)
			}
		},
		func() {
			body, _ := json.Marshal(order)
			request := jsonRequest{core.JDCloudRequest{URL: "/regions/cn-north-1/instances", Method: "POST", Version: "v1"}, body}
			if _, err := v.Send(request, "bastion"); err != nil {
				t.Error(err)
			}
		})
	if ours.Header.Get("Authorization") == "" {
		t.Fatal("nothing was signed")
	}
	if diff := cmp.Diff(theirs, ours); diff != "" {
		t.Errorf("the vendor's core makes another request (-theirs +ours):\n%s", diff)
	}
}

func TestOurReadIsTheOneThatTheVendorsClientMakes(t *testing.T) {
	var ours, theirs sent
	c := clientOver(t, capture(&ours, `{"result":{}}`))
	v := vendorClient(t, capture(&theirs, `{}`))
	sameMoment(t,
		func() {
			if _, _, err := c.DescribeSourceID(context.Background(), "cn-east-2", "source 1"); err != nil {
				t.Error(err)
			}
		},
		func() {
			if _, err := v.DescribeSourceId(apis.NewDescribeSourceIdRequest("cn-east-2", "source 1")); err != nil {
				t.Error(err)
			}
		})
	if diff := cmp.Diff(theirs, ours); diff != "" {
		t.Errorf("the vendor's client makes another request (-theirs +ours):\n%s", diff)
	}
}

func TestEveryAttemptIsSignedAfresh(t *testing.T) {
	nonces := map[string]bool{}
	c := clientOver(t, tripper(func(r *http.Request) (*http.Response, error) {
		nonces[r.Header.Get("x-jdcloud-nonce")] = true
		return reply(200, acceptedAs(len(nonces))), nil
	}))
	for range 50 {
		if err := create(c); err != nil {
			t.Fatal(err)
		}
	}
	if len(nonces) != 50 {
		t.Errorf("50 calls had %d nonces", len(nonces))
	}
}

func TestTheBodyThatGoesOut(t *testing.T) {
	var request sent
	send := func(r CreateInstanceRequest) string {
		c := clientOver(t, capture(&request, accepted))
		if _, err := c.CreateInstance(context.Background(), "cn-north-1", r); err != nil {
			t.Fatal(err)
		}
		return request.Body
	}
	want := `{"instanceSpec":{"az":"cn-north-1a","ipVersion":"v4&v6","quantity":1,"spec":"bastion-50","subnetId":"subnet-a","vpcId":"vpc-a"}}`
	if got := send(anOrder); got != want {
		t.Errorf("unset fields and & must go out as\n%s, not\n%s", want, got)
	}
	paid := anOrder
	paid.ChargeSpec = &ChargeSpec{AutoPay: true, ChargeUnit: "MONTH", ChargeDuration: 3}
	if got := send(paid); !bytes.Contains([]byte(got), []byte(`"chargeSpec":{"autoPay":true,"chargeDuration":3,"chargeUnit":"MONTH"}`)) {
		t.Error(got)
	}
}

func TestARequestHasNoSecondBody(t *testing.T) {
	var again bool
	c := clientOver(t, tripper(func(r *http.Request) (*http.Response, error) {
		again = r.GetBody != nil
		return reply(200, accepted), nil
	}))
	if err := create(c); err != nil {
		t.Fatal(err)
	}
	if again {
		t.Error("GetBody lets the transport send a request twice")
	}
}

func TestTheSecurityTokenIsSentAndSigned(t *testing.T) {
	credentials, err := NewCredentials("AKEXAMPLE", "sk", "the token")
	if err == nil {
		t.Fatalf("a token with a space was taken: %v", credentials)
	}
	if credentials, err = NewCredentials("AKEXAMPLE", "sk", "the-token"); err != nil {
		t.Fatal(err)
	}
	var request sent
	c, err := New(Options{Credentials: credentials, Transport: capture(&request, accepted)})
	if err != nil {
		t.Fatal(err)
	}
	if err := create(c); err != nil {
		t.Fatal(err)
	}
	if got := request.Header.Get("x-jdcloud-security-token"); got != "dGhlLXRva2Vu" {
		t.Errorf("the token goes out as %q", got)
	}
	if !bytes.Contains([]byte(request.Header.Get("Authorization")), []byte("x-jdcloud-nonce;x-jdcloud-security-token,")) {
		t.Errorf("the token is not signed: %s", request.Header.Get("Authorization"))
	}
	for name := range maps.Keys(request.Header) {
		if slices.Contains([]string{"Idempotency-Key", "X-Idempotency-Key", "Expect"}, name) {
			t.Errorf("%s lets the transport send a request twice", name)
		}
	}
}
