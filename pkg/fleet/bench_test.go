package fleet_test

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"golang.org/x/sync/errgroup"

	"github.com/bastion-fleet/bastion-fleet/pkg/fleet"
)

const branchFleet = `
fleet "branches" {
  max_orders = 1000000
}

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
	for _, n := range []int{1_000, 10_000, 100_000, 1_000_000} {
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
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/orders, "ns/order")
			b.ReportMetric(float64(after.TotalAlloc-before.TotalAlloc)/orders, "B/order")
			b.ReportMetric(float64(after.Mallocs-before.Mallocs)/orders, "allocs/order")
		})
	}
}

// conditions are what a large fleet may say of each order that no shortcut evaluates.
const conditions = `
  dynamic "charge" {
    for_each = each.value.quantity > 2 ? [each.value.quantity] : []
    content {
      duration = charge.value
    }
  }
  precondition {
    condition     = each.value.region != "cn-east-1"
    error_message = "${each.key} is in cn-east-1, which is closed."
  }
  lifecycle {
    ignore_changes = [desc]
  }
}
`

// BenchmarkLoadConditions is BenchmarkLoad with a dynamic block and a precondition.
func BenchmarkLoadConditions(b *testing.B) {
	for _, n := range []int{1_000, 10_000, 100_000} {
		b.Run(fmt.Sprintf("csv-%d", n), func(b *testing.B) {
			dir := writeBranches(b, n)
			writeFile(b, filepath.Join(dir, "main.fleet.hcl"), strings.TrimSuffix(branchFleet, "}\n")+conditions)
			for b.Loop() {
				f, diags := fleet.Load(dir, fleet.Options{})
				if diags.HasErrors() || len(f.Orders) != n {
					b.Fatalf("%d orders, %v", len(f.Orders), diags)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/order")
		})
	}
}

// BenchmarkLoadBlocks loads orders that are written out, in 25 files, and tells how much longer that takes than to parse
// the files on all cores, which nobody who keeps them as HCL can do without.
func BenchmarkLoadBlocks(b *testing.B) {
	for _, n := range []int{1_000, 10_000, 100_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			dir := writeBlocks(b, n, 25)
			var loading, parsing time.Duration
			for b.Loop() {
				parsing += timeOf(func() { parseAll(b, dir) })
				loading += timeOf(func() {
					if f, diags := fleet.Load(dir, fleet.Options{}); diags.HasErrors() || len(f.Orders) != n {
						b.Fatalf("%d orders, %v", len(f.Orders), diags)
					}
				})
			}
			b.ReportMetric(float64(loading.Nanoseconds())/float64(b.N*n), "ns/order")
			b.ReportMetric(float64(loading)/float64(parsing), "x-parse")
		})
	}
}

// timeOf times one of two things that are compared, after the garbage of the other is gone.
func timeOf(do func()) time.Duration {
	runtime.GC()
	start := time.Now()
	do()
	return time.Since(start)
}

// writeBlocks writes a fleet of n orders, a block each, evenly over files.
func writeBlocks(tb testing.TB, n, files int) string {
	tb.Helper()
	dir := tb.TempDir()
	writeFile(tb, filepath.Join(dir, "main.fleet.hcl"), "fleet \"blocks\" {}\n")
	for file := range files {
		var text strings.Builder
		for i := file * n / files; i < (file+1)*n/files; i++ {
			fmt.Fprintf(&text, `order "site-%06d" {
  region     = "cn-north-1"
  az         = "cn-north-1a"
  vpc_id     = "vpc-a1b2"
  subnet_id  = "subnet-c3d4"
  spec       = "bastion-50"
  quantity   = 2
  ip_version = "v4"
  desc       = "site %d"

  charge {
    mode     = "MONTHLY"
    unit     = "YEAR"
    duration = 1
    auto_pay = true
  }
}
`, i, i)
		}
		writeFile(tb, filepath.Join(dir, fmt.Sprintf("sites-%02d.fleet.hcl", file)), text.String())
	}
	return dir
}

// parseAll parses the files of a directory on all cores, and keeps what comes of it until all are parsed.
func parseAll(tb testing.TB, dir string) {
	paths, err := filepath.Glob(filepath.Join(dir, "*.fleet.hcl"))
	if err != nil {
		tb.Fatal(err)
	}
	parsed := make([]*hcl.File, len(paths))
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i, path := range paths {
		group.Go(func() error {
			text, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			file, diags := hclsyntax.ParseConfig(text, path, hcl.InitialPos)
			parsed[i] = file
			if diags.HasErrors() {
				return diags
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		tb.Fatal(err)
	}
	runtime.KeepAlive(parsed)
}
