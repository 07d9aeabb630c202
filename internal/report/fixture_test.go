package report

import (
	"fmt"
	"iter"
	"math/rand/v2"
	"time"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
	"github.com/bastion-fleet/bastion-fleet/pkg/state"
)

// A script makes the entries of a run's log.
type script struct {
	head    Head
	entries []state.Entry
	now     time.Time
}

var began = time.Date(2026, 11, 23, 10, 15, 0, 0, time.UTC)

func newScript() *script {
	return &script{now: began, head: Head{
		Run:   state.RunInfo{ID: "20261123T101500Z-k7q2m9", Command: "apply", Parallelism: 32, Started: began},
		Fleet: "branch-bastions", Endpoint: "https://bastion.example/v1",
	}}
}

func (s *script) all() iter.Seq2[state.Entry, error] {
	return func(yield func(state.Entry, error) bool) {
		for _, e := range s.entries {
			if !yield(e, nil) {
				return
			}
		}
	}
}

func (s *script) add(e state.Entry) { s.entries = append(s.entries, e) }

func (s *script) wait(d time.Duration) { s.now = s.now.Add(d) }

func (s *script) note(n state.Note) {
	n.At = s.now
	e := state.Entry{At: s.now, Note: &n}
	if n.Address != "" {
		a, err := order.ParseAddress(n.Address)
		if err != nil {
			panic(err)
		}
		e.Address = a
	}
	s.add(e)
}

// marker is one that differs from attempt to attempt.
func marker(a order.Address, attempt int) order.Marker {
	return order.NewMarker("branch-bastions", "lineage", a, attempt)
}

func (s *script) intent(a order.Address, region string, attempt, instances int) {
	s.add(state.Entry{At: s.now, Address: a, Intent: &order.Intent{
		Run: s.head.Run.ID, Attempt: attempt, Marker: marker(a, attempt), At: s.now,
		Order: order.Order{
			Address: a, Region: region, Spec: "bastion-50", Quantity: instances,
			Charge: order.Charge{Mode: order.ChargeMonthly, Unit: order.UnitYear, Duration: 1, AutoPay: true},
		},
	}})
}

func (s *script) outcome(a order.Address, attempt int, took time.Duration, change func(*order.Outcome)) {
	o := order.Outcome{Run: s.head.Run.ID, Address: a, Attempt: attempt, At: s.now, Took: took}
	change(&o)
	s.add(state.Entry{At: s.now, Address: a, Outcome: &o})
}

func (s *script) bought(a order.Address, attempt, instances int, took time.Duration) {
	s.outcome(a, attempt, took, func(o *order.Outcome) {
		o.Result = order.ResultBought
		o.Purchase = order.Purchase{
			Attempt: attempt, BuyID: fmt.Sprintf("buy-%08x", len(s.entries)), SourceIDs: []string{fmt.Sprintf("src-%08x", len(s.entries))},
			RequestID: fmt.Sprintf("req-%08x", len(s.entries)), Quantity: instances, Run: s.head.Run.ID, At: s.now, Marker: marker(a, attempt),
		}
	})
}

var (
	slowDown  = order.Failure{Class: order.ClassThrottled, HTTPStatus: 429, Code: "TOO_MANY_REQUESTS", Message: "slow down"}
	noQuota   = order.Failure{Class: order.ClassRejected, HTTPStatus: 400, Code: "QUOTA_EXCEEDED", Message: "the quota of instances is used up", RequestID: "req-quota"}
	lostReply = order.Failure{Class: order.ClassInDoubt, Message: "the connection was reset after the request was sent"}
)

func (s *script) failed(a order.Address, attempt int, took time.Duration, why order.Failure) {
	s.outcome(a, attempt, took, func(o *order.Outcome) { o.Result, o.Failure = why.Class.Result(), why })
}

func (s *script) retrying(a order.Address, region string, attempt int, why order.Failure) {
	s.note(state.Note{
		Kind: "retrying", Address: a.String(), Region: region, Attempt: attempt, Delay: time.Second,
		Class: why.Class.String(), Code: why.Code, Text: why.Message,
	})
}

func (s *script) end(summary state.RunSummary) {
	summary.Ended = s.now
	s.add(state.Entry{At: s.now, Ended: &summary})
}

func branch(key string) order.Address { return order.Address{Name: "branch", Key: order.TextKey(key)} }

func pricedAt(cny int64) []state.PlannedPrice {
	return []state.PlannedPrice{{Spec: "bastion-50", Unit: order.UnitYear, Amount: order.Amount(cny * 100)}}
}

// smallRun is a run of three orders: one bought at once, one after a throttle, one in doubt.
func smallRun() *script {
	s := newScript()
	s.note(state.Note{Kind: "planned", Planned: &state.Planned{
		Currency: "CNY", Prices: pricedAt(15096),
		Waves: []state.PlannedWave{
			{Name: "canary", Regions: []state.PlannedRegion{{Region: "cn-north-1", Orders: 1, Instances: 1, Cost: 15096_00, Parallelism: 8, Rate: 20}}},
			{Name: "rest", Regions: []state.PlannedRegion{
				{Region: "cn-east-2", Orders: 1, Instances: 2, Cost: 2 * 15096_00, Parallelism: 8, Rate: 20},
				{Region: "cn-north-1", Orders: 1, Instances: 1, Cost: 15096_00, Parallelism: 8, Rate: 20},
			}},
		},
	}})
	s.wait(200 * time.Millisecond)
	s.note(state.Note{Kind: "wave_started", Wave: "canary"})
	s.intent(branch("bj"), "cn-north-1", 1, 1)
	s.wait(480 * time.Millisecond)
	s.bought(branch("bj"), 1, 1, 470*time.Millisecond)
	s.note(state.Note{Kind: "baking", Wave: "canary", Until: s.now.Add(2 * time.Minute), Coming: 1})
	s.wait(2 * time.Minute)
	s.note(state.Note{Kind: "baking", Wave: "canary", Until: s.now, Up: 1})
	s.note(state.Note{Kind: "wave_ended", Wave: "canary", End: "good"})
	s.note(state.Note{Kind: "awaiting_approval", Wave: "rest"})
	s.wait(30 * time.Second)
	s.note(state.Note{Kind: "wave_started", Wave: "rest"})
	s.intent(branch("sh"), "cn-east-2", 1, 2)
	s.intent(branch("tj"), "cn-north-1", 1, 1)
	s.wait(100 * time.Millisecond)
	s.failed(branch("tj"), 1, 90*time.Millisecond, slowDown)
	s.retrying(branch("tj"), "cn-north-1", 1, slowDown)
	s.note(state.Note{Kind: "speed_changed", Region: "cn-north-1", Parallelism: 4, Rate: 10, Text: "throttled"})
	s.wait(time.Second)
	s.intent(branch("tj"), "cn-north-1", 2, 1)
	s.wait(600 * time.Millisecond)
	s.bought(branch("tj"), 2, 1, 580*time.Millisecond)
	s.wait(8 * time.Second)
	s.failed(branch("sh"), 1, 9700*time.Millisecond, lostReply)
	s.note(state.Note{Kind: "wave_ended", Wave: "rest", End: "bad", Text: "cn-east-2: 1 in doubt, and none is tolerated"})
	s.end(state.RunSummary{Bought: 2, Instances: 2, InDoubt: 1})
	return s
}

// largeRun is a run of n orders in three waves and four regions, of which one throttles and one fails, and which stops in it.
func largeRun(n int) *script {
	s := newScript()
	draw := rand.New(rand.NewPCG(1, 2))
	regions := []string{"cn-north-1", "cn-east-1", "cn-east-2", "cn-south-1"}
	sizes := []int{n / 100, n * 29 / 100, n - n/100 - n*29/100}
	names := []string{"canary", "tenth", "rest"}
	planned := &state.Planned{Currency: "CNY", Prices: pricedAt(15096)}
	for w, size := range sizes {
		wave := state.PlannedWave{Name: names[w]}
		for i, region := range regions {
			orders := (size + 3 - i) / 4
			wave.Regions = append(wave.Regions, state.PlannedRegion{
				Region: region, Orders: orders, Instances: orders, Cost: order.Amount(15096_00).Times(orders), Parallelism: 8, Rate: 20,
			})
		}
		planned.Waves = append(planned.Waves, wave)
	}
	s.note(state.Note{Kind: "planned", Planned: planned})
	next, failures := 0, 0
	var summary state.RunSummary
	for w, size := range sizes {
		if w == 2 {
			s.note(state.Note{Kind: "awaiting_approval", Wave: names[w]})
			s.wait(4 * time.Minute)
		}
		s.note(state.Note{Kind: "wave_started", Wave: names[w]})
		stopped := false
		for i := range size {
			region := regions[i%4]
			a := branch(fmt.Sprintf("site-%06d", next))
			next++
			if stopped && region == "cn-south-1" {
				s.note(state.Note{Kind: "skipped", Address: a.String(), Region: region, Wave: names[w]})
				summary.Skipped++
				continue
			}
			s.wait(12500 * time.Microsecond)
			took := 50*time.Millisecond + time.Duration(draw.ExpFloat64()*20)*time.Millisecond
			attempt := 1
			s.intent(a, region, attempt, 1)
			wave := (s.now.Unix() / 60) % 4
			if region == "cn-east-2" && wave < 2 && draw.IntN(4) == 0 {
				s.failed(a, attempt, took/2, slowDown)
				s.retrying(a, region, attempt, slowDown)
				s.note(state.Note{Kind: "speed_changed", Region: region, Parallelism: 1 + draw.IntN(4), Rate: 5, Text: "throttled"})
				attempt++
				s.intent(a, region, attempt, 1)
				took *= 3
			} else if region == "cn-east-2" && draw.IntN(8) == 0 {
				s.note(state.Note{Kind: "speed_changed", Region: region, Parallelism: 8, Rate: 20, Text: "recovered"})
			}
			switch {
			case region == "cn-south-1" && w == 2 && draw.IntN(20) == 0:
				s.failed(a, attempt, took, noQuota)
				failures++
				summary.Failed++
				if failures > n/200 {
					stopped = true
					s.note(state.Note{Kind: "region_stopped", Region: region, Text: fmt.Sprintf("%d orders failed, and 10%% are tolerated", failures)})
				}
			case draw.IntN(4000) == 0 && w == 2:
				s.failed(a, attempt, 30*time.Second, lostReply)
				summary.InDoubt++
			default:
				s.bought(a, attempt, 1, took)
				summary.Bought++
			}
		}
		if w < 2 {
			bake := time.Duration(2+3*w) * time.Minute
			s.note(state.Note{Kind: "baking", Wave: names[w], Until: s.now.Add(bake), Coming: size})
			s.wait(bake)
			s.note(state.Note{Kind: "baking", Wave: names[w], Until: s.now, Up: size})
		}
		end := "good"
		if w == 2 {
			end = "bad"
		}
		s.note(state.Note{Kind: "wave_ended", Wave: names[w], End: end, Text: map[bool]string{true: "cn-south-1 stopped"}[w == 2]})
	}
	summary.Instances = summary.Bought
	s.end(summary)
	return s
}
