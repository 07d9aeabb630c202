package bastion

import (
	"context"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestDescribeOneInstance(t *testing.T) {
	tests := []struct {
		name   string
		status int
		body   string
		want   Bastion
		found  bool
		class  Class
		fails  bool
	}{
		{name: "provisioned", status: 200, body: `{"result":{"bastion":{"bid":"bid-1","status":1.0,"chargeDuration":"3","desc":"d"}}}`,
			want: Bastion{BID: "bid-1", Status: StatusRunning, ChargeDuration: 3, Desc: "d"}, found: true},
		{name: "null", status: 200, body: `{"result":{"bastion":null}}`},
		{name: "empty", status: 200, body: `{"result":{"bastion":{"bid":"","regionId":"cn-north-1"}}}`},
		{name: "no result", status: 200, body: `{"requestId":"r"}`},
		{name: "404", status: 404, body: `{"error":{"code":404,"status":"NOT_FOUND","message":"no"}}`},
		{name: "404 of another name", status: 404, body: `{"error":{"code":404,"status":"ORDER_MISSING","message":"no"}}`},
		{name: "404 with HTTP 200", status: 200, body: `{"error":{"code":404,"status":"NOT_FOUND","message":"no"}}`},
		{name: "404 of somebody else", status: 404, body: `404 page not found`, fails: true},
		{name: "500", status: 500, fails: true},
		{name: "page", status: 200, body: `<html>`, fails: true},
		{name: "denied", status: 403, body: `{"error":{"code":403,"status":"HTTP_FORBIDDEN","message":"no"}}`, fails: true, class: Denied},
	}
	operations := map[string]func(c *Client, ctx context.Context, region, id string) (Bastion, bool, error){
		"order": (*Client).DescribeSourceID, "bastion": (*Client).DescribeBastion,
	}
	for path, describe := range operations {
		for _, tt := range tests {
			t.Run(path+"/"+tt.name, func(t *testing.T) {
				c := clientOver(t, tripper(func(r *http.Request) (*http.Response, error) {
					if got := r.URL.String(); got != "https://bastion.jdcloud-api.com/v1/regions/cn-north-1/"+path+"/a%2Fb%3Ac" {
						t.Errorf("called %s", got)
					}
					return reply(tt.status, tt.body), nil
				}))
				got, found, err := describe(c, context.Background(), "cn-north-1", "a/b:c")
				if tt.fails {
					if e := asError(t, err); e.Class != tt.class {
						t.Errorf("%s: %v", e.Class, e)
					}
					return
				}
				if err != nil || found != tt.found {
					t.Fatalf("found %v, %v", found, err)
				}
				if diff := cmp.Diff(tt.want, got); diff != "" {
					t.Error(diff)
				}
			})
		}
	}
}

func TestDescribeBastions(t *testing.T) {
	tests := []struct {
		name  string
		body  string
		want  BastionPage
		fails bool
	}{
		{name: "count as an int", body: `{"requestId":"r","result":{"bastions":[{"bid":"b"}],"totalCount":11}}`,
			want: BastionPage{Bastions: []Bastion{{BID: "b"}}, TotalCount: 11, RequestID: "r"}},
		{name: "count as a float", body: `{"result":{"bastions":[],"totalCount":0.0}}`, want: BastionPage{Bastions: []Bastion{}}},
		{name: "null for an empty list", body: `{"result":{"bastions":null,"totalCount":0}}`},
		{name: "null for a list that isn't empty", body: `{"result":{"bastions":null,"totalCount":3}}`, fails: true},
		{name: "no result", body: `{"requestId":"r"}`, fails: true},
		{name: "null result", body: `{"result":null}`, fails: true},
		{name: "count as a fraction", body: `{"result":{"bastions":[],"totalCount":1.5}}`, fails: true},
		{name: "list of texts", body: `{"result":{"bastions":["b"],"totalCount":1}}`, fails: true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := clientOver(t, tripper(func(r *http.Request) (*http.Response, error) {
				want := "pageNumber=2&pageSize=100&sorts.1.direction=asc&sorts.1.name=createTime"
				if r.URL.RawQuery != want || r.Method != http.MethodGet {
					t.Errorf("called %s %s", r.Method, r.URL)
				}
				return reply(200, tt.body), nil
			}))
			got, err := c.DescribeBastions(context.Background(), "cn-north-1", Page{Number: 2, Size: 100})
			if (err != nil) != tt.fails {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestArgumentsThatCannotBeSent(t *testing.T) {
	c := clientOver(t, tripper(func(r *http.Request) (*http.Response, error) {
		t.Errorf("called %s", r.URL)
		return reply(200, ""), nil
	}))
	ctx := context.Background()
	_, noRegion := c.CreateInstance(ctx, "", anOrder)
	_, dots := c.CreateInstance(ctx, "..", anOrder)
	_, _, noSource := c.DescribeSourceID(ctx, "cn-north-1", "")
	_, smallPage := c.DescribeBastions(ctx, "cn-north-1", Page{Number: 1, Size: 9})
	_, noPage := c.DescribeBastions(ctx, "cn-north-1", Page{Number: 0, Size: 10})
	_, header := c.CreateInstance(ctx, "cn-north-1\r\nX-A: b", anOrder)
	for _, err := range []error{noRegion, dots, header, noSource, smallPage, noPage} {
		if e := asError(t, err); e.Class != Rejected {
			t.Errorf("%s: %v", e.Class, e)
		}
	}
	cancelled, cancel := context.WithCancel(ctx)
	cancel()
	_, err := c.CreateInstance(cancelled, "cn-north-1", anOrder)
	if e := asError(t, err); e.Class != NotSent {
		t.Errorf("%s: %v", e.Class, e)
	}
}
