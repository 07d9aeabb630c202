package powercut

import (
	"iter"
	"slices"
)

// pageSize is what the kernel writes, and what disks are given out in.
const pageSize = 4096

// A FileSystem says when a name is on disk for sure.
type FileSystem uint8

// The file systems.
const (
	Strict  FileSystem = iota // when its directory was synced, and never by anything else
	Ordered                   // also when any file was synced by fsync afterwards
)

// String is the file system's name.
func (f FileSystem) String() string {
	if f == Ordered {
		return "ordered"
	}
	return "strict"
}

// A Disk is what is on disk at one tick of a trace: for sure, and perhaps. Advance moves it on.
type Disk struct {
	trace  *Trace
	system FileSystem
	tick   int
	begin  map[int]*Op   // by tick
	synced map[int][]*Op // the syncs that end, by tick

	files   map[int]*file
	names   map[string]int // the durable ones
	pending []*Op          // what changes names and is not durable
}

// file is the content of one file.
type file struct {
	dir     bool
	data    []byte       // what is durable
	pending []*Op        // what is not, in the sequence of its beginning
	lost    map[*Op]bool // of pending, pages that a failed sync gave up: the kernel takes them for written
}

// NewDisk returns the disk before the trace began. All that it held then is durable.
func NewDisk(t *Trace, system FileSystem) *Disk {
	d := &Disk{
		trace: t, system: system,
		begin: make(map[int]*Op), synced: make(map[int][]*Op),
		files: make(map[int]*file), names: make(map[string]int),
	}
	for _, n := range t.Start {
		d.files[n.File] = &file{dir: n.Dir, data: n.Data}
		d.names[n.Name] = n.File
	}
	for _, o := range t.Ops {
		d.begin[o.Begin] = o
		if o.Kind == Sync {
			d.synced[o.End] = append(d.synced[o.End], o)
		}
	}
	return d
}

// Tick is the moment that the disk is at.
func (d *Disk) Tick() int { return d.tick }

// Advance moves the disk on by one tick. It returns false at the trace's end.
func (d *Disk) Advance() bool {
	if d.tick >= d.trace.Ticks {
		return false
	}
	d.tick++
	if o := d.begin[d.tick]; o != nil {
		d.started(o)
	}
	for _, o := range d.synced[d.tick] {
		d.sync(o)
	}
	return true
}

// started takes in that from now on an operation may have happened.
func (d *Disk) started(o *Op) {
	if o.Failed != "" {
		return
	}
	switch o.Kind {
	case Create, Mkdir:
		d.files[o.File] = &file{dir: o.Kind == Mkdir}
		d.pending = append(d.pending, o)
	case Rename, Link, Remove:
		d.pending = append(d.pending, o)
	case Write, Truncate:
		f := d.files[o.File]
		f.pending = append(f.pending, o)
	case Reserve, Sync, Send, Print:
	}
}

// sync takes in that a sync has ended: what had ended before it began is durable.
func (d *Disk) sync(sync *Op) {
	f := d.files[sync.File]
	if sync.Failed != "" {
		f.giveUp(sync.Begin)
		return
	}
	f.settle(sync.Begin)
	journalled := d.system == Ordered && !sync.DataOnly
	d.pending = slices.DeleteFunc(d.pending, func(o *Op) bool {
		if o.End > sync.Begin || !journalled && o.Dir != sync.File {
			return false
		}
		rename(d.names, o)
		return true
	})
}

// settle makes durable what had ended before a sync began. A page that was given up is written with what else is written
// to it, and never by itself.
func (f *file) settle(begin int) {
	touched := make(map[int64]bool)
	for _, o := range f.pending {
		for page := o.Offset / pageSize; !f.lost[o] && o.End <= begin && page*pageSize < o.Offset+int64(len(o.Data)); page++ {
			touched[page] = true
		}
	}
	f.pending = slices.DeleteFunc(f.pending, func(o *Op) bool {
		if o.End > begin || f.lost[o] && !touched[o.Offset/pageSize] {
			return false
		}
		f.data = o.apply(f.data)
		return true
	})
}

// giveUp is what a failed sync does to what it was to write.
func (f *file) giveUp(begin int) {
	if f.lost == nil {
		f.lost = make(map[*Op]bool)
	}
	var pending []*Op
	for _, o := range f.pending {
		if o.Kind != Write || o.End > begin || f.lost[o] {
			pending = append(pending, o)
			continue
		}
		for part := range o.split(pageSize) {
			f.lost[part] = true
			pending = append(pending, part)
		}
	}
	f.pending = pending
}

// split yields a write as writes that each stay within a block of the disk.
func (o *Op) split(block int64) iter.Seq[*Op] {
	return func(yield func(*Op) bool) {
		for from := int64(0); from < int64(len(o.Data)); {
			to := min(int64(len(o.Data)), (o.Offset+from)/block*block+block-o.Offset)
			part := *o
			part.Offset, part.Data = o.Offset+from, o.Data[from:to]
			if !yield(&part) {
				return
			}
			from = to
		}
	}
}

// rename does to names what an operation does.
func rename(names map[string]int, o *Op) {
	switch o.Kind {
	case Create, Mkdir:
		names[o.Name] = o.File
	case Link:
		names[o.To] = o.File
	case Remove:
		delete(names, o.Name)
	case Rename:
		delete(names, o.Name)
		names[o.To] = o.File
	case Write, Truncate, Reserve, Sync, Send, Print: // they change none
	}
}

// apply returns data after a write or a truncation.
func (o *Op) apply(data []byte) []byte {
	if o.Kind == Truncate {
		return resize(slices.Clone(data), o.Size)
	}
	data = slices.Clone(data)
	if end := o.Offset + int64(len(o.Data)); end > int64(len(data)) {
		data = resize(data, end)
	}
	copy(data[o.Offset:], o.Data)
	return data
}

// resize cuts data, or fills it up with zeros.
func resize(data []byte, size int64) []byte {
	if size <= int64(len(data)) {
		return data[:size]
	}
	return append(data, make([]byte, size-int64(len(data)))...)
}
