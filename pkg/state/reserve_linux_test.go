package state

import (
	"os"
	"strings"
	"syscall"
	"testing"
)

// allocated is how much of the disk a file takes, in bytes.
func allocated(t *testing.T, path string) (taken, size int64) {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return info.Sys().(*syscall.Stat_t).Blocks * 512, info.Size()
}

// A run has room for the outcomes of all calls in flight before it makes the first, and gives it back in the end.
func TestALogKeepsRoomForOutcomes(t *testing.T) {
	s := open(t, place(t))
	r := start(t, s, 0)
	log := s.paths.RunLog(r.ID())
	for i := range 3 {
		if taken, size := allocated(t, log); taken-size < logRoom {
			t.Errorf("after %d orders the log has %d bytes and takes %d of the disk", i, size, taken)
		}
		buy(t, r, testOrder(i), 1)
	}
	closeAll(t, r, s)
	if taken, size := allocated(t, log); taken-size >= logRoom {
		t.Errorf("a closed log of %d bytes takes %d of the disk", size, taken)
	}
}

// Notes take none of that room.
func TestNotesLeaveTheRoomForOutcomes(t *testing.T) {
	s := open(t, place(t))
	r := start(t, s, 0)
	log := s.paths.RunLog(r.ID())
	r.drain() // from here on it is the test that writes
	storm := make([]ticket, 1000)
	for i := range storm {
		storm[i] = ticket{note: &Note{Kind: NoteRetrying, At: testTime, Text: strings.Repeat("x", 1<<10)}}
	}
	for range 4 {
		r.writer.write(storm)
		if taken, size := allocated(t, log); taken-size < logRoom {
			t.Fatalf("after notes the log has %d bytes and takes %d of the disk", size, taken)
		}
	}
}

// The room moves on with what is written.
func TestRoomIsKeptBehindWhatIsWritten(t *testing.T) {
	file, err := os.Create(t.TempDir() + "/log")
	if err != nil {
		t.Fatal(err)
	}
	log := &runLogFile{File: file}
	line := make([]byte, 100<<10)
	for range 40 {
		if err := log.Reserve(len(line) + logRoom); err != nil {
			t.Fatal(err)
		}
		if taken, size := allocated(t, file.Name()); taken < size+int64(len(line))+logRoom {
			t.Fatalf("a log of %d bytes takes %d of the disk", size, taken)
		}
		if _, err := log.Write(line); err != nil {
			t.Fatal(err)
		}
	}
	if err := log.Close(); err != nil {
		t.Fatal(err)
	}
	if taken, size := allocated(t, file.Name()); size != 40*int64(len(line)) || taken >= size+logRoom {
		t.Errorf("a closed log of %d bytes takes %d of the disk", size, taken)
	}
}
