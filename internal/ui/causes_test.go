package ui

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

// TestLikeFailuresHaveOneCause whatever ids, addresses and times their messages name, and however many there are.
func TestLikeFailuresHaveOneCause(t *testing.T) {
	var c causes
	for i := range 300 {
		c.count("failed", order.Failure{Class: order.ClassRejected, Code: "QUOTA", Message: fmt.Sprintf("quota of vpc-%d: 5 of 5", i), HTTPStatus: 400})
	}
	c.count("failed", order.Failure{Class: order.ClassRejected, Code: "OTHER", Message: "quota of vpc-1: 5 of 5"})
	for i := range 3 {
		c.count("in doubt", order.Failure{Message: fmt.Sprintf("read tcp 10.0.0.1:%d->10.0.0.2:443: reset", i)})
	}
	want := []string{
		"300 failed: QUOTA: quota of vpc-0: 5 of 5 (HTTP 400)", "3 in doubt: read tcp 10.0.0.1:0->10.0.0.2:443: reset",
		"1 failed: OTHER: quota of vpc-1: 5 of 5",
	}
	if diff := cmp.Diff(want, counted(c)); diff != "" {
		t.Error(diff)
	}
}

// TestCausesAreBounded: an API that words each failure differently takes no more room than others.
func TestCausesAreBounded(t *testing.T) {
	var c causes
	name := func(i int) string {
		return string(rune('a'+i%26)) + string(rune('a'+i/26%26)) + string(rune('a'+i/676%26))
	}
	for i := range 10_000 {
		c.count("failed", order.Failure{Class: order.ClassRejected, Message: name(i)})
	}
	if got := counted(c); len(got) != maxCauses+1 || got[0] != fmt.Sprintf("%d failed: other causes", 10_000-maxCauses) {
		t.Errorf("%d causes, the first is %q", len(got), got[0])
	}
}

func counted(c causes) []string {
	var texts []string
	for _, cause := range c.sorted() {
		texts = append(texts, fmt.Sprintf("%d %s: %s", cause.count, cause.label, cause.text))
	}
	return texts
}
