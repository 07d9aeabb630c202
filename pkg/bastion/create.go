package bastion

import (
	"context"
	"encoding/json"
	"net/http"
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
	if !bought {
		return CreateInstanceResult{}, a.failure(k)
	}
	return result, nil
}

// purchase returns what a 2xx answer says was bought. An id is enough, whatever else is odd about the answer: to lose
// it would be worse than to take it.
func (a answer) purchase() (CreateInstanceResult, bool) {
	if a.status/100 != 2 {
		return CreateInstanceResult{}, false
	}
	result := readIDs(a.result)
	result.RequestID = a.requestID
	return result, result.BuyID != "" || len(result.SourceIDs) > 0
}

// namesPurchase tells whether the answer names one, be it beside an error or in a place where none belongs.
func (a answer) namesPurchase() bool {
	ids := readIDs(a.result)
	return a.buyID != "" || len(a.sourceIDs) > 0 || ids.BuyID != "" || len(ids.SourceIDs) > 0
}

// readIDs reads whatever ids a result has.
func readIDs(result json.RawMessage) CreateInstanceResult {
	var form struct {
		BuyID     text            `json:"buyId"`
		SourceIDs json.RawMessage `json:"sourceIds"`
	}
	if json.Unmarshal(result, &form) != nil {
		return CreateInstanceResult{}
	}
	ids := CreateInstanceResult{BuyID: strings.TrimSpace(string(form.BuyID))}
	var sources []json.RawMessage
	if json.Unmarshal(form.SourceIDs, &sources) != nil {
		return ids
	}
	for _, source := range sources {
		if id := readSource(source); id != "" {
			ids.SourceIDs = append(ids.SourceIDs, id)
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
