package bastion

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
)

// CreateInstance buys what r asks for, once: at most one request leaves, whatever happens to it. It succeeds when the
// API named the purchase. Otherwise its error is an *Error, and only a Class other than InDoubt means that nothing was
// bought. To cancel ctx while the call is in flight puts it in doubt.
func (c *Client) CreateInstance(ctx context.Context, region string, r CreateInstanceRequest) (CreateInstanceResult, error) {
	k := call{op: "createInstance", method: http.MethodPost, region: region, path: []string{"instances"}}
	body, err := encode(r)
	if err != nil {
		return CreateInstanceResult{}, k.fail(Rejected, err)
	}
	k.body = body
	a, failed := c.send(ctx, k)
	if failed != nil {
		return CreateInstanceResult{}, failed
	}
	result, bought := a.purchase()
	switch first := c.claims.claim(a.allIDs()); {
	case !bought:
		return CreateInstanceResult{}, a.failure(k)
	case !first:
		return CreateInstanceResult{}, a.repeated(k)
	}
	return result, nil
}

// purchase returns what a 2xx answer says was bought. An id is enough, whatever else is odd about the answer: to lose
// it would be worse than to take it. Only two buyIds are too many, for nobody knows whose the other one is.
func (a answer) purchase() (CreateInstanceResult, bool) {
	all := a.allIDs()
	if a.status/100 != 2 || a.ids.none() || len(all.buys) > 1 {
		return CreateInstanceResult{}, false
	}
	return CreateInstanceResult{BuyID: strings.Join(all.buys, ""), SourceIDs: all.sources, RequestID: a.requestID}, true
}

// allIDs are the result's ids, and then those that the body names elsewhere. They are looked for at need alone: a page of a
// listing is long, and names none.
func (a answer) allIDs() namedIDs {
	named := findIDs(a.body)
	return namedIDs{
		buys:    distinct(append(slices.Clone(a.ids.buys), named.buys...)),
		sources: distinct(append(slices.Clone(a.ids.sources), named.sources...)),
	}
}

// readIDs reads whatever ids a result has.
func readIDs(result json.RawMessage) namedIDs {
	var form struct {
		BuyID     text            `json:"buyId"`
		SourceIDs json.RawMessage `json:"sourceIds"`
	}
	var ids namedIDs
	if json.Unmarshal(result, &form) != nil {
		return ids
	}
	if id := strings.TrimSpace(string(form.BuyID)); id != "" {
		ids.buys = []string{id}
	}
	var sources []json.RawMessage
	if json.Unmarshal(form.SourceIDs, &sources) != nil {
		return ids
	}
	for _, source := range sources {
		if id := readSource(source); id != "" {
			ids.sources = append(ids.sources, id)
		}
	}
	return ids
}

// readSource reads {"sourceId": id}, which is documented, or the id alone.
func readSource(data json.RawMessage) string {
	var object struct {
		SourceID text `json:"sourceId"`
	}
	if json.Unmarshal(data, &object) == nil && object.SourceID != "" {
		return strings.TrimSpace(string(object.SourceID))
	}
	var id text
	if json.Unmarshal(data, &id) != nil {
		return ""
	}
	return strings.TrimSpace(string(id))
}
