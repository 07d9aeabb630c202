package cli

import (
	"errors"
	"strings"
	"testing"

	"github.com/bastion-fleet/bastion-fleet/pkg/apply"
	"github.com/bastion-fleet/bastion-fleet/pkg/bastion"
	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

// TestRefusalsDoNotRepeatSecrets has the API quote what it refuses, as it well may.
func TestRefusalsDoNotRepeatSecrets(t *testing.T) {
	o := order.Order{Desc: "canary-3f9a", VPCID: "vpc-shown", Sensitive: order.FieldSetOf(order.FieldDesc)}
	refusal := &bastion.Error{Class: bastion.Rejected, HTTPStatus: 400, Message: `description "canary-3f9a" is taken in vpc-shown`}
	var call *apply.CallError
	if err := callError(refusal, &o); !errors.As(err, &call) {
		t.Fatalf("got %v", err)
	}
	if want := `description "(sensitive value)" is taken in vpc-shown`; call.Failure.Message != want {
		t.Errorf("it says %q, want %q", call.Failure.Message, want)
	}
	if strings.Contains(call.Error(), "canary") {
		t.Errorf("the error says %v", call)
	}
}
