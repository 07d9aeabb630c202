package powercut

import (
	"crypto/sha256"
	"fmt"
	"io/fs"
	"iter"
	"maps"
	"math/rand/v2"
	"os"
	"path"
	"path/filepath"
	"slices"
)

// A fate says what became of what was not synced.
type fate uint8

const (
	gone      fate = iota // nothing of it is there
	whole                 // all of it is
	begun                 // the first operations are, the last of them perhaps in part
	scattered             // any of the operations are
	torn512               // any sectors of them are
	torn4096              // any pages of them are
	hollow                // the lengths are, without the data: zeros, or what was there before
	clipped               // the data is, without the lengths
	fates
)

var fateNames = [...]string{
	gone: "gone", whole: "whole", begun: "begun", scattered: "scattered", torn512: "torn at 512", torn4096: "torn at 4096",
	hollow: "hollow", clipped: "clipped",
}

// An Image is what a machine could find after a power cut.
type Image struct {
	Dirs  []string          // below the trace's root, with slashes, parents first; the root itself is "."
	Files map[string][]byte // by name, with slashes
	Told  string            // which part of what was not synced it has, for those who look into a failure
}

// The first variants of a tick's images. All others are drawn.
const (
	VariantNothing = iota // only what is durable
	VariantAll            // everything, as a process leaves it that is killed
	VariantDrawn
)

// Image returns one of the tick's images. The same seed and variant give the same one.
func (d *Disk) Image(seed uint64, variant int) Image {
	r := rand.New(rand.NewPCG(seed, uint64(d.tick)<<32|uint64(variant)))
	draw := func() fate { return fate(r.IntN(int(fates))) }
	switch variant {
	case VariantNothing:
		draw = func() fate { return gone }
	case VariantAll:
		draw = func() fate { return whole }
	}
	namesFate := draw()
	names := d.imageNames(r, namesFate)
	image := Image{Files: make(map[string][]byte), Told: "names " + fateNames[namesFate]}
	contents := make(map[int][]byte) // a file with two names has one content
	for _, name := range slices.Sorted(maps.Keys(names)) {
		if name != "." && !d.isDir(names, path.Dir(name)) {
			continue // nobody finds it
		}
		f := d.files[names[name]]
		if f.dir {
			image.Dirs = append(image.Dirs, name)
			continue
		}
		content, drawn := contents[names[name]]
		if !drawn {
			fate := draw()
			content = f.content(r, fate)
			contents[names[name]] = content
			if len(f.pending) > 0 {
				image.Told += fmt.Sprintf(", %s %s", name, fateNames[fate])
			}
		}
		image.Files[name] = content
	}
	return image
}

// Lacking yields the images that have everything but a block of the file each, for all blocks that are not durable: what
// relies on the file as it was read, without having made it durable, relies on that block.
func (d *Disk) Lacking(name string, block int64) iter.Seq[Image] {
	return func(yield func(Image) bool) {
		all := d.Image(0, VariantAll)
		number, there := d.imageNames(rand.New(rand.NewPCG(0, 0)), whole)[name]
		if !there {
			return
		}
		f := d.files[number]
		for _, n := range f.blocks(block) {
			lacking := Image{Dirs: all.Dirs, Files: maps.Clone(all.Files), Told: fmt.Sprintf("%s without its block %d of %d", name, n, block)}
			lacking.Files[name] = f.without(n, block)
			if !yield(lacking) {
				return
			}
		}
	}
}

// blocks returns the numbers of the blocks of the disk to which something was written that is not durable.
func (f *file) blocks(size int64) []int64 {
	touched := make(map[int64]bool)
	for _, o := range f.pending {
		for part := range o.split(size) {
			touched[part.Offset/size] = true
		}
	}
	return slices.Sorted(maps.Keys(touched))
}

// without returns the file as a process leaves it that is killed, but for a block that has nothing of what is not durable.
func (f *file) without(block, size int64) []byte {
	data := f.data
	for _, o := range f.pending {
		if o.Kind == Truncate {
			data = o.apply(data)
		}
		for part := range o.split(size) {
			if part.Offset/size == block {
				data = part.hollow(data)
			} else {
				data = part.apply(data)
			}
		}
	}
	return data
}

// isDir tells whether a name is a directory's, and its parents are there too.
func (d *Disk) isDir(names map[string]int, name string) bool {
	number, there := names[name]
	return there && d.files[number].dir && (name == "." || d.isDir(names, path.Dir(name)))
}

// imageNames returns the durable names and a part of the others.
func (d *Disk) imageNames(r *rand.Rand, f fate) map[string]int {
	names := maps.Clone(d.names)
	first := r.IntN(len(d.pending) + 1)
	for i, o := range d.pending {
		there := false
		switch f {
		case gone:
		case whole:
			there = true
		case begun:
			there = i < first
		default:
			there = d.system == Strict && r.IntN(2) == 0 || d.system == Ordered && i < first
		}
		if there && d.makesSense(names, o) {
			rename(names, o)
		}
	}
	return names
}

// makesSense tells whether an operation on names can be there without one that came before it.
func (d *Disk) makesSense(names map[string]int, o *Op) bool {
	if o.Kind != Rename && o.Kind != Remove {
		return true
	}
	number, there := names[o.Name]
	return o.Kind == Rename || there && number == o.File
}

// content returns what is durable of a file and a part of the rest.
func (f *file) content(r *rand.Rand, how fate) []byte {
	data := f.data
	first := r.IntN(len(f.pending) + 1)
	for i, o := range f.pending {
		switch {
		case how == gone, how == begun && i > first:
			continue
		case how == whole, how == clipped, how == begun && i < first:
			data = o.apply(data)
		case how == scattered:
			if r.IntN(2) == 0 {
				data = o.apply(data)
			}
		case how == hollow:
			data = o.hollow(data)
		case how == torn4096:
			data = o.tear(r, data, pageSize)
		default: // torn512, and the last that has begun
			data = o.tear(r, data, 512)
		}
	}
	if how == clipped && len(data) > len(f.data) {
		data = data[:len(f.data)]
	}
	return data
}

// hollow is apply without the data.
func (o *Op) hollow(data []byte) []byte {
	size := o.Size
	if o.Kind == Write {
		size = max(int64(len(data)), o.Offset+int64(len(o.Data)))
	}
	return resize(slices.Clone(data), size)
}

// tear is apply for any part of the sectors, and with or without the length that a missing one would need.
func (o *Op) tear(r *rand.Rand, data []byte, sector int64) []byte {
	if o.Kind == Truncate {
		if r.IntN(2) == 0 {
			return o.apply(data)
		}
		return data
	}
	if r.IntN(2) == 0 {
		data = o.hollow(data)
	}
	for part := range o.split(sector) {
		if r.IntN(2) == 0 {
			data = part.apply(data)
		}
	}
	return data
}

// Build makes the image's files below dir, which it empties first.
func (i Image) Build(dir string) error {
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	for _, name := range i.Dirs {
		if err := os.Mkdir(filepath.Join(dir, filepath.FromSlash(name)), 0o700); err != nil {
			return err
		}
	}
	for name, content := range i.Files {
		if err := os.WriteFile(filepath.Join(dir, filepath.FromSlash(name)), content, 0o600); err != nil {
			return err
		}
	}
	return nil
}

// Snap returns what is below dir, as an Image has it.
func Snap(dir string) (Image, error) {
	image := Image{Files: make(map[string][]byte)}
	err := filepath.WalkDir(dir, func(at string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(dir, at)
		name = filepath.ToSlash(name)
		if err != nil || entry.IsDir() {
			image.Dirs = append(image.Dirs, name)
			return err
		}
		image.Files[name], err = os.ReadFile(at)
		return err
	})
	return image, err
}

// Sum tells images apart.
func (i Image) Sum() [sha256.Size]byte {
	sum := sha256.New()
	for _, name := range i.Dirs {
		fmt.Fprintf(sum, "%q\n", name)
	}
	for _, name := range slices.Sorted(maps.Keys(i.Files)) {
		fmt.Fprintf(sum, "%q %d\n%s", name, len(i.Files[name]), i.Files[name])
	}
	return [sha256.Size]byte(sum.Sum(nil))
}
