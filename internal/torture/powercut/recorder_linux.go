//go:build amd64 || arm64

package powercut

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

var native = binary.NativeEndian

// A recorder turns system calls into the operations of a trace.
type recorder struct {
	run    Run
	root   string // absolute, without links
	pid    int
	memory memory
	trace  *Trace
	tick   int
	writes int // calls that write below the root

	open  map[int32]*descriptor
	names map[string]int  // as they are now
	files map[int]*onDisk // by number
	last  int             // the last file's number
}

// descriptor is an open file below the root.
type descriptor struct {
	file    int
	name    string
	offset  int64
	appends bool
}

// A call is a system call that has begun.
type call struct {
	op    *Op                // nil: it changes nothing
	fault syscall.Errno      // what it fails with in place of being made
	after func(result int64) // called when it succeeded
}

func newRecorder(r Run) (*recorder, error) {
	root, err := filepath.Abs(r.Root)
	if err == nil {
		root, err = filepath.EvalSymlinks(root)
	}
	if err != nil {
		return nil, err
	}
	rec := &recorder{
		run: r, root: root, trace: &Trace{},
		open: make(map[int32]*descriptor), names: make(map[string]int), files: make(map[int]*onDisk),
	}
	before, err := Snap(root)
	if err != nil {
		return nil, err
	}
	for _, name := range before.Dirs {
		rec.known(Node{Name: name, Dir: true})
	}
	for name, data := range before.Files {
		rec.known(Node{Name: name, Data: data})
	}
	return rec, nil
}

// known takes in what is there before the program begins.
func (r *recorder) known(n Node) {
	r.last++
	n.File = r.last
	r.names[n.Name] = n.File
	r.files[n.File] = newOnDisk(n.Dir)
	r.files[n.File].wrote(0, int64(len(n.Data)))
	r.trace.Start = append(r.trace.Start, n)
}

func (r *recorder) now() int {
	r.tick++
	return r.tick
}

// begin writes down that an operation has begun.
func (r *recorder) begin(o Op) *Op {
	o.Begin = r.now()
	r.trace.Ops = append(r.trace.Ops, &o)
	return &o
}

// enter takes in a system call that is about to be made. It returns nil for one that is none of its business.
func (r *recorder) enter(nr uint64, args [6]uint64) (*call, error) {
	fd := int32(args[0])
	switch nr {
	case syscall.SYS_OPENAT:
		return r.opens(args)
	case syscall.SYS_CLOSE:
		delete(r.open, fd) // now, for another thread may get the number before this call's end is seen
	case syscall.SYS_WRITE, syscall.SYS_PWRITE64, syscall.SYS_WRITEV:
		return r.writesTo(nr, fd, args)
	case syscall.SYS_SENDFILE:
		return r.copies(fd, 0)
	case sysCopyFileRange:
		return r.copies(int32(args[2]), args[3])
	case syscall.SYS_FTRUNCATE, syscall.SYS_FALLOCATE, syscall.SYS_FSYNC, syscall.SYS_FDATASYNC:
		return r.shapes(nr, fd, args)
	case syscall.SYS_LSEEK:
		return r.seeks(fd), nil
	case syscall.SYS_FCNTL:
		return r.duplicates(fd, args[1]), nil
	case syscall.SYS_RENAMEAT, sysRenameat2, syscall.SYS_LINKAT, syscall.SYS_UNLINKAT, syscall.SYS_MKDIRAT:
		return r.renames(nr, args)
	case syscall.SYS_MMAP:
		const writable = syscall.PROT_WRITE
		if d := r.open[int32(args[4])]; d != nil && args[2]&writable != 0 && args[3]&syscall.MAP_SHARED != 0 {
			return nil, fmt.Errorf("%s is mapped for writing, which can't be recorded", d.name)
		}
	}
	return nil, nil
}

// leave takes in a system call's end.
func (r *recorder) leave(c *call, result int64) {
	end := r.now()
	switch {
	case c.fault != 0 && c.op != nil:
		c.op.Failed, c.op.End = c.fault.Error(), end
	case c.fault != 0:
	case result < 0 && c.op != nil:
		c.op.Kind = 0 // it did nothing
	case result >= 0:
		if c.op != nil {
			c.op.End = end
		}
		if c.after != nil {
			c.after(result)
		}
	}
}

// began returns a call that writes below the root, or one that fails in its place.
func (r *recorder) began(name string, o Op, after func(int64)) *call {
	r.writes++
	c := &call{after: after}
	kind := o.Kind
	if o.Name = name; kind == 0 {
		kind = Open
	}
	if r.run.Fault != nil {
		c.fault = r.run.Fault(Call{N: r.writes, Kind: kind, Name: name, Offset: o.Offset, Grows: r.grows(o)})
	}
	if c.fault != 0 && kind != Sync {
		o.Kind = kind
	}
	if o.Kind != 0 {
		c.op = r.begin(o)
	}
	return c
}

// grows tells whether an operation needs room that the disk has not given yet.
func (r *recorder) grows(o Op) bool {
	switch o.Kind {
	case Create, Mkdir, Link:
		return true
	case Write:
		return !r.files[o.File].has(o.Offset, int64(len(o.Data)))
	case Reserve:
		return !r.files[o.File].has(o.Offset, o.Size)
	default:
		return false
	}
}

// below returns a path's name below the root, and whether it is there.
func (r *recorder) below(dir int32, at uint64) (name string, is bool, err error) {
	const current = -100 // AT_FDCWD
	file, err := r.memory.text(at)
	if err != nil {
		return "", false, err
	}
	if d := r.open[dir]; !filepath.IsAbs(file) && dir != current && d != nil {
		file = filepath.Join(r.root, d.name, file)
	} else if !filepath.IsAbs(file) && dir == current {
		file = filepath.Join(r.root, file)
	}
	name, err = filepath.Rel(r.root, file)
	if err != nil || name == ".." || strings.HasPrefix(name, "../") {
		return "", false, nil
	}
	return filepath.ToSlash(name), true, nil
}

// opens takes in an openat.
func (r *recorder) opens(args [6]uint64) (*call, error) {
	name, is, err := r.below(int32(args[0]), args[1])
	if err != nil || !is {
		return nil, err
	}
	flags := args[2]
	number, there := r.names[name]
	var o Op
	switch {
	case !there && flags&syscall.O_CREAT != 0:
		r.last++
		number = r.last
		o = Op{Kind: Create, Dir: r.names[path.Dir(name)], File: number}
	case there && flags&syscall.O_TRUNC != 0 && flags&syscall.O_EXCL == 0:
		o = Op{Kind: Truncate, File: number}
	}
	after := func(fd int64) {
		switch o.Kind {
		case Create:
			r.names[name], r.files[number] = number, newOnDisk(false)
		case Truncate:
			r.files[number].cut(0)
		}
		r.open[int32(fd)] = &descriptor{file: number, name: name, appends: flags&syscall.O_APPEND != 0}
	}
	if flags&(syscall.O_WRONLY|syscall.O_RDWR|syscall.O_CREAT|syscall.O_TRUNC) == 0 {
		return &call{after: after}, nil
	}
	return r.began(name, o, after), nil
}

// writesTo takes in a write to an open file, a standard stream, or a socket.
func (r *recorder) writesTo(nr uint64, fd int32, args [6]uint64) (*call, error) {
	d := r.open[fd]
	read := r.memory.bytes
	if nr == syscall.SYS_WRITEV {
		read = r.memory.vectors
	}
	data, err := read(args[1], args[2])
	if err != nil {
		return nil, err
	}
	if d == nil {
		return r.says(fd, data), nil
	}
	offset := d.offset
	switch {
	case nr == syscall.SYS_PWRITE64:
		offset = int64(args[3])
	case d.appends:
		offset = r.files[d.file].size
	}
	c := r.began(d.name, Op{Kind: Write, File: d.file, Offset: offset, Data: data}, nil)
	c.after = func(n int64) {
		c.op.Data = data[:n]
		r.files[d.file].wrote(offset, n)
		if nr != syscall.SYS_PWRITE64 {
			d.offset = offset + n
		}
	}
	return c, nil
}

// says takes in what leaves the machine, or is shown to somebody.
func (r *recorder) says(fd int32, data []byte) *call {
	switch {
	case fd == 1 || fd == 2:
		return &call{op: r.begin(Op{Kind: Print, File: int(fd), Data: data})}
	case bytes.Contains(data, []byte(markerBegin)) && r.isSocket(fd):
		return &call{op: r.begin(Op{Kind: Send, Data: data})}
	}
	return nil
}

// isSocket tells whether an open file that is none below the root is a socket.
func (r *recorder) isSocket(fd int32) bool {
	what, err := os.Readlink(fmt.Sprintf("/proc/%d/fd/%d", r.pid, fd))
	return err == nil && strings.HasPrefix(what, "socket:")
}

// copies takes in a copy between files that the kernel makes. What it wrote is read back when it is done.
func (r *recorder) copies(fd int32, at uint64) (*call, error) {
	d := r.open[fd]
	if d == nil {
		return nil, nil
	}
	offset := d.offset
	if at != 0 {
		raw, err := r.memory.bytes(at, 8)
		if err != nil {
			return nil, err
		}
		offset = int64(native.Uint64(raw))
	}
	c := r.began(d.name, Op{Kind: Write, File: d.file, Offset: offset}, nil)
	c.after = func(n int64) {
		c.op.Data = r.readBack(d.name, offset, n)
		r.files[d.file].wrote(offset, n)
		if at == 0 {
			d.offset = offset + n
		}
	}
	return c, nil
}

// readBack reads what a call wrote. What can't be read is found missing at the end of the recording.
func (r *recorder) readBack(name string, offset, n int64) []byte {
	file, err := os.Open(filepath.Join(r.root, name))
	if err != nil {
		return nil
	}
	defer file.Close()
	data := make([]byte, n)
	_, _ = file.ReadAt(data, offset)
	return data
}

// shapes takes in what changes a file's length or makes it durable.
func (r *recorder) shapes(nr uint64, fd int32, args [6]uint64) (*call, error) {
	const keepSize = 1 // FALLOC_FL_KEEP_SIZE
	d := r.open[fd]
	if d == nil {
		return nil, nil
	}
	o := Op{File: d.file}
	switch {
	case nr == syscall.SYS_FSYNC, nr == syscall.SYS_FDATASYNC:
		o.Kind, o.DataOnly = Sync, nr == syscall.SYS_FDATASYNC
	case nr == syscall.SYS_FTRUNCATE:
		o.Kind, o.Size = Truncate, int64(args[1])
	case args[1] == keepSize:
		o.Kind, o.Offset, o.Size = Reserve, int64(args[2]), int64(args[3])
	default:
		return nil, fmt.Errorf("%s: fallocate with mode %d can't be recorded", d.name, args[1])
	}
	return r.began(d.name, o, func(int64) {
		switch o.Kind {
		case Truncate:
			r.files[d.file].cut(o.Size)
		case Reserve:
			r.files[d.file].takes(o.Offset, o.Size)
		}
	}), nil
}

func (r *recorder) seeks(fd int32) *call {
	d := r.open[fd]
	if d == nil {
		return nil
	}
	return &call{after: func(offset int64) { d.offset = offset }}
}

func (r *recorder) duplicates(fd int32, command uint64) *call {
	d := r.open[fd]
	if d == nil || command != syscall.F_DUPFD && command != syscall.F_DUPFD_CLOEXEC {
		return nil
	}
	return &call{after: func(other int64) { r.open[int32(other)] = d }}
}

// renames takes in what changes names.
func (r *recorder) renames(nr uint64, args [6]uint64) (*call, error) {
	name, is, err := r.below(int32(args[0]), args[1])
	if err != nil || !is {
		return nil, err
	}
	o := Op{File: r.names[name], Dir: r.names[path.Dir(name)], Name: name}
	switch nr {
	case syscall.SYS_MKDIRAT:
		r.last++
		o.Kind, o.File = Mkdir, r.last
	case syscall.SYS_UNLINKAT:
		o.Kind = Remove
	default:
		o.Kind = Rename
		if nr == syscall.SYS_LINKAT {
			o.Kind = Link
		}
		o.To, is, err = r.below(int32(args[2]), args[3])
		if err != nil || !is || path.Dir(o.To) != path.Dir(name) || r.files[o.File] != nil && r.files[o.File].dir {
			return nil, errors.Join(err, fmt.Errorf("%s %s to %s: only of files within a directory can that be recorded",
				o.Kind, name, o.To))
		}
	}
	return r.began(name, o, func(int64) {
		if o.Kind == Mkdir {
			r.files[o.File] = newOnDisk(true)
		}
		rename(r.names, &o)
	}), nil
}

// finish ends the recording and holds it against what the program left.
func (r *recorder) finish(exit int) (*Trace, error) {
	t := r.trace
	t.Exit = exit
	t.Ticks = r.now()
	ended := true
	t.Ops = slices.DeleteFunc(t.Ops, func(o *Op) bool { return o.Kind == 0 })
	for _, o := range t.Ops {
		if o.End == 0 {
			o.End = t.Ticks
			ended = ended && (o.Kind == Print || o.Kind == Send)
		}
	}
	if !ended {
		return t, nil // it was killed within a call, of which nobody knows what it did
	}
	left, err := Snap(r.root)
	if err != nil {
		return nil, err
	}
	return t, t.check(left)
}

// check returns how what the trace leads to differs from what is there.
func (t *Trace) check(left Image) error {
	d := NewDisk(t, Strict)
	for d.Advance() {
	}
	replayed := d.Image(0, VariantAll)
	var errs []error
	if !slices.Equal(slices.Sorted(slices.Values(left.Dirs)), slices.Sorted(slices.Values(replayed.Dirs))) {
		errs = append(errs, fmt.Errorf("it leads to the directories %q, and there are %q", replayed.Dirs, left.Dirs))
	}
	for name, data := range left.Files {
		if !bytes.Equal(data, replayed.Files[name]) {
			errs = append(errs, fmt.Errorf("%s has %d bytes, and the recording leads to %d, or to others",
				name, len(data), len(replayed.Files[name])))
		}
	}
	for name := range replayed.Files {
		if _, there := left.Files[name]; !there {
			errs = append(errs, fmt.Errorf("%s isn't there", name))
		}
	}
	if len(errs) > 0 {
		return fmt.Errorf("the recording is not complete: %w", errors.Join(errs...))
	}
	return nil
}
