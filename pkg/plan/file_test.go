package plan_test

import (
	"bytes"
	"compress/gzip"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
	"github.com/bastion-fleet/bastion-fleet/pkg/plan"
)

func file(p plan.Plan) plan.File {
	return plan.File{
		ID: "0191", Created: noon, Expires: noon.Add(7 * 24 * time.Hour), Program: "0.1.0",
		Account: "acc1", Endpoint: "https://bastion.jdcloud-api.com/v1", State: "/fleets/branches/.bastion-fleet/state.db", Plan: p,
	}
}

func encode(t interface{ Fatal(...any) }, f plan.File) []byte {
	var out bytes.Buffer
	if err := f.Encode(&out, key); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// key seals the files of these tests.
var key = plan.NewKey([plan.KeySize]byte{1, 2, 3})

// decode reads a file and checks its seal.
func decode(raw []byte) (plan.File, error) {
	s, err := plan.Decode(bytes.NewReader(raw))
	if err != nil {
		return plan.File{}, err
	}
	return s.Open(key)
}

func TestFileRoundTrip(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		in := drawCampaign(rt)
		in.Latency = time.Duration(rapid.IntRange(0, 9).Draw(rt, "latency")) * time.Second
		if rapid.Bool().Draw(rt, "selected") {
			in.Selection.Region = []string{"cn-east-1"}
		}
		want := file(planned(rt, in))
		raw := encode(rt, want)
		got, err := decode(raw)
		if err != nil {
			rt.Fatal(err)
		}
		if diff := cmp.Diff(want, got, cmpOrder, cmpEmpty); diff != "" {
			rt.Error(diff)
		}
		if !bytes.Equal(raw, encode(rt, got)) {
			rt.Error("written again, the file differs")
		}
	})
}

// TestNoBitOfAFileCanChange flips each bit in turn.
func TestNoBitOfAFileCanChange(t *testing.T) {
	raw := encode(t, file(build(t, []order.Order{wish(t, "order.a")}, nil, plan.Selection{})))
	for i := range raw {
		for bit := range 8 {
			broken := bytes.Clone(raw)
			broken[i] ^= 1 << bit
			_, err := decode(broken)
			// The digits of the seal may change case and stay the same number.
			if err == nil && !bytes.EqualFold(broken, raw) {
				t.Errorf("bit %d of byte %d changed unnoticed", bit, i)
			}
		}
	}
	for n := range raw {
		if _, err := decode(raw[:n]); err == nil {
			t.Errorf("cut after %d of %d bytes unnoticed", n, len(raw))
		}
	}
}

// forge unpacks a file, edits its JSON and gives it a checksum and a seal that fit.
func forge(t *testing.T, raw []byte, old, new string) []byte {
	t.Helper()
	_, body, _ := bytes.Cut(raw, []byte("\n"))
	text := unpack(t, body)
	if !bytes.Contains(text, []byte(old)) {
		t.Fatalf("%s is not in %s", old, text)
	}
	return seal(t, bytes.Replace(text, []byte(old), []byte(new), 1))
}

func unpack(t testing.TB, body []byte) []byte {
	t.Helper()
	unzip, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(unzip)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// seal makes a plan file of the JSON that it is to hold, as who has the key can.
func seal(t testing.TB, text []byte) []byte {
	t.Helper()
	var packed bytes.Buffer
	zip := gzip.NewWriter(&packed)
	if _, err := zip.Write(text); err != nil {
		t.Fatal(err)
	}
	if err := zip.Close(); err != nil {
		t.Fatal(err)
	}
	start := fmt.Sprintf("bastion-fleet-plan 4 %x ", sha256.Sum256(packed.Bytes()))
	mac := hmac.New(sha256.New, append([]byte{1, 2, 3}, make([]byte, plan.KeySize-3)...))
	fmt.Fprintf(mac, "%s%s", start, packed.Bytes())
	return append(fmt.Appendf(nil, "%s%x\n", start, mac.Sum(nil)), packed.Bytes()...)
}

func TestDecodeRefuses(t *testing.T) {
	east := func(o *order.Order) { o.Region = "cn-east-1" }
	p := build(t,
		[]order.Order{wish(t, "order.a"), wish(t, "order.b"), wish(t, "order.g", func(o *order.Order) { o.Quantity = 3 }), wish(t, "order.h", east)},
		[]order.Record{bought(wish(t, "order.g"))}, plan.Selection{})
	raw := encode(t, file(p))
	sum := strings.Repeat("0", 64)
	tests := []struct {
		name   string
		raw    []byte
		reason error
		detail string
	}{
		{"an empty file", nil, plan.ErrNotPlanFile, "begin"},
		{"a fleet file", []byte("fleet \"x\" {}\n"), plan.ErrNotPlanFile, "begin"},
		{"a file without lines", bytes.Repeat([]byte("x"), 10_000), plan.ErrNotPlanFile, "begin"},
		{"no version", []byte("bastion-fleet-plan x " + sum + "\n"), plan.ErrNotPlanFile, "begin"},
		{"a newer version", []byte("bastion-fleet-plan 5 whatever it says\n"), plan.ErrNewerVersion, "version 5"},
		{"a version without a seal", []byte("bastion-fleet-plan 1 " + sum + "\n"), plan.ErrOlderVersion, "version 1"},
		{"a version without prices", []byte("bastion-fleet-plan 2 " + sum + " " + sum + "\n"), plan.ErrOlderVersion, "version 2, this program reads version 4"},
		{"a version without waves", []byte("bastion-fleet-plan 3 " + sum + " " + sum + "\n"), plan.ErrOlderVersion, "version 3, this program reads version 4"},
		{"no checksum", []byte("bastion-fleet-plan 4 \n"), plan.ErrAltered, "checksum"},
		{"no seal", []byte("bastion-fleet-plan 4 " + sum + "\n"), plan.ErrAltered, "seal"},
		{"half a seal", []byte("bastion-fleet-plan 4 " + sum + " " + sum[:62] + "\n"), plan.ErrAltered, "seal"},
		{"another checksum", []byte("bastion-fleet-plan 4 " + sum + " " + sum + "\n"), plan.ErrAltered, "its checksum does not match"},
		{"a flipped bit", append(bytes.Clone(raw[:len(raw)-1]), raw[len(raw)-1]^1), plan.ErrAltered, "its checksum does not match"},
		{"a forged spec", forge(t, raw, "bastion-50", "bastion-5000"), plan.ErrAltered, "order.h does not match its digest"},
		{"a forged quantity", forge(t, raw, `"quantity":2`, `"quantity":200`), plan.ErrAltered, "digest"},
		{"a forged action", forge(t, raw, `"action":"grow"`, `"action":"create"`), plan.ErrAltered, "order.g is to create"},
		{"a forgotten purchase", forge(t, raw, `"purchases":[`, `"purchases":[],"was":[`), plan.ErrAltered, "unknown field"},
		{"an order twice", forge(t, raw, `"address":"order.b"`, `"address":"order.a"`), plan.ErrAltered, "order.a is named twice"},
		{"an order twice, in two regions", forge(t, raw, `"address":"order.h"`, `"address":"order.a"`), plan.ErrAltered, "order.a is named twice"},
		{"orders out of place", forge(t, raw, `"address":"order.b"`, `"address":"order.z"`), plan.ErrAltered, "order.g is out of place"},
		{"a record of another address", forge(t, raw, `"known":{"address":"order.g"`, `"known":{"address":"order.i"`), plan.ErrAltered, "both order.g and order.i"},
		{"a change missing", forge(t, raw, `"changes":4`, `"changes":5`), plan.ErrAltered, "change 5 of 5"},
		{"a change too many", forge(t, raw, `"changes":4`, `"changes":3`), plan.ErrAltered, "more than the 3"},
		{"a count out of bounds", forge(t, raw, `"changes":4`, `"changes":-4`), plan.ErrAltered, "-4"},
		{"an unknown field", forge(t, raw, `"fleet":`, `"ships":1,"fleet":`), plan.ErrAltered, "ships"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := decode(test.raw)
			if !errors.Is(err, test.reason) || !strings.Contains(err.Error(), test.detail) {
				t.Errorf("got %v, want %v with %q", err, test.reason, test.detail)
			}
		})
	}
}

// TestDecodeRefusesWhatNoFleetAsksFor: the digests of such a file agree, as whoever edits it can make them.
func TestDecodeRefusesWhatNoFleetAsksFor(t *testing.T) {
	tests := []struct {
		name   string
		edit   func(*plan.Plan)
		detail string
	}{
		{"no call at a time", func(p *plan.Plan) { p.Rollout.Parallelism = 0 }, "limits"},
		{"too many calls at a time", func(p *plan.Plan) { p.Rollout.Parallelism = order.MaxParallelism + 1 }, "limits"},
		{"fewer than no calls in a region", func(p *plan.Plan) { p.Rollout.ParallelismPerRegion = -1 }, "limits"},
		{"a rate that lifts the limit", func(p *plan.Plan) { p.Rollout.RatePerRegion = -1 }, "limits"},
		{"a settle that nothing needs", func(p *plan.Plan) { p.Rollout.Settle = order.MinSettle }, "limits"},
		{"fewer than no orders", func(p *plan.Plan) { p.Limits.MaxOrders = ptr(-1) }, "limits"},
		{"fewer than no instances", func(p *plan.Plan) { p.Limits.MaxInstances = ptr(-1) }, "limits"},
		{"a ceiling that no sum can reach", func(p *plan.Plan) { p.Limits.MaxSpend = ptr(order.MaxAmount) }, "limits"},
		{"a price so high that sums end at the most there is", func(p *plan.Plan) {
			p.Prices = order.Prices{Currency: "CNY", List: map[order.PriceOf]order.Amount{{Spec: "s", Unit: order.UnitYear}: order.MaxPrice + 1}}
		}, "prices"},
		{"prices of a currency that is none", func(p *plan.Plan) { p.Prices.Currency = "CNY\n" }, "prices"},
		{"prices of no currency", func(p *plan.Plan) {
			p.Prices = order.Prices{List: map[order.PriceOf]order.Amount{{Spec: "s", Unit: order.UnitYear}: 1}}
		}, "prices"},
		{"a settle that is none", func(p *plan.Plan) { p.Rollout.OnInDoubt = order.RebuyAfterSettle }, "limits"},
		{"a settle without an end", func(p *plan.Plan) {
			p.Rollout.OnInDoubt, p.Rollout.Settle = order.RebuyAfterSettle, order.MaxSettle+1
		}, "limits"},
		{"fewer than no doubts", func(p *plan.Plan) { p.Rollout.MaxInDoubt = -1 }, "limits"},
		{"a call that takes less than no time", func(p *plan.Plan) { p.Latency = -1 }, "limits"},
		{"too many instances", func(p *plan.Plan) { p.Changes[0].Order.Quantity = order.MaxQuantity + 1 }, "order.a can't be bought: quantity"},
		{"no region", func(p *plan.Plan) { p.Changes[0].Order.Region = "" }, "order.a can't be bought: region"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			p := build(t, []order.Order{wish(t, "order.a")}, nil, plan.Selection{})
			test.edit(&p)
			_, err := decode(encode(t, file(p)))
			if !errors.Is(err, plan.ErrAltered) || !strings.Contains(err.Error(), test.detail) {
				t.Errorf("got %v, want %v with %q", err, plan.ErrAltered, test.detail)
			}
		})
	}
}

// TestDecodeRefusesWavesThatCantBe: nobody may be told of a canary, and buy the fleet.
func TestDecodeRefusesWavesThatCantBe(t *testing.T) {
	r := order.DefaultRollout()
	r.Waves = []order.Wave{{Name: "canary", Orders: []order.Pattern{pattern(t, "order.bj*")}, MaxOrders: 2}, {Name: "north", Regions: []string{"bj"}}}
	orders := fleetOf(t, map[string]int{"bj": 5, "sh": 1})
	held := doubtful(order.Record{}, orders[1])
	gone := boughtBy("run-1", wish(t, "order.bj[9]", func(o *order.Order) { o.Region = "bj" }))
	for _, test := range []struct {
		name   string
		edit   func(*plan.Plan)
		detail string // "": it is read
	}{
		{"as it was planned", func(*plan.Plan) {}, ""},
		{"a wave that is none", func(p *plan.Plan) { p.Changes[4].Wave = 3 }, "order.bj[4] is in wave 3 of 3"},
		{"a wave before the first", func(p *plan.Plan) { p.Changes[4].Wave = -1 }, "order.bj[4] is in wave -1 of 3"},
		{"a wave of what is not bought", func(p *plan.Plan) { p.Changes[1].Wave = 1 }, "order.bj[1] is in wave 1 of 3"},
		{"a wave that does not name the order", func(p *plan.Plan) { p.Changes[6].Wave = 0 }, "order.sh[0] is in wave canary, which does not name it"},
		{"a wave of another region", func(p *plan.Plan) { p.Changes[6].Wave = 1 }, "order.sh[0] is in wave north, which does not name it"},
		{"more than a wave's bound", func(p *plan.Plan) { p.Changes[4].Wave = 0 }, "wave canary takes 3 orders, and 2 at most"},
		{"what is bought already", func(p *plan.Plan) { p.Waves[1].Bought = []order.Address{orders[4].Address} }, "order.bj[4] is to be bought, and its wave has it already"},
		{"an order told of twice", func(p *plan.Plan) { p.Waves[1].Bought = p.Waves[0].Bought }, "wave north tells of order.bj[9] twice"},
		{"orders told of out of place", func(p *plan.Plan) {
			p.Waves[2].InDoubt = []order.Address{address(t, "order.z"), address(t, "order.y")}
		}, "wave remaining tells of order.y twice or out of place"},
		{"orders left out of the whole fleet", func(p *plan.Plan) { p.Waves[1].LeftOut = 1 }, "wave north leaves out 1 orders"},
		{"more orders left out than there are", func(p *plan.Plan) { p.Selected, p.Waves[1].LeftOut = true, plan.MaxChanges+1 }, "wave north leaves out 1000001 orders"},
		{"fewer than no orders left out", func(p *plan.Plan) { p.Waves[1].LeftOut = -1 }, "wave north leaves out -1 orders"},
		{"a wave too few", func(p *plan.Plan) { p.Waves = p.Waves[:1] }, "it tells of 1 waves, its rollout has 2"},
		{"waves of a rollout without", func(p *plan.Plan) { p.Rollout.Waves = nil }, "it tells of 3 waves, its rollout has 0"},
		{"no waves, and orders in them", func(p *plan.Plan) { p.Rollout.Waves, p.Waves = nil, nil }, "is in wave 1 of 0"},
		{"a name twice", func(p *plan.Plan) { p.Rollout.Waves[1].Name = "canary" }, "limits"},
		{"a name that is none", func(p *plan.Plan) { p.Rollout.Waves[1].Name = "a b" }, "limits"},
		{"the name of what remains", func(p *plan.Plan) { p.Rollout.Waves[1].Name = order.RemainingWave }, "limits"},
		{"a bake without an end", func(p *plan.Plan) { p.Rollout.Waves[1].Bake = order.MaxBake + 1 }, "limits"},
		{"a bake before it begins", func(p *plan.Plan) { p.Rollout.Waves[1].Bake = -1 }, "limits"},
		{"more than all", func(p *plan.Plan) { p.Rollout.Waves[1].Percent = 101 }, "limits"},
		{"fewer than no orders", func(p *plan.Plan) { p.Rollout.Waves[1].MaxOrders = -1 }, "limits"},
		{"no call at a time in a region", func(p *plan.Plan) { p.Rollout.Regions = []order.RegionRollout{{Region: "bj"}} }, "limits"},
		{"a region twice", func(p *plan.Plan) {
			one := order.RegionRollout{Region: "bj", Limits: order.RegionLimits{Parallelism: 1}}
			p.Rollout.Regions = []order.RegionRollout{one, one}
		}, "limits"},
		{"a pattern that is none", func(p *plan.Plan) { p.Rollout.Waves[1].Orders = []order.Pattern{{}} }, "its head is not readable"},
	} {
		t.Run(test.name, func(t *testing.T) {
			own := r
			own.Waves = slices.Clone(r.Waves)
			p := planned(t, plan.Input{Orders: orders, Rollout: own, Known: plan.Known{
				Records: []order.Record{held, gone}, Campaign: plan.Campaign{Runs: []string{"run-1"}},
			}})
			test.edit(&p)
			_, err := decode(encode(t, file(p)))
			if test.detail == "" && err == nil {
				return
			}
			if !errors.Is(err, plan.ErrAltered) || !strings.Contains(err.Error(), test.detail) {
				t.Errorf("got %v, want %v with %q", err, plan.ErrAltered, test.detail)
			}
		})
	}
}

// TestOnlyTheKeysOwnerMakesPlans: every checksum and digest of these files fits.
func TestOnlyTheKeysOwnerMakesPlans(t *testing.T) {
	f := file(build(t, []order.Order{wish(t, "order.a")}, nil, plan.Selection{}))
	dearer := file(build(t, []order.Order{wish(t, "order.a", func(o *order.Order) { o.Quantity = 9 })}, nil, plan.Selection{}))
	line, _, _ := bytes.Cut(encode(t, f), []byte("\n"))
	_, body, _ := bytes.Cut(encode(t, dearer), []byte("\n"))
	words := strings.Fields(string(line))
	transplant := append(fmt.Appendf(nil, "%s %s %x %s\n", words[0], words[1], sha256.Sum256(body), words[3]), body...)
	var elsewhere bytes.Buffer
	if err := dearer.Encode(&elsewhere, plan.NewKey([plan.KeySize]byte{9})); err != nil {
		t.Fatal(err)
	}
	for name, raw := range map[string][]byte{"another's key": elsewhere.Bytes(), "another plan's seal": transplant} {
		s, err := plan.Decode(bytes.NewReader(raw))
		if err != nil {
			t.Fatal(err)
		}
		for _, k := range []plan.Key{key, {}} {
			if got, err := s.Open(k); !errors.Is(err, plan.ErrForeign) || got.ID != "" || got.Plan.Changes != nil {
				t.Errorf("%s: %v, %v", name, got, err)
			}
		}
		if got, err := s.OpenUnchecked(); err != nil || got.Plan.Changes[0].Order.Quantity != 9 {
			t.Errorf("%s, to be shown: %v, %v", name, got, err)
		}
	}
}

func TestNoPlanIsWrittenWithoutAKey(t *testing.T) {
	var out bytes.Buffer
	if err := file(build(t, nil, nil, plan.Selection{})).Encode(&out, plan.Key{}); err == nil || out.Len() > 0 {
		t.Errorf("%v, and %d bytes", err, out.Len())
	}
}

func TestKeyTellsNothing(t *testing.T) {
	secret := [plan.KeySize]byte([]byte(strings.Repeat("Sesame! ", 4)))
	k := plan.NewKey(secret)
	nested := struct{ inner plan.Key }{k}
	var out bytes.Buffer
	for _, v := range []any{k, &k, nested, &nested, []plan.Key{k}} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x"} {
			fmt.Fprintf(&out, verb+"\n", v)
		}
		text, _ := json.Marshal(v)
		out.Write(text)
	}
	for _, form := range []string{"Sesame", fmt.Sprintf("%x", "Sesame"), fmt.Sprint([]byte("Sesame"))[1:20]} {
		if strings.Contains(out.String(), form) {
			t.Errorf("the key was printed:\n%s", out.String())
		}
	}
}

func TestCheck(t *testing.T) {
	f := file(build(t, []order.Order{wish(t, "order.a")}, nil, plan.Selection{}))
	here := plan.Here{Now: noon.Add(time.Hour), Fleet: "branches", Lineage: "lineage-1", Serial: 7, Account: f.Account, Endpoint: f.Endpoint}
	fresh := f
	fresh.Plan.Lineage, fresh.Plan.Serial = "", 0
	tests := []struct {
		name   string
		file   plan.File
		edit   func(*plan.Here)
		reason error
	}{
		{"as planned", f, func(h *plan.Here) {}, nil},
		{"account and endpoint not known", f, func(h *plan.Here) { h.Account, h.Endpoint = "", "" }, nil},
		{"still no state", fresh, func(h *plan.Here) { h.Lineage, h.Serial = "", 0 }, nil},
		{"in the last moment", f, func(h *plan.Here) { h.Now = f.Expires.Add(-1) }, nil},
		{"too late", f, func(h *plan.Here) { h.Now = f.Expires }, plan.ErrExpired},
		{"after another apply", f, func(h *plan.Here) { h.Serial++ }, plan.ErrStale},
		{"after an older state was put back", f, func(h *plan.Here) { h.Serial-- }, plan.ErrStale},
		{"after the state began", fresh, func(h *plan.Here) { h.Serial = 0 }, plan.ErrStale},
		{"after the state was lost", f, func(h *plan.Here) { h.Lineage, h.Serial = "", 0 }, plan.ErrOtherState},
		{"another fleet", f, func(h *plan.Here) { h.Fleet = "other" }, plan.ErrOtherState},
		{"another lineage", f, func(h *plan.Here) { h.Lineage = "lineage-2" }, plan.ErrOtherState},
		{"another account", f, func(h *plan.Here) { h.Account = "acc2" }, plan.ErrOtherState},
		{"another endpoint", f, func(h *plan.Here) { h.Endpoint = "http://127.0.0.1:1/v1" }, plan.ErrOtherState},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			h := here
			test.edit(&h)
			err := test.file.Check(h)
			if !errors.Is(err, test.reason) {
				t.Fatalf("got %v, want %v", err, test.reason)
			}
			var refused *plan.FileError
			if err != nil && (!errors.As(err, &refused) || refused.Hint() == "" || refused.Detail == "") {
				t.Errorf("%v lacks a detail or a hint", err)
			}
		})
	}
}

func TestActionNames(t *testing.T) {
	for a := plan.None; a <= plan.InDoubt; a++ {
		text, err := a.MarshalText()
		if err != nil {
			t.Fatal(err)
		}
		var back plan.Action
		if err := back.UnmarshalText(text); err != nil || back != a {
			t.Errorf("%s read back as %v, %v", text, back, err)
		}
	}
	if err := new(plan.Action).UnmarshalText([]byte("destroy")); err == nil {
		t.Error("destroy was read as an action")
	}
}
