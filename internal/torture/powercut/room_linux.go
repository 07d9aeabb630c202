//go:build amd64 || arm64

package powercut

// onDisk is how much of a disk a file takes: a length alone takes nothing.
type onDisk struct {
	dir   bool
	size  int64
	pages map[int64]bool // those that were written or reserved
}

func newOnDisk(dir bool) *onDisk { return &onDisk{dir: dir, pages: make(map[int64]bool)} }

// wrote takes in a write.
func (f *onDisk) wrote(offset, n int64) {
	f.takes(offset, n)
	f.size = max(f.size, offset+n)
}

// takes gives the file the pages of a part of it.
func (f *onDisk) takes(offset, n int64) {
	for page := offset / pageSize; page*pageSize < offset+n; page++ {
		f.pages[page] = true
	}
}

// has tells whether the file has the pages of a part of it.
func (f *onDisk) has(offset, n int64) bool {
	for page := offset / pageSize; page*pageSize < offset+n; page++ {
		if !f.pages[page] {
			return false
		}
	}
	return true
}

// cut takes in a truncation.
func (f *onDisk) cut(size int64) {
	for page := range f.pages {
		if page*pageSize >= size {
			delete(f.pages, page)
		}
	}
	f.size = size
}
