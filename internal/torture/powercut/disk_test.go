package powercut

import (
	"bytes"
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// story makes a trace of operations on the file 2, which is there as "old" with the content "old". Each operation begins
// and ends before the next, unless it has ticks of its own.
func story(ops ...Op) *Trace {
	t := &Trace{Start: []Node{{Name: ".", File: 1, Dir: true}, {Name: "old", File: 2, Data: []byte("old")}}}
	for i := range ops {
		o := &ops[i]
		if o.Begin == 0 {
			o.Begin, o.End = 10*i+1, 10*i+2
		}
		t.Ops = append(t.Ops, o)
		t.Ticks = max(t.Ticks, o.End)
	}
	return t
}

// endings returns the contents that a file can have at the end of a trace, drawn often; "-" stands for no file.
func endings(t *Trace, system FileSystem, name string) []string {
	d := NewDisk(t, system)
	for d.Advance() {
	}
	found := map[string]bool{}
	for variant := range 500 {
		content, there := d.Image(1, variant).Files[name]
		if !there {
			content = []byte("-")
		}
		found[string(content)] = true
	}
	return slices.Sorted(maps.Keys(found))
}

func write(file int, data string) Op { return Op{Kind: Write, File: file, Data: []byte(data)} }

func TestWhatAPowerCutMayLeave(t *testing.T) {
	create := Op{Kind: Create, Name: "new", File: 3, Dir: 1}
	sync := func(file int) Op { return Op{Kind: Sync, File: file} }
	rename := Op{Kind: Rename, Name: "new", To: "old", File: 3, Dir: 1}
	failed := sync(2)
	failed.Failed = "input/output error"
	dataOnly := sync(2)
	dataOnly.DataOnly = true
	early := Op{Kind: Sync, File: 2, Begin: 2, End: 5} // begins before the write has ended
	late := Op{Kind: Write, File: 2, Data: []byte("NEW"), Begin: 1, End: 4}
	for name, c := range map[string]struct {
		trace *Trace
		file  string
		want  []string
	}{
		"nothing done":                   {story(), "old", []string{"old"}},
		"written":                        {story(write(2, "NEW")), "old", []string{"NEW", "old"}},
		"written longer":                 {story(write(2, "longer")), "old", []string{"lon", "longer", "old", "old\x00\x00\x00"}},
		"written and synced":             {story(write(2, "NEW"), sync(2)), "old", []string{"NEW"}},
		"another file synced":            {story(write(2, "NEW"), sync(1)), "old", []string{"NEW", "old"}},
		"synced before the write's end":  {story(late, early), "old", []string{"NEW", "old"}},
		"a failed sync":                  {story(write(2, "NEW"), failed), "old", []string{"NEW", "old"}},
		"a sync after a failed one":      {story(write(2, "NEW"), failed, sync(2)), "old", []string{"NEW", "old"}},
		"a failed write":                 {story(Op{Kind: Write, File: 2, Data: []byte("NEW"), Failed: "no space"}), "old", []string{"old"}},
		"cut":                            {story(Op{Kind: Truncate, File: 2, Size: 1}), "old", []string{"o", "old"}},
		"made":                           {story(create), "new", []string{"", "-"}},
		"made, and the directory synced": {story(create, sync(1)), "new", []string{""}},
		"made, and the file synced":      {story(create, write(3, "NEW"), sync(3)), "new", []string{"-", "NEW"}},
		"put in place unsynced":          {story(create, write(3, "NEW"), rename), "old", []string{"", "\x00\x00\x00", "NEW", "old"}},
		"put in place":                   {story(create, write(3, "NEW"), sync(3), rename), "old", []string{"NEW", "old"}},
		"put in place for good":          {story(create, write(3, "NEW"), sync(3), rename, sync(1)), "old", []string{"NEW"}},
		"removed":                        {story(Op{Kind: Remove, Name: "old", File: 2, Dir: 1}), "old", []string{"-", "old"}},
	} {
		t.Run(name, func(t *testing.T) {
			if d := cmp.Diff(c.want, endings(c.trace, Strict, c.file)); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
	journalled := story(create, write(2, "NEW"), sync(2))
	if got := endings(journalled, Ordered, "new"); !slices.Equal(got, []string{""}) {
		t.Errorf("an ordered file system left %q of a name that was made before an fsync", got)
	}
	if got := endings(story(create, write(2, "NEW"), dataOnly), Ordered, "new"); !slices.Equal(got, []string{"", "-"}) {
		t.Errorf("an ordered file system left %q of a name that was made before an fdatasync", got)
	}
}

// What is torn is torn between sectors, which a disk writes whole.
func TestSectorsAreNotTorn(t *testing.T) {
	data := bytes.Repeat([]byte("N"), 1500)
	torn := 0
	for _, end := range endings(story(Op{Kind: Write, File: 2, Offset: 100, Data: data}), Strict, "old") {
		got := append([]byte(end), make([]byte, max(0, 1600-len(end)))...)
		states := map[byte]bool{}
		for from, to := 100, 512; from < 1600; from, to = to, min(to+512, 1600) {
			sector := got[from:to]
			states[sector[0]] = true
			if !bytes.Equal(sector, bytes.Repeat(sector[:1], len(sector))) && len(end) >= to {
				t.Fatalf("the sector [%d, %d) is torn: %q", from, to, sector)
			}
		}
		if len(states) > 1 {
			torn++
		}
	}
	if torn == 0 {
		t.Error("no image is torn")
	}
}

// The same seed gives the same images, and another one others.
func TestImagesAreDrawnBySeed(t *testing.T) {
	d := NewDisk(story(write(2, string(bytes.Repeat([]byte("N"), 1<<16)))), Strict)
	for d.Advance() {
	}
	same := true
	for variant := VariantDrawn; variant < 50; variant++ {
		one, again, other := d.Image(1, variant), d.Image(1, variant), d.Image(2, variant)
		if one.Sum() != again.Sum() {
			t.Fatalf("variant %d is not the same twice", variant)
		}
		same = same && one.Sum() == other.Sum()
	}
	if same {
		t.Error("two seeds draw the same images")
	}
}

// Each image lacks one block of what is not durable, in all that was written to it, and has all the rest.
func TestImagesThatLackABlock(t *testing.T) {
	d := NewDisk(story(write(2, "NEWER"), Op{Kind: Write, File: 2, Offset: 3, Data: []byte("est")}), Strict)
	for d.Advance() {
	}
	var got []string
	for image := range d.Lacking("old", 2) {
		got = append(got, string(image.Files["old"]))
	}
	want := []string{"olWest", "NEd\x00st", "NEWe\x00\x00"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
