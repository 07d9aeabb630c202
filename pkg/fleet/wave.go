package fleet

import (
	"github.com/hashicorp/hcl/v2"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

var waveShape = shape{
	what:       "a wave block",
	attributes: []string{"regions", "orders", "max_orders", "percent", "bake", "approve"},
	hints: map[string]string{
		"region":            `A wave may be of several: write regions = ["cn-north-1"].`,
		"order":             `Write orders = ["order.branch"]: addresses, or how they begin and a *.`,
		"target":            `Write orders = ["order.branch"]: addresses, or how they begin and a *.`,
		"max_instances":     "A wave is bounded by orders: write max_orders, or percent.",
		"pause":             `Write bake = "10m" for a wait that watches what was bought, or approve = true to be asked.`,
		"parallelism":       "It is the same in all waves: write it in the rollout block, or for one region in a region block there.",
		"rate":              "It is the same in all waves: write rate_per_region in the rollout block, or for one region rate in a region block there.",
		"failure_tolerance": "It is the same in all waves: write it in the rollout block, or for one region in a region block there.",
	},
}

// A waveBlock is a wave block of the rollout.
type waveBlock struct {
	name   string
	header hcl.Range
	label  hcl.Range
	attrs  hcl.Attributes

	// Once it is evaluated:
	wave            order.Wave
	regions, orders []listed // of its regions and patterns, where they stand
}

func (l *loader) decodeWave(b *hcl.Block) waveBlock {
	return waveBlock{name: b.Labels[0], header: b.DefRange, label: b.LabelRanges[0], attrs: l.content(b.Body, waveShape).Attributes}
}

// checkWaveNames reports names that waves can't have, and too many waves.
func (l *loader) checkWaveNames(waves []waveBlock) {
	first := map[string]hcl.Range{}
	for _, w := range waves {
		earlier, exists := first[w.name]
		switch err := order.CheckName(w.name); {
		case err != nil:
			l.report(mistake(w.label, "Invalid name", "A wave can't have this name: %v.", err))
		case w.name == order.RemainingWave:
			l.report(mistake(w.label, "Reserved name", "%q is the last wave, which there is by itself for the orders that no wave of the rollout takes. Give this one another name, or remove it.", w.name))
		case exists:
			l.report(duplicate(w.header, "Duplicate wave", quoted("a wave", w.name), earlier, "Rename one"))
		default:
			first[w.name] = w.header
		}
	}
	if len(waves) > order.MaxWaves {
		l.report(mistake(waves[order.MaxWaves].header, "Too many waves", "The rollout has %s waves; it may have %s.", thousands(len(waves)), thousands(order.MaxWaves)))
	}
}

// evaluateWave evaluates a wave block.
func (l *loader) evaluateWave(d *document, b *waveBlock) {
	w := order.Wave{Name: b.name}
	b.regions = l.regionList(b.attrs["regions"], 1)
	w.Regions = textsOf(b.regions)
	b.orders, w.Orders = l.patternList(b.attrs["orders"])
	l.checkDeclared(d, w.Orders, b.orders)
	l.limit(b.attrs["max_orders"], 1, MaxOrders, &w.MaxOrders)
	l.percent(b.attrs["percent"], &w.Percent)
	l.duration(b.attrs["bake"], 0, order.MaxBake, &w.Bake)
	l.flag(b.attrs["approve"], &w.Approve)
	b.wave = w
}
