package fleet_test

import (
	"testing"

	"github.com/bastion-fleet/bastion-fleet/pkg/fleet"
)

// TestElementsOfSeveralTypes holds what collections of any make of elements that differ.
func TestElementsOfSeveralTypes(t *testing.T) {
	dir := writeFleet(t, "a.fleet.hcl", minimal+`
		variable "list" { type = list(any) }
		variable "map" { type = map(any) }
		variable "deep" { type = list(object({ a = any })) }
		order "gw" { desc = jsonencode([var.list, var.map, var.deep, tolist([1, "x", true]), toset([1, "1"])]) }`,
		"fleet.vars.hcl", `
		list = [1, "a", null, true]
		map  = { a = { x = 1 }, b = { x = "2" } }
		deep = [{ a = 1 }, { a = "b" }]`)
	want := `[["1","a",null,"true"],{"a":{"x":"1"},"b":{"x":"2"}},[{"a":"1"},{"a":"b"}],["1","x","true"],["1"]]`
	if got := mustLoad(t, dir, fleet.Options{}).Orders[0].Desc; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
