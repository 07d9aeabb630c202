package rehearse

import (
	"flag"
	"testing"
	"testing/synctest"
)

// InVirtualTime runs f and all goroutines that it starts under a clock of their own, which stands still while any of them
// works and jumps to the next timer when all of them wait. It returns when f has returned and they have ended; what
// they do that takes hours takes as long as the work in it.
//
// f must wait for nothing that comes from outside of it: no channel or context made before, no socket. It would stand still
// for good, for the clock does not go on while somebody waits so. It may be called once in a program: what makes
// the clock belongs to the tests of Go, is nowhere else, and expects to run as one of them.
func InVirtualTime(f func()) {
	done := make(chan struct{})
	play := func(t *testing.T) {
		synctest.Test(t, func(*testing.T) { f() })
		close(done)
		select {} // to return would let the testing package print its verdict and end the program
	}
	go func() {
		testing.Init()
		_ = flag.CommandLine.Parse(nil) // else it would parse the program's arguments
		testing.Main(matchAll, []testing.InternalTest{{Name: "rehearsal", F: play}}, nil, nil)
	}()
	<-done
}

func matchAll(string, string) (bool, error) { return true, nil }
