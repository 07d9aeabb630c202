package bastion

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Whatever is wrong with an answer, the ids that it names stay known.
func TestIDsOfDoubtfulAnswers(t *testing.T) {
	whole := `{"requestId":"r","result":{"buyId":"b-1","sourceIds":[{"sourceId":"s-1"},{"sourceId":"s-2"}]}}`
	many := make([]string, MaxNamedIDs+10)
	for i := range many {
		many[i] = fmt.Sprintf(`{"sourceId":"s-%d"}`, i)
	}
	tests := []struct {
		name    string
		status  int
		body    string
		buyID   string
		sources []string
	}{
		{"a 500 made of a success", 500, whole, "b-1", []string{"s-1", "s-2"}},
		{"a redirect with a body", 307, whole, "b-1", []string{"s-1", "s-2"}},
		{"cut behind the second source", 200, whole[:len(whole)-3], "b-1", []string{"s-1", "s-2"}},
		{"cut within the second source", 200, whole[:len(whole)-6], "b-1", []string{"s-1"}},
		{"cut within the buyId", 200, `{"result":{"buyId":"b-`, "", nil},
		{"cut within a number", 200, `{"result":{"buyId":12`, "", nil},
		{"numbers", 500, `{"result":{"buyId":12,"sourceIds":[{"sourceId": 34 }]}}`, "12", []string{"34"}},
		{"a bare list", 500, `{"result":{"sourceIds":["s-1", null, 7, "s-1"]}}`, "", []string{"s-1", "7"}},
		{"a bare list that is cut", 200, `{"result":{"sourceIds":["s-1","s-2`, "", []string{"s-1"}},
		{"another spelling, within a page", 502, `<pre>{"BuyID" : "b-1"}</pre>`, "b-1", nil},
		{"a refusal that names a purchase", 400, `{"error":{"code":400,"status":"INVALID_ARGUMENT","details":[{"buyId":"b-1"}]}}`, "b-1", nil},
		{"two answers in one", 500, `{"result":{"buyId":"b-1"}}{"result":{"buyId":"b-2"}}`, "b-1, b-2", nil},
		{"an id that is none", 500, `{"result":{"buyId":"` + strings.Repeat("x", 257) + `","sourceIds":[{"sourceId":" "}]}}`, "", nil},
		{"control characters", 500, "{\"result\":{\"buyId\":\"b\x1b[2J\"}}", "", nil},
		{"more than can be", 500, `{"result":{"sourceIds":[` + strings.Join(many, ",") + `]}}`, "", distinct(idsOf(namedSourceID, []byte(strings.Join(many[:MaxNamedIDs], ","))))},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := clientOver(t, answering(tt.status, tt.body))
			_, err := c.CreateInstance(context.Background(), "cn-north-1", anOrder)
			e := asError(t, err)
			if e.Class != InDoubt || e.BuyID != tt.buyID {
				t.Errorf("%s, buyId %q, want %q", e.Class, e.BuyID, tt.buyID)
			}
			if diff := cmp.Diff(tt.sources, e.SourceIDs); diff != "" {
				t.Errorf("sourceIds (-want +got):\n%s", diff)
			}
		})
	}
}

func TestARefusalNamesNothing(t *testing.T) {
	body := `{"error":{"code":400,"status":"INVALID_ARGUMENT","message":"buyId is not an argument"},"result":{"buyId":"","sourceIds":[]}}`
	e := asError(t, create(clientOver(t, answering(400, body))))
	if e.Class != Rejected || e.BuyID != "" || e.SourceIDs != nil {
		t.Errorf("%+v", *e)
	}
}
