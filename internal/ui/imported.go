package ui

import (
	"fmt"
	"strconv"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
	"github.com/bastion-fleet/bastion-fleet/pkg/reconcile"
)

// Importing prints each order with its instances, and beneath it how they differ from it.
func (t *Text) Importing(pairs []reconcile.Pair) {
	g := grid{columns: []column{
		{title: "ADDRESS", give: 2, least: 24, cut: shortenMiddle}, {title: "REGION", give: 1, least: 12},
		{title: "INSTANCES", right: true}, {title: "BIDS"}, // never shortened
	}}
	for _, p := range pairs {
		g.rows = append(g.rows, []string{
			Sanitize(p.Order.Address.String()), Sanitize(p.Order.Region), strconv.Itoa(len(p.Instances)), Sanitize(firstOf(p.BIDs())),
		})
	}
	if t.shown { // what can't be told stands above
		t.out.print("\n")
	}
	g.print(t.out, "")
	for _, p := range pairs {
		for _, d := range differencesOf(p) {
			t.lines("", Sanitize(p.Order.Address.String())+": "+differenceText(d))
		}
	}
	t.shown = true
	t.flush(t.out)
}

// Imported prints that it is done.
func (t *Text) Imported(orders, count int) {
	if t.shown {
		t.out.print("\n")
	}
	t.sum(importedText(orders, count))
	t.flush(t.out)
}

func importedText(orders, count int) string {
	return fmt.Sprintf("Import complete: %s recorded as bought%s.", plural(orders, "order"), instances(count))
}

// differencesOf are how what exists differs from the order. What can't be one order's is refused before it is shown.
func differencesOf(p reconcile.Pair) []reconcile.Difference {
	existing, err := p.Existing()
	if err != nil {
		return nil
	}
	return p.Differences(existing)
}

func differenceText(d reconcile.Difference) string {
	return fmt.Sprintf("%s is %s, the files say %s", d.Field, fieldText(d.Field, d.Existing), fieldText(d.Field, d.Wished))
}

// jsonImport is an order and the instances that are recorded as bought for it.
type jsonImport struct {
	Address     order.Address    `json:"address"`
	Region      string           `json:"region"`
	Quantity    int              `json:"quantity"`
	BIDs        []string         `json:"bids"`
	Marker      order.Marker     `json:"marker,omitempty"` // that all of them carry
	Differences []jsonDifference `json:"differences"`
}

type jsonDifference struct {
	Field    order.Field `json:"field"`
	Existing string      `json:"existing"`
	Wished   string      `json:"wished"`
}

// Importing prints an event for each order.
func (j *JSON) Importing(pairs []reconcile.Pair) {
	for _, p := range pairs {
		out := jsonImport{
			Address: p.Order.Address, Region: p.Order.Region, Quantity: len(p.Instances), BIDs: p.BIDs(), Marker: p.Marker(),
			Differences: []jsonDifference{},
		}
		level := levelInfo
		for _, d := range differencesOf(p) {
			level = levelWarn
			out.Differences = append(out.Differences, jsonDifference(d))
		}
		message := place(p.Order.Address.String(), p.Order.Region) + ": " + allOf(p.BIDs())
		j.emit(struct {
			envelope
			Import jsonImport `json:"import"`
		}{newEnvelope(level, "planned_import", message), out})
	}
	j.flush()
}

type jsonImportCounts struct {
	Imported  int `json:"imported"` // orders
	Instances int `json:"instances"`
}

// Imported prints an import_summary.
func (j *JSON) Imported(orders, count int) {
	j.emit(struct {
		envelope
		Changes jsonImportCounts `json:"changes"`
	}{newEnvelope(levelInfo, "import_summary", importedText(orders, count)), jsonImportCounts{orders, count}})
	j.flush()
}
