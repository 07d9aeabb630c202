package powercut

import (
	"fmt"
	"slices"
)

// A Kind says what an Op does.
type Kind uint8

// The kinds of operations. The zero value is none.
const (
	Write    Kind = iota + 1 // Data to File at Offset
	Truncate                 // File to Size, shorter or longer
	Reserve                  // room for File; its content and length stay
	Create                   // Name for the new, empty File
	Mkdir                    // Name for the new directory File
	Rename                   // Name becomes To, in place of what had that name
	Link                     // To is one more name for File
	Remove                   // Name is none any more
	Sync                     // what is in File; of a directory, its names
	Send                     // Data leaves on a socket
	Print                    // Data to the standard output, or to the standard error when File is 2
	Open                     // Name for writing; written down only when it was made to fail
)

var kindNames = [...]string{
	Write: "write", Truncate: "truncate", Reserve: "reserve", Create: "create", Mkdir: "mkdir", Rename: "rename",
	Link: "link", Remove: "remove", Sync: "sync", Send: "send", Print: "print",
	Open: "open",
}

// String is the kind's name.
func (k Kind) String() string { return kindNames[k] }

// An Op is something that the program asked of the kernel. It took place somewhere between two ticks of its trace.
type Op struct {
	Kind     Kind
	File     int    // the file's number in the trace; names change, this does not
	Name, To string // below the trace's root, with slashes
	Dir      int    // of what changes a name: the number of the directory that it is in
	Offset   int64
	Size     int64
	Data     []byte
	DataOnly bool   // of a Sync: fdatasync
	Failed   string // the injected error: it did nothing
	Begin    int    // the tick before the kernel began with it
	End      int    // the tick after the kernel ended; the trace's last when it never did
}

// String is the operation in a line, for those who look into a failure.
func (o *Op) String() string {
	s := fmt.Sprintf("%d-%d %v %s", o.Begin, o.End, o.Kind, o.Name)
	switch o.Kind {
	case Write:
		s += fmt.Sprintf(" [%d, +%d)", o.Offset, len(o.Data))
	case Truncate:
		s += fmt.Sprintf(" to %d", o.Size)
	case Rename, Link:
		s += " to " + o.To
	case Send, Print:
		s += fmt.Sprintf("%.300q", o.Data)
	}
	if o.Failed != "" {
		s += ": failed: " + o.Failed
	}
	return s
}

// A Node is a file or directory as it was when the recording began.
type Node struct {
	Name string // below the trace's root, with slashes; of the root itself "."
	File int
	Dir  bool
	Data []byte
}

// A Trace is what a program asked of the kernel, from its start to its end.
type Trace struct {
	Start []Node // parents before their children
	Ops   []*Op  // in the sequence of their beginnings
	Ticks int    // ticks go from 0, before everything, to Ticks, after everything
	Exit  int    // the program's exit code; -1 when a signal ended it
}

// Then returns the trace of both programs, of which next ran after t in the same directory. What a failed sync lost in the
// first is lost in the second too, whatever that one reads.
func (t *Trace) Then(next *Trace) *Trace {
	both := &Trace{Start: t.Start, Ops: slices.Clone(t.Ops), Ticks: t.Ticks + next.Ticks, Exit: next.Exit}
	names, last := make(map[string]int), 0
	for _, n := range t.Start {
		names[n.Name], last = n.File, max(last, n.File)
	}
	for _, o := range t.Ops {
		last = max(last, o.File)
		if o.Failed == "" {
			rename(names, o)
		}
	}
	number := make(map[int]int) // of the second trace's files in both
	for _, n := range next.Start {
		number[n.File] = names[n.Name]
	}
	for _, o := range next.Ops {
		moved := *o
		moved.Begin, moved.End = o.Begin+t.Ticks, o.End+t.Ticks
		moved.Dir = number[o.Dir]
		if o.Kind == Create || o.Kind == Mkdir {
			last++
			number[o.File] = last
		}
		if o.Kind != Print { // of which it is the stream
			moved.File = number[o.File]
		}
		both.Ops = append(both.Ops, &moved)
	}
	return both
}

// Until returns the trace of a program that was killed at a tick: what it had begun to write is written, and nothing else.
func (t *Trace) Until(tick int) *Trace {
	killed := &Trace{Start: t.Start, Ticks: tick, Exit: -1}
	for _, o := range t.Ops {
		switch {
		case o.Begin > tick, o.End > tick && o.Kind == Sync:
			continue
		case o.End > tick:
			cut := *o
			cut.End = tick
			o = &cut
		}
		killed.Ops = append(killed.Ops, o)
	}
	return killed
}
