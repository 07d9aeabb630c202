package bastion

import (
	"encoding/json"
	"fmt"
	"maps"
	"testing"
)

// Each status says by itself what it means: with a code and a message that tell nothing.
func TestEveryStatusSpeaksForItself(t *testing.T) {
	want := map[string]Class{
		"RATE_LIMIT": Throttled, "REQUEST_LIMITEXCEEDED": Throttled, "REQUEST_LIMIT_EXCEEDED": Throttled,
		"TOO_MANY_REQUESTS": Throttled, "THROTTLED": Throttled, "THROTTLING": Throttled,
		"INVALID_ARGUMENT": Rejected, "OUT_OF_RANGE": Rejected, "FAILED_PRECONDITION": Rejected, "NOT_FOUND": Rejected,
		"ARGUMENT_NOTFOUND": Rejected, "HTTP_BAD_REQUEST": Rejected, "HTTP_NOT_FOUND": Rejected, "QUOTA_EXCEEDED": Rejected,
		"QUOTAEXCEEDED":   Rejected,
		"UNAUTHENTICATED": Denied, "HTTP_UNAUTHORIZED": Denied, "HTTP_FORBIDDEN": Denied, "PERMISSION_DENIED": Denied,
	}
	if !maps.Equal(want, statusClasses) {
		t.Errorf("the table is %v", statusClasses)
	}
	for _, unknown := range []string{"ABORTED", "CANCELLED", "ALREADY_EXISTS", "ORDER_NOT_FOUND", "INTERNAL", "DEADLINE_EXCEEDED", ""} {
		want[unknown] = InDoubt
	}
	for status, class := range want {
		body, err := json.Marshal(map[string]any{"requestId": "r", "error": map[string]any{"code": 400, "status": status, "message": "no"}})
		if err != nil {
			t.Fatal(err)
		}
		a := answer{status: 400, body: body}
		a.parse()
		if got := a.class(); got != class {
			t.Errorf("%q is %s, want %s", status, got, class)
		}
	}
}

// A message that speaks of throttles, as of the rule that was not found, makes none of a refusal with another code.
func TestOnlySomeCodesAreToldByTheirMessage(t *testing.T) {
	for code, want := range map[int]Class{400: Throttled, 429: Throttled, 403: Rejected, 404: Rejected, 422: Rejected} {
		a := answer{status: code, body: fmt.Appendf(nil, `{"requestId":"r","error":{"code":%d,"status":"NOT_FOUND","message":"no rate limit rule"}}`, code)}
		a.parse()
		if got := a.class(); got != want {
			t.Errorf("with the code %d it is %s, want %s", code, got, want)
		}
	}
}

// Where a code says that the call may have got further than to be turned away, no status takes that back.
func TestNoStatusMakesARefusalOfACodeThatMayHaveBought(t *testing.T) {
	for _, code := range []int{100, 302, 307, 399, 408, 409, 499, 500, 502, 503, 504, 599, 600} {
		for status := range statusClasses {
			body, err := json.Marshal(map[string]any{"requestId": "r", "error": map[string]any{"code": code, "status": status, "message": "no"}})
			if err != nil {
				t.Fatal(err)
			}
			for _, http := range []int{200, 400, code} {
				a := answer{status: http, body: body}
				a.parse()
				if got := a.class(); got != InDoubt {
					t.Errorf("%s with the code %d, in an HTTP %d, is %s", status, code, http, got)
				}
			}
		}
	}
}

func TestQuotasAreToldFromOtherRefusals(t *testing.T) {
	for _, test := range []struct {
		code            int
		status, message string
		want            bool
	}{
		{429, "QUOTA_EXCEEDED", "no quota left", true},
		{429, "QUOTA_EXCEEDED", "", true},
		{403, "QUOTA_EXCEEDED", "no", true},
		{400, "BASTION_QUOTA_EXCEEDED", "no", true},
		{400, "QUOTAEXCEEDED", "no", true},
		{400, "FAILED_PRECONDITION", "实例配额不足", true},
		{429, "GATEWAY_X", "instance quota exceeded", true},
		{429, "QUOTA_EXCEEDED", "the quota of the request limit", false},
		{400, "FAILED_PRECONDITION", "no address left", false},
		{404, "NOT_FOUND", "no such quota", false},
		{429, "RATE_LIMIT", "slow down", false},
		{403, "HTTP_FORBIDDEN", "no quota", false},
		{500, "QUOTA_EXCEEDED", "no quota left", false},
	} {
		body, err := json.Marshal(map[string]any{"requestId": "r", "error": map[string]any{"code": test.code, "status": test.status, "message": test.message}})
		if err != nil {
			t.Fatal(err)
		}
		a := answer{status: test.code, body: body}
		a.parse()
		if got := a.failure(call{}).Exhausted; got != test.want {
			t.Errorf("%d %s, %q: exhausted is %t", test.code, test.status, test.message, got)
		}
	}
	if (answer{status: 502}).failure(call{}).Exhausted {
		t.Error("an answer that isn't the API's says that a quota is used up")
	}
}
