package bastion

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// DescribeSourceID returns the instance that an order's source became. Found is false while there is none: the API
// may say so by a 404, a null or an empty bastion (unknown which), and none of them means that nothing was bought.
// Its error is an *Error; the call only reads and may be made again.
func (c *Client) DescribeSourceID(ctx context.Context, region, sourceID string) (b Bastion, found bool, err error) {
	return c.describeOne(ctx, call{op: "describeSourceId", method: http.MethodGet, region: region, path: []string{"order", sourceID}})
}

// DescribeBastion returns the instance with the given bid. Found is false where the region shows none, which is no proof
// that there is none: instances appear some time after they were bought. Its error is an *Error; the call only reads and
// may be made again.
func (c *Client) DescribeBastion(ctx context.Context, region, bid string) (b Bastion, found bool, err error) {
	return c.describeOne(ctx, call{op: "describeBastion", method: http.MethodGet, region: region, path: []string{"bastion", bid}})
}

// describeOne makes a call that shows one instance, or in one of several ways none.
func (c *Client) describeOne(ctx context.Context, k call) (b Bastion, found bool, err error) {
	var result struct {
		Bastion *Bastion `json:"bastion"`
	}
	switch _, failed := c.read(ctx, k, &result); {
	case failed != nil && notFound(failed):
		return Bastion{}, false, nil
	case failed != nil:
		return Bastion{}, false, failed
	case result.Bastion == nil || result.Bastion.BID == "" && result.Bastion.InstanceID == "":
		return Bastion{}, false, nil
	}
	return *result.Bastion, true, nil
}

// notFound tells whether the API, in its error form, knows no such thing. A 404 that isn't the API's comes from a
// wrong endpoint.
func notFound(e *Error) bool {
	return e.Code != "" && (e.HTTPStatus == http.StatusNotFound || e.Code == "404" || strings.HasSuffix(e.Code, "NOT_FOUND"))
}

// The bounds of a listing's pages (documented).
const (
	MinPageSize = 10
	MaxPageSize = 100
)

// A Page asks for a part of a region's listing, oldest instances first.
type Page struct {
	Number int // from 1
	Size   int // MinPageSize to MaxPageSize
}

// A BastionPage is a part of a region's listing. Listings lag behind purchases, and unpaid orders may be in none.
type BastionPage struct {
	Bastions   []Bastion
	TotalCount int // instances in the whole listing
	RequestID  string
}

// DescribeBastions returns a page of a region's instances. Its error is an *Error; the call only reads and may be
// made again.
func (c *Client) DescribeBastions(ctx context.Context, region string, p Page) (BastionPage, error) {
	k := call{op: "describeBastions", method: http.MethodGet, region: region, path: []string{"bastions"}}
	if p.Number < 1 || p.Size < MinPageSize || p.Size > MaxPageSize {
		return BastionPage{}, k.fail(Rejected, fmt.Errorf("page %d of %d: pages count from 1 and have %d to %d instances",
			p.Number, p.Size, MinPageSize, MaxPageSize))
	}
	k.query = url.Values{
		"pageNumber":        {strconv.Itoa(p.Number)},
		"pageSize":          {strconv.Itoa(p.Size)},
		"sorts.1.direction": {"asc"},
		"sorts.1.name":      {"createTime"},
	}
	var result *struct {
		Bastions   []Bastion `json:"bastions"`
		TotalCount Integer   `json:"totalCount"`
	}
	requestID, failed := c.read(ctx, k, &result)
	switch {
	case failed != nil:
		return BastionPage{}, failed
	case result == nil || result.Bastions == nil && result.TotalCount != 0:
		// It must not pass for an empty region: somebody may conclude from it that nothing was bought.
		return BastionPage{}, k.fail(InDoubt, errors.New("the answer has no list of instances"))
	}
	return BastionPage{Bastions: result.Bastions, TotalCount: int(result.TotalCount), RequestID: requestID}, nil
}

// read makes a call that changes nothing and decodes its result. Unlike a create, net/http may send it again on a
// fresh connection when an idle one turns out closed.
func (c *Client) read(ctx context.Context, k call, result any) (requestID string, failed *Error) {
	a, failed := c.send(ctx, k)
	switch {
	case failed != nil:
		return "", failed
	case a.status/100 != 2 || a.apiError != nil || !a.clean:
		return "", a.failure(k)
	case len(a.result) == 0:
		return a.requestID, nil
	}
	if err := json.Unmarshal(a.result, result); err != nil {
		return "", k.fail(InDoubt, fmt.Errorf("the result can't be read: %w", err))
	}
	return a.requestID, nil
}
