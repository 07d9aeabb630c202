package bastion

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
)

// A peer that gives every answer twice, at once or in the next call: on a connection that was used before, the second
// one would be the answer to the next call, and one order would get the ids of another.
func TestNoAnswerIsTakenForAnotherCalls(t *testing.T) {
	for name, late := range map[string]bool{"at once": false, "in the next call": true} {
		t.Run(name, func(t *testing.T) {
			p := servePeer(t, nil, func(v *visit) {
				for n := 1; ; n++ {
					v.request()
					if late && n > 1 {
						v.say(response("200 OK", "", fmt.Sprintf(`{"result":{"buyId":"again-%s-%d"}}`, v.RemoteAddr(), n)))
					}
					v.say(response("200 OK", "", fmt.Sprintf(`{"result":{"buyId":"right-%s-%d"}}`, v.RemoteAddr(), n)))
					if !late {
						v.say(response("200 OK", "", fmt.Sprintf(`{"result":{"buyId":"again-%s-%d"}}`, v.RemoteAddr(), n)))
					}
					if _, err := v.in.Peek(1); err != nil {
						return
					}
				}
			})
			const calls = 100
			bought := buyAtOnce(t, clientTo(t, p.url()), calls)
			for _, id := range bought {
				if !strings.HasPrefix(id, "right-") || !strings.HasSuffix(id, "-1") {
					t.Fatalf("not the answer to a connection's first and only request: %s", id)
				}
			}
			if _, posts, _ := p.arrived(); posts != calls || len(bought) != calls {
				t.Errorf("%d calls: %d bought with %d requests", calls, len(bought), posts)
			}
		})
	}
}

// buyAtOnce makes calls, four at a time, and returns the buyIds.
func buyAtOnce(t *testing.T, c *Client, calls int) []string {
	t.Helper()
	var mu sync.Mutex
	var ids []string
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range calls / 4 {
				result, err := c.CreateInstance(context.Background(), "cn-north-1", anOrder)
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				ids = append(ids, result.BuyID)
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	return ids
}

// Nor does a purchase go out on a connection that a reading call has used.
func TestReadsShareConnectionsAndPurchasesDoNot(t *testing.T) {
	p := servePeer(t, nil, func(v *visit) {
		conns, _, _ := v.peer.arrived()
		for n := 1; ; n++ {
			v.request()
			_, posts, _ := v.peer.arrived()
			switch {
			case conns == 1: // the one that reads
				v.say(response("200 OK", "", `{"result":{"bastions":[],"totalCount":0}}`))
			case n == 1:
				v.say(response("200 OK", "", acceptedAs(posts)))
			}
			if _, err := v.in.Peek(1); err != nil {
				return
			}
		}
	})
	c := clientTo(t, p.url())
	for range 3 {
		if _, err := c.DescribeBastions(t.Context(), "cn-north-1", Page{1, 100}); err != nil {
			t.Fatal(err)
		}
	}
	if conns, _, _ := p.arrived(); conns != 1 {
		t.Errorf("three reading calls made %d connections", conns)
	}
	for range 2 {
		if err := create(c); err != nil {
			t.Fatal(err)
		}
	}
	if _, posts, _ := p.arrived(); posts != 2 {
		t.Errorf("two purchases after them: %d requests", posts)
	}
}

// A cache that gives one answer to many calls must not let one purchase stand for many.
func TestAPurchaseIsNamedByOneAnswer(t *testing.T) {
	tests := []struct {
		name          string
		first, second string
		status        int // of the first
		want          string
	}{
		{"the same answer", acceptedAs(1), acceptedAs(1), 200, "b-1"},
		{"the same buyId", acceptedAs(1), `{"result":{"buyId":"b-1","sourceIds":["s-2"]}}`, 200, "b-1"},
		{"the same sourceId", acceptedAs(1), `{"result":{"buyId":"b-2","sourceIds":["s-1"]}}`, 200, "b-1"},
		{"named before by a doubtful answer", acceptedAs(1), acceptedAs(1), 500, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := clientOver(t, answering(tt.status, tt.first))
			if got, err := c.CreateInstance(t.Context(), "cn-north-1", anOrder); got.BuyID != tt.want {
				t.Fatalf("the first call: %+v, %v", got, err)
			}
			c.transport = answering(200, tt.second)
			e := asError(t, create(c))
			if e.Class != InDoubt || e.BuyID != "" || slices.Contains(e.SourceIDs, "s-1") {
				t.Errorf("%+v", *e)
			}
		})
	}
}
