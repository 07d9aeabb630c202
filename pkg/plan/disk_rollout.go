package plan

import (
	"time"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

// What a plan file keeps of the rollout, and of what its waves took.

type diskRollout struct {
	Parallelism          int             `json:"parallelism"`
	ParallelismPerRegion int             `json:"parallelism_per_region"`
	RatePerRegion        float64         `json:"rate_per_region"`
	FailureTolerance     order.Tolerance `json:"failure_tolerance"`
	RunFailureTolerance  order.Tolerance `json:"run_failure_tolerance"`
	MaxInDoubt           int             `json:"max_in_doubt"`
	NoMarker             bool            `json:"no_marker,omitempty"`

	OnInDoubt order.DoubtPolicy `json:"on_in_doubt,omitzero"`
	Settle    time.Duration     `json:"settle,omitempty"` // in nanoseconds

	RegionOrder []string            `json:"region_order,omitempty"`
	Sequential  bool                `json:"sequential,omitempty"`
	Regions     []diskRegionRollout `json:"regions,omitempty"` // sorted by name
	Waves       []diskRolloutWave   `json:"waves,omitempty"`
}

type diskRegionRollout struct {
	Region           string          `json:"region"`
	Parallelism      int             `json:"parallelism"`
	Rate             float64         `json:"rate"`
	FailureTolerance order.Tolerance `json:"failure_tolerance"`
	MaxInDoubt       int             `json:"max_in_doubt"`
}

// diskRolloutWave converts from and to order.Wave, as diskLifecycle does.
type diskRolloutWave struct {
	Name      string          `json:"name"`
	Regions   []string        `json:"regions,omitempty"`
	Orders    []order.Pattern `json:"orders,omitempty"`
	MaxOrders int             `json:"max_orders,omitempty"`
	Percent   float64         `json:"percent,omitempty"`
	Bake      time.Duration   `json:"bake,omitempty"` // in nanoseconds
	Approve   bool            `json:"approve,omitempty"`
}

// diskWave is what a wave took and the plan does not buy. There is one for each of the rollout's waves and, where orders
// remain, one for theirs.
type diskWave struct {
	Bought  []order.Address `json:"bought,omitempty"`
	InDoubt []order.Address `json:"in_doubt,omitempty"`
	LeftOut int             `json:"left_out,omitempty"`
	Ended   bool            `json:"ended,omitempty"`
}

func rolloutToDisk(r order.Rollout) diskRollout {
	d := diskRollout{
		Parallelism: r.Parallelism, ParallelismPerRegion: r.ParallelismPerRegion, RatePerRegion: r.RatePerRegion,
		FailureTolerance: r.FailureTolerance, RunFailureTolerance: r.RunFailureTolerance,
		MaxInDoubt: r.MaxInDoubt, NoMarker: r.NoMarker, OnInDoubt: r.OnInDoubt, Settle: r.Settle,
		RegionOrder: r.RegionOrder, Sequential: r.Sequential,
	}
	for _, region := range r.Regions {
		l := region.Limits
		d.Regions = append(d.Regions, diskRegionRollout{region.Region, l.Parallelism, l.Rate, l.FailureTolerance, l.MaxInDoubt})
	}
	for _, w := range r.Waves {
		d.Waves = append(d.Waves, diskRolloutWave(w))
	}
	return d
}

func (d diskRollout) toRollout() order.Rollout {
	r := order.Rollout{
		Parallelism: d.Parallelism, ParallelismPerRegion: d.ParallelismPerRegion, RatePerRegion: d.RatePerRegion,
		FailureTolerance: d.FailureTolerance, RunFailureTolerance: d.RunFailureTolerance,
		MaxInDoubt: d.MaxInDoubt, NoMarker: d.NoMarker, OnInDoubt: d.OnInDoubt, Settle: d.Settle,
		RegionOrder: d.RegionOrder, Sequential: d.Sequential,
	}
	for _, region := range d.Regions {
		r.Regions = append(r.Regions, order.RegionRollout{Region: region.Region, Limits: order.RegionLimits{
			Parallelism: region.Parallelism, Rate: region.Rate, FailureTolerance: region.FailureTolerance, MaxInDoubt: region.MaxInDoubt,
		}})
	}
	for _, w := range d.Waves {
		r.Waves = append(r.Waves, order.Wave(w))
	}
	return r
}

func wavesToDisk(waves []Wave) []diskWave {
	var disk []diskWave
	for _, w := range waves {
		disk = append(disk, diskWave{w.Bought, w.InDoubt, w.LeftOut, w.Ended})
	}
	return disk
}

// toWaves returns the waves of a plan with the rollout.
func toWaves(disk []diskWave, r order.Rollout) ([]Wave, error) {
	remaining := len(disk) == len(r.Waves)+1 && len(r.Waves) > 0
	if len(disk) != len(r.Waves) && !remaining {
		return nil, refuse(ErrAltered, "it tells of %d waves, its rollout has %d", len(disk), len(r.Waves))
	}
	var waves []Wave
	for i, d := range disk {
		w := Wave{Bought: d.Bought, InDoubt: d.InDoubt, LeftOut: d.LeftOut, Ended: d.Ended}
		if i < len(r.Waves) {
			w.Wave = r.Waves[i]
		} else {
			w.Wave, w.Remaining = remainingWave, true
		}
		waves = append(waves, w)
	}
	return waves, nil
}
