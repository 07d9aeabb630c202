package fleet

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// onAllCores calls do for each i below n, in no order, and returns when all have returned.
func onAllCores(n int, do func(i int)) {
	var next atomic.Int64
	var working sync.WaitGroup
	for range min(n, runtime.GOMAXPROCS(0)) {
		working.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				do(i)
			}
		})
	}
	working.Wait()
}
