package state

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

// drawRecord draws any record, most of them of the kind that the scanner reads.
func drawRecord(t *rapid.T) order.Record {
	text := rapid.StringN(0, 12, -1)
	count := rapid.IntRange(0, 1000)
	at := rapid.Custom(func(t *rapid.T) time.Time {
		return time.Unix(rapid.Int64Range(0, 4e9).Draw(t, "s"), rapid.Int64Range(0, 999_999_999).Draw(t, "ns")).UTC()
	})
	address := order.Address{Name: "branch", Key: rapid.SampledFrom([]order.Key{
		order.NoKey, order.IndexKey(7), order.TextKey("bj"), order.TextKey(`a "b" \c é`),
	}).Draw(t, "key")}
	asked := rapid.Custom(func(t *rapid.T) order.Order {
		return order.Order{
			Address: address, Region: text.Draw(t, "region"), AZ: text.Draw(t, "az"), Spec: text.Draw(t, "spec"),
			Quantity: count.Draw(t, "quantity"), IPVersion: "v4&v6", Desc: text.Draw(t, "desc"),
			Charge: order.Charge{
				Mode: text.Draw(t, "mode"), Duration: count.Draw(t, "duration"), AutoPay: rapid.Bool().Draw(t, "pay"),
			},
			Sensitive: rapid.SampledFrom([]order.FieldSet{0, order.FieldSetOf(order.FieldDesc), order.Hideable}).Draw(t, "sensitive"),
		}
	})
	failure := rapid.Custom(func(t *rapid.T) *order.Failure {
		return &order.Failure{
			Class: order.ClassRejected, HTTPStatus: 400 + count.Draw(t, "status"), Message: text.Draw(t, "message"),
			BuyID: text.Draw(t, "named"), SourceIDs: rapid.SampledFrom([][]string{nil, {"src-1", "src-2"}}).Draw(t, "sources"),
		}
	})
	r := order.Record{
		Address: address, Order: asked.Draw(t, "order"), Attempt: count.Draw(t, "attempt"), UpdatedAt: at.Draw(t, "updated"),
	}
	calledFor := rapid.SampledFrom([]order.Address{{}, {}, {Name: "old"}, {Name: "old", Key: order.TextKey(`"\`)}})
	purchase := rapid.Custom(func(t *rapid.T) order.Purchase {
		return order.Purchase{
			Attempt: count.Draw(t, "attempt"), BuyID: text.Draw(t, "buy"), RequestID: text.Draw(t, "request"),
			SourceIDs: []string{text.Draw(t, "source"), "src-1"},
			BIDs:      rapid.SampledFrom([][]string{nil, {"bid-1"}, {"bid-1", `"\`}}).Draw(t, "bids"), Quantity: count.Draw(t, "quantity"),
			Run: text.Draw(t, "run"), Marker: "[bf:0123456789ABCDEF]", Unpaid: rapid.Bool().Draw(t, "unpaid"),
			Imported: rapid.Bool().Draw(t, "imported"), At: at.Draw(t, "at"), For: calledFor.Draw(t, "for"),
		}
	})
	for range rapid.IntRange(0, 3).Draw(t, "purchases") {
		r.Purchases = append(r.Purchases, purchase.Draw(t, "purchase"))
	}
	if rapid.IntRange(0, 4).Draw(t, "past") == 0 {
		r.Former, r.Gone = []order.Purchase{purchase.Draw(t, "former")}, rapid.Bool().Draw(t, "gone")
	}
	switch rapid.IntRange(0, 4).Draw(t, "kind") {
	case 0:
		r.Failure = failure.Draw(t, "failure")
	case 1:
		r.Doubt = &order.Intent{Run: text.Draw(t, "run"), Attempt: r.Attempt, Order: asked.Draw(t, "doubt"), At: at.Draw(t, "at"),
			Imported: rapid.Bool().Draw(t, "imported"), For: calledFor.Draw(t, "for")}
		r.DoubtWhy = failure.Draw(t, "why")
	}
	return r
}

func TestRecordsComeBackAsTheyWere(t *testing.T) {
	s := scanner{names: make(map[string]string)}
	rapid.Check(t, func(t *rapid.T) {
		want := drawRecord(t)
		encoded, err := encodeRecord(want)
		if err != nil {
			t.Fatal(err)
		}
		var got entry
		if err := s.decodeRecord(want.Address.String(), encoded.sealed, &got); err != nil {
			t.Fatalf("%v\n%s", err, encoded.sealed)
		}
		if diff := cmp.Diff(want, got.record, sameAddress); diff != "" || got.crc != encoded.crc {
			t.Fatalf("record of crc %x and %x (-want +got):\n%s\n%s", encoded.crc, got.crc, diff, encoded.sealed)
		}
	})
}

// TestTheScannerAgreesWithJSON holds the scanner to encoding/json, on what was written and on what was altered:
// whatever it reads, it reads alike.
func TestTheScannerAgreesWithJSON(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		encoded, err := encodeRecord(drawRecord(t))
		if err != nil {
			t.Fatal(err)
		}
		sealed := encoded.sealed
		if rapid.Bool().Draw(t, "altered") {
			at := rapid.IntRange(0, len(sealed)-sealLength-1).Draw(t, "at")
			sealed[at] = rapid.SampledFrom([]byte(`"\,:{}[]0a`)).Draw(t, "byte")
		}
		s := scanner{names: make(map[string]string)}
		scanned, ok := s.scanRecord(sealed)
		var parsed diskRecord
		if !ok || !utf8.Valid(sealed) || json.Unmarshal(sealed, &parsed) != nil {
			return // left to encoding/json, whose error stands
		}
		if len(scanned.Purchases) == 0 {
			scanned.Purchases = nil
		}
		if !reflect.DeepEqual(*scanned, parsed) {
			t.Fatalf("%s\nscanned %+v\nparsed  %+v", sealed, *scanned, parsed)
		}
	})
}

func TestTheScannerReadsBoughtRecords(t *testing.T) {
	o := testOrder(1)
	o.IPVersion, o.Desc = order.IPv4v6, `北京 "HQ"`
	o.Sensitive = order.FieldSetOf(order.FieldDesc, order.FieldBuyScenario)
	encoded, err := encodeRecord(order.Record{
		Address: o.Address, Order: o, Attempt: 1, UpdatedAt: testTime,
		Purchases: []order.Purchase{
			{Attempt: 1, BuyID: "b", SourceIDs: []string{"s1", "s2"}, Quantity: 2, Unpaid: true, At: testTime, For: order.Address{Name: "old"}},
			{Attempt: 2, BIDs: []string{"bid-1", "bid-2"}, Quantity: 2, At: testTime},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	s := scanner{names: make(map[string]string)}
	if _, ok := s.scanRecord(encoded.sealed); !ok {
		t.Errorf("left to encoding/json: %s", encoded.sealed)
	}
}

// A record of version 2 has nothing sensitive.
func TestRecordsOfTheSecondVersion(t *testing.T) {
	address := order.Address{Name: "gw"}
	sealed, _ := seal([]byte(`{"v":2,"address":"order.gw","attempt":1,"updated_at":"2026-11-23T10:15:00Z",` +
		`"order":{"region":"cn-north-1","quantity":2,"desc":"a branch"},` +
		`"purchases":[{"attempt":1,"bids":["bid-1"],"quantity":2,"imported":true,"at":"2026-11-23T10:15:00Z"}]}`))
	var got entry
	if err := (&scanner{names: make(map[string]string)}).decodeRecord("order.gw", sealed, &got); err != nil {
		t.Fatal(err)
	}
	want := order.Record{
		Address: address, Attempt: 1, UpdatedAt: testTime,
		Order:     order.Order{Address: address, Region: "cn-north-1", Quantity: 2, Desc: "a branch"},
		Purchases: []order.Purchase{{Attempt: 1, BIDs: []string{"bid-1"}, Quantity: 2, Imported: true, At: testTime}},
	}
	if diff := cmp.Diff(want, got.record, sameAddress); diff != "" {
		t.Error(diff)
	}
}

// A record of version 1 is read as it was meant, and written again as one of today.
func TestRecordsOfTheFirstVersion(t *testing.T) {
	address := testOrder(1).Address
	sealed, _ := seal([]byte(`{"v":1,"address":"` + strings.ReplaceAll(address.String(), `"`, `\"`) + `","attempt":1,` +
		`"updated_at":"2026-11-23T10:15:00Z","order":{"region":"cn-north-1","quantity":2},` +
		`"doubt":{"run":"r","attempt":1,"digest":"` + testOrder(1).Digest().String() + `","order":{"region":"cn-north-1","quantity":2},"at":"2026-11-23T10:15:00Z"},` +
		`"doubt_why":{"class":"in_doubt","http_status":500,"message":"oops","request_id":"req-1"}}`))
	var got entry
	if err := (&scanner{names: make(map[string]string)}).decodeRecord(address.String(), sealed, &got); err != nil {
		t.Fatal(err)
	}
	o := order.Order{Address: address, Region: "cn-north-1", Quantity: 2}
	want := order.Record{
		Address: address, Order: o, Attempt: 1, UpdatedAt: testTime,
		Doubt:    &order.Intent{Run: "r", Attempt: 1, Order: o, At: testTime},
		DoubtWhy: &order.Failure{HTTPStatus: 500, Message: "oops", RequestID: "req-1"},
	}
	if diff := cmp.Diff(want, got.record, sameAddress); diff != "" {
		t.Error(diff)
	}
}
