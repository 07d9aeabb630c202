package cli

import "runtime"

// makeRoomForSyncs lets the program use two more processors than it was given, for the time of a run. The journal
// syncs two files at once, and a goroutine that waits for the disk holds a processor: on a small machine they would
// hold them all, and answers of the API would wait to be read. The returned function ends it.
func makeRoomForSyncs() (end func()) {
	before := runtime.GOMAXPROCS(0)
	runtime.GOMAXPROCS(before + 2)
	return func() { runtime.GOMAXPROCS(before) }
}
