package state

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// A FileSystem is what a state is kept on, as far as its promises depend on it: that the lock keeps every other process
// out, and that what was synced is durable.
type FileSystem struct {
	Name    string  // empty where the system does not tell
	Network Network // whether other machines may be behind it
}

// Network tells whether a file system is one of a network. There, locks may hold on one machine only, and a sync may
// return before the other side's disk has anything.
type Network uint8

// The zero value is what local disks are, and all that is not known.
const (
	NetworkNo    Network = iota
	NetworkMaybe         // it serves local files as well as remote ones: a FUSE mount, a container's or a virtual machine's share
	NetworkYes
)

// FileSystemOf looks at what the state at path is kept on, or would be. Only Linux tells; elsewhere nothing is known.
func FileSystemOf(path string) FileSystem {
	for dir := filepath.Dir(PathsOf(path).DB); ; dir = filepath.Dir(dir) {
		_, err := os.Stat(dir)
		if errors.Is(err, fs.ErrNotExist) && dir != filepath.Dir(dir) {
			continue // it will be made
		}
		return fileSystems[fileSystemType(dir)]
	}
}

// fileSystems are the network's, by what Linux calls them in statfs(2). Those of a cluster with locks and syncs of its own,
// as GFS2 and OCFS2, are as good as a disk.
var fileSystems = map[uint32]FileSystem{
	0x00006969: {"NFS", NetworkYes},
	0x0000517b: {"SMB", NetworkYes},
	0xfe534d42: {"SMB", NetworkYes},
	0xff534d42: {"CIFS", NetworkYes},
	0x5346414f: {"AFS", NetworkYes},
	0x6b414653: {"AFS", NetworkYes},
	0x73757245: {"Coda", NetworkYes},
	0x0000564c: {"NCP", NetworkYes},
	0x00c36400: {"CephFS", NetworkYes},
	0x0bd00bd0: {"Lustre", NetworkYes},
	0x65735546: {"FUSE", NetworkMaybe},
	0x01021997: {"9p", NetworkMaybe},
	0x786f4256: {"vboxsf", NetworkMaybe},
}
