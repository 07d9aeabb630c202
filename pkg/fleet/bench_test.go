package fleet_test

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/bastion-fleet/bastion-fleet/pkg/fleet"
)

const branchFleet = `
fleet "branches" {}

locals {
  sites = { for row in csvdecode(file("sites.csv")) : row.site => row }
}

defaults {
  spec       = "bastion-50"
  ip_version = "v4"
  charge {
    mode     = "MONTHLY"
    unit     = "YEAR"
    duration = 1
    auto_pay = true
  }
}

region "cn-north-1" {
  vpc_id    = "vpc-a1b2"
  subnet_id = "subnet-c3d4"
}

region "cn-east-2" {
  vpc_id    = "vpc-e5f6"
  subnet_id = "subnet-a7b8"
}

order "branch" {
  for_each = local.sites
  region   = each.value.region
  az       = "${each.value.region}a"
  quantity = each.value.quantity
  desc     = "branch ${each.key}, ${each.value.city}"
}
`

// writeBranches writes a fleet of n orders from a CSV file.
func writeBranches(tb testing.TB, n int) string {
	tb.Helper()
	var csv strings.Builder
	csv.WriteString("site,region,city,quantity,owner\n")
	regions := []string{"cn-north-1", "cn-east-2"}
	for i := range n {
		fmt.Fprintf(&csv, "s%06d,%s,city %d,%d,team-%d\n", i, regions[i%2], i%97, i%3+1, i%11)
	}
	dir := tb.TempDir()
	writeFile(tb, filepath.Join(dir, "main.fleet.hcl"), branchFleet)
	writeFile(tb, filepath.Join(dir, "sites.csv"), csv.String())
	return dir
}

func writeFile(tb testing.TB, path, text string) {
	tb.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		tb.Fatal(err)
	}
}

func BenchmarkLoad(b *testing.B) {
	for _, n := range []int{1_000, 10_000, 100_000} {
		b.Run(fmt.Sprintf("csv-%d", n), func(b *testing.B) {
			dir := writeBranches(b, n)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			for b.Loop() {
				f, diags := fleet.Load(dir, fleet.Options{})
				if diags.HasErrors() || len(f.Orders) != n {
					b.Fatalf("%d orders, %v", len(f.Orders), diags)
				}
			}
			runtime.ReadMemStats(&after)
			orders := float64(b.N * n)
			b.ReportMetric(float64(after.TotalAlloc-before.TotalAlloc)/orders, "B/order")
			b.ReportMetric(float64(after.Mallocs-before.Mallocs)/orders, "allocs/order")
		})
	}
}
