package state

import (
	"path/filepath"
	"testing"
)

func TestFileSystemOf(t *testing.T) {
	dir := t.TempDir()
	if got := FileSystemOf(filepath.Join(dir, "state.db")); got.Network == NetworkYes {
		t.Errorf("the directory for temporary files is on %+v", got)
	}
	real := fileSystemType
	t.Cleanup(func() { fileSystemType = real })
	var asked string
	for number, want := range map[uint32]Network{0x6969: NetworkYes, 0xfe534d42: NetworkYes, 0x65735546: NetworkMaybe, 0xef53: NetworkNo} {
		fileSystemType = func(dir string) uint32 { asked = dir; return number }
		if got := FileSystemOf(filepath.Join(dir, "fleet", ".bastion-fleet", "state.db")); got.Network != want || (want != NetworkNo) != (got.Name != "") {
			t.Errorf("%#x: %+v, want %d", number, got, want)
		}
		if asked != dir {
			t.Errorf("of a directory that is to be made, %s was looked at, not %s", asked, dir)
		}
	}
}
