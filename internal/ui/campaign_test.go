package ui_test

import (
	"fmt"
	"time"

	"github.com/bastion-fleet/bastion-fleet/internal/ui"
	"github.com/bastion-fleet/bastion-fleet/pkg/apply"
	"github.com/bastion-fleet/bastion-fleet/pkg/order"
	"github.com/bastion-fleet/bastion-fleet/pkg/plan"
)

// What is shown of a campaign: thousands of orders in four waves, of which one asks, one bakes, one has a throttled region
// and one a failing one, and somebody pauses it.

const campaignRun = "20261123T120000Z-k7q2m9"

// campaignFacts are the campaign's limits and prices.
func campaignFacts() ui.RunFacts {
	rollout := order.DefaultRollout()
	rollout.Parallelism, rollout.ParallelismPerRegion, rollout.RatePerRegion = 64, 16, 20
	rollout.Waves = []order.Wave{
		{Name: "canary", MaxOrders: 2, Bake: 30 * time.Second}, {Name: "asia"}, {Name: "europe", Approve: true, Bake: 10 * time.Minute},
	}
	return ui.RunFacts{
		Rollout: rollout, Currency: "CNY", Planned: plan.Cost{Amount: 151_000_000_00},
		Change: func(string, order.Address) plan.Change {
			return plan.Change{Action: plan.Create, Cost: plan.Cost{Amount: 15_096_00}}
		},
	}
}

func waveTotal(name string, orders int, regions ...string) apply.WaveTotal {
	w := apply.WaveTotal{Wave: name, Orders: orders * len(regions), Instances: 2 * orders * len(regions)}
	for _, r := range regions {
		w.Regions = append(w.Regions, apply.RegionTotal{Region: r, Orders: orders, Instances: 2 * orders})
	}
	return w
}

// A player plays a run's events to an observer in the time of a synctest bubble.
type player struct {
	ui.Observer
	next int // order
}

func (p *player) site(i int) order.Address {
	return order.Address{Name: "site", Key: order.IndexKey(i)}
}

func (p *player) begin(waves ...apply.WaveTotal) {
	time.Sleep(7 * time.Millisecond) // so that nothing happens just when a ticker fires
	p.Handle(apply.Started{Run: campaignRun, At: time.Now(), Waves: waves})
}

// buy buys n orders in each region, a call at a time in each, one after the other within took.
func (p *player) buy(n int, took time.Duration, regions ...string) {
	for range n {
		first := p.next
		for _, r := range regions {
			p.Handle(apply.Calling{Address: p.site(p.next), Region: r, Attempt: 1, At: time.Now()})
			p.next++
		}
		time.Sleep(took)
		for i, r := range regions {
			p.Handle(apply.Bought{Address: p.site(first + i), Region: r, At: time.Now(), Purchase: order.Purchase{
				Attempt: 1, BuyID: fmt.Sprintf("buy-%d", first+i), Quantity: 2, Run: campaignRun,
			}})
		}
	}
}

// fail lets n orders of a region fail, each by an instance's name of its own.
func (p *player) fail(n int, region string) {
	for range n {
		p.Handle(apply.Calling{Address: p.site(p.next), Region: region, Attempt: 1, At: time.Now()})
		time.Sleep(time.Millisecond)
		f := noStock
		f.Message = fmt.Sprintf("no stock of this spec for request %d", p.next)
		p.Handle(apply.Failed{Address: p.site(p.next), Region: region, Attempt: 1, Failure: f, At: time.Now()})
		p.next++
	}
}

func (p *player) skip(n int, wave, region string) {
	for range n {
		p.Handle(apply.Skipped{Address: p.site(p.next), Region: region, Wave: wave, At: time.Now()})
		p.next++
	}
}

func (p *player) bake(wave string, takes time.Duration) {
	until := time.Now().Add(takes)
	p.Handle(apply.Baking{Wave: wave, Until: until, Coming: 4, At: time.Now()})
	time.Sleep(takes / 2)
	p.Handle(apply.Baking{Wave: wave, Until: until, Up: 3, Coming: 1, At: time.Now()})
	time.Sleep(takes / 4)
	p.Handle(apply.InstanceFailed{Address: p.site(0), Region: "cn-north-1", Why: "its status is 13", At: time.Now()})
	p.Handle(apply.Baking{Wave: wave, Until: until, Up: 3, Down: 1, At: time.Now()})
	time.Sleep(takes / 4)
}

// campaign plays the whole. At each of its moments it calls look.
func campaign(o ui.Observer, look func(moment string)) {
	const north, east, south, frankfurt = "cn-north-1", "cn-east-2", "cn-south-1", "eu-frankfurt-1"
	p := &player{Observer: o}
	europe := waveTotal("europe", 1500, frankfurt, north)
	p.begin(waveTotal("canary", 1, north, east), waveTotal("asia", 1000, north, east, south), europe, waveTotal("remaining", 2000, east, south))
	p.Handle(apply.WaveStarted{Wave: "canary", At: time.Now()})
	p.buy(1, 1200*time.Millisecond, north, east)
	go func() { time.Sleep(20 * time.Second); look("bake") }()
	p.bake("canary", 30*time.Second)
	p.Handle(apply.WaveEnded{Wave: "canary", End: apply.WaveGood, At: time.Now()})

	p.Handle(apply.WaveStarted{Wave: "asia", At: time.Now()})
	p.buy(300, 50*time.Millisecond, north, east, south)
	for i := range 4 {
		p.Handle(apply.SpeedChanged{Region: east, Parallelism: 16 >> i, Rate: 20 / float64(int(1)<<i), Reason: "throttled", At: time.Now()})
		throttled := order.Failure{Class: order.ClassThrottled, Message: "slow down"}
		p.Handle(apply.Calling{Address: p.site(-1), Region: east, Attempt: 1, At: time.Now()})
		p.Handle(apply.Retrying{Address: p.site(-1), Region: east, Attempt: 1, Failure: throttled, Delay: time.Second, At: time.Now()})
	}
	p.buy(100, 55*time.Millisecond, north, east)
	p.fail(101, south)
	p.Handle(apply.InDoubt{Address: p.site(p.next), Region: east, Attempt: 1, Failure: reset, At: time.Now()})
	p.Handle(apply.RegionStopped{Region: south, Reason: `101 of 1000 orders failed; failure_tolerance = "10%" allows 100`, At: time.Now()})
	p.skip(599, "asia", south)
	look("asia")
	p.skip(2000, "remaining", south)
	p.Handle(apply.Paused{By: "alice", At: time.Now()})
	time.Sleep(95 * time.Second)
	look("paused")
	p.Handle(apply.Resumed{By: "bob", At: time.Now()})
	p.buy(599, 20*time.Millisecond, north, east)
	p.buy(1, time.Second, north)
	p.Handle(apply.WaveEnded{Wave: "asia", End: apply.WaveBad, Reason: "cn-south-1 stopped", At: time.Now()})
	p.Handle(apply.AwaitingApproval{Wave: europe, At: time.Now()})
	time.Sleep(time.Second)
	p.Handle(apply.WaveEnded{Wave: "europe", End: apply.WaveUnapproved, Reason: "nobody approved it", At: time.Now()})
	p.skip(1500, "europe", frankfurt)
	p.skip(1500, "europe", north)
	p.skip(2000, "remaining", east)
	p.Handle(apply.Ended{Run: campaignRun, At: time.Now()})
}
