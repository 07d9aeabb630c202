package ui

import (
	"time"

	"github.com/bastion-fleet/bastion-fleet/pkg/plan"
)

// jsonRollout says, in a plan's change_summary, how its apply goes about the purchases. Times are estimates: nothing fails,
// nobody throttles, and approvals come at once.
type jsonRollout struct {
	Parallelism       int               `json:"parallelism"` // calls in flight at most
	RegionConcurrency string            `json:"region_concurrency"`
	Latency           float64           `json:"latency_seconds"`  // of a call, that the times are reckoned with
	Measured          bool              `json:"latency_measured"` // in an earlier run; else it is assumed
	Seconds           float64           `json:"seconds"`
	Waves             []jsonPlannedWave `json:"waves"` // with something to buy or to watch; a fleet without waves has one
}

// jsonPlannedWave is a wave's part of it. What is to be bought is told apart from what earlier runs of the campaign did.
type jsonPlannedWave struct {
	Wave      string `json:"wave"` // empty where the fleet names none
	Remaining bool   `json:"remaining,omitempty"`
	Orders    int    `json:"orders"`
	Instances int    `json:"instances"`

	Cost *jsonCost `json:"cost,omitempty"`

	Parallelism int                 `json:"parallelism"`      // calls in flight at most
	Rate        float64             `json:"calls_per_second"` // at most; 0: no limit
	Approve     bool                `json:"approve"`
	Bake        float64             `json:"bake_seconds"`
	Seconds     float64             `json:"seconds"` // with its bake
	Bought      int                 `json:"bought"`
	InDoubt     int                 `json:"in_doubt"`
	LeftOut     int                 `json:"left_out"` // by --target, --exclude or --region
	Regions     []jsonPlannedRegion `json:"regions"`  // in the sequence in which they come
}

type jsonPlannedRegion struct {
	Region    string `json:"region"`
	Orders    int    `json:"orders"`
	Instances int    `json:"instances"`

	Cost *jsonCost `json:"cost,omitempty"`

	Parallelism int     `json:"parallelism"`
	Rate        float64 `json:"calls_per_second"`
	Seconds     float64 `json:"seconds"`
}

// rolloutJSON returns nil where nothing is to be bought or watched.
func rolloutJSON(p plan.Plan) *jsonRollout {
	s := p.Schedule()
	if len(s.Waves) == 0 {
		return nil
	}
	out := &jsonRollout{
		Parallelism: p.Rollout.Parallelism, RegionConcurrency: "parallel",
		Latency: s.Latency.Seconds(), Measured: s.Measured, Seconds: inMilliseconds(s.Time),
	}
	if p.Rollout.Sequential {
		out.RegionConcurrency = "sequential"
	}
	for _, w := range s.Waves {
		planned := jsonPlannedWave{
			Wave: w.Name, Remaining: w.Remaining, Orders: w.Orders, Instances: w.Instances, Cost: costJSON(w.Cost, p.Prices.Currency),
			Parallelism: w.AtOnce, Rate: w.Rate, Approve: asks(w), Bake: w.Watch.Seconds(), Seconds: inMilliseconds(w.Time),
			Bought: len(w.Bought), InDoubt: len(w.InDoubt), LeftOut: w.LeftOut, Regions: []jsonPlannedRegion{},
		}
		for _, r := range w.Regions {
			planned.Regions = append(planned.Regions, jsonPlannedRegion{
				Region: r.Region, Orders: r.Orders, Instances: r.Instances, Cost: costJSON(r.Cost, p.Prices.Currency),
				Parallelism: r.AtOnce, Rate: r.Rate, Seconds: inMilliseconds(r.Time),
			})
		}
		out.Waves = append(out.Waves, planned)
	}
	return out
}

// inMilliseconds is a time in seconds with no more digits than an estimate is good for.
func inMilliseconds(d time.Duration) float64 { return d.Round(time.Millisecond).Seconds() }
