package powercut

import "slices"

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
	begin  map[int]*Op // by tick
	end    map[int]*Op

	files   map[int]*file
	names   map[string]int // the durable ones
	pending []*Op          // what changes names and is not durable
}

// file is the content of one file.
type file struct {
	dir     bool
	data    []byte       // what is durable
	pending []*Op        // what is not, in the sequence of its beginning
	lost    map[*Op]bool // of pending, what a failed sync gave up: the kernel takes it for written, and never writes it
}

// NewDisk returns the disk before the trace began. All that it held then is durable.
func NewDisk(t *Trace, system FileSystem) *Disk {
	d := &Disk{
		trace: t, system: system,
		begin: make(map[int]*Op), end: make(map[int]*Op),
		files: make(map[int]*file), names: make(map[string]int),
	}
	for _, n := range t.Start {
		d.files[n.File] = &file{dir: n.Dir, data: n.Data}
		d.names[n.Name] = n.File
	}
	for _, o := range t.Ops {
		d.begin[o.Begin], d.end[o.End] = o, o
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
	if o := d.end[d.tick]; o != nil && o.Kind == Sync {
		d.synced(o)
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

// synced takes in that a sync has ended: what had ended before it began is durable.
func (d *Disk) synced(sync *Op) {
	f := d.files[sync.File]
	if sync.Failed != "" {
		f.giveUp(sync.Begin)
		return
	}
	f.pending = slices.DeleteFunc(f.pending, func(o *Op) bool {
		if o.End > sync.Begin || f.lost[o] {
			return false
		}
		f.data = o.apply(f.data)
		return true
	})
	journalled := d.system == Ordered && !sync.DataOnly
	d.pending = slices.DeleteFunc(d.pending, func(o *Op) bool {
		if o.End > sync.Begin || !journalled && o.Dir != sync.File {
			return false
		}
		rename(d.names, o)
		return true
	})
}

// giveUp is what a failed sync does to what it was to write.
func (f *file) giveUp(begin int) {
	if f.lost == nil {
		f.lost = make(map[*Op]bool)
	}
	for _, o := range f.pending {
		if o.End <= begin {
			f.lost[o] = true
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
