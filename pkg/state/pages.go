package state

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"os"
)

// bbolt trusts its file: a page number that a disk altered leads it out of the file, into a live page or around
// in a circle, which ends the process or, when writing, the data. So the pages are followed here first, by reads
// that can fail, before bbolt maps the file. What a page holds is checked by its seals later.
//
// The layout is bbolt's format 2, unchanged since 2013: numbers in the machine's byte order; a page begins with
// its number (8 bytes), kind (2), count (2) and how many more pages it takes (4).
const (
	pageHeader   = 16
	pageElement  = 16 // size of an entry of a branch or leaf page
	metaLength   = 64 // bytes of a meta page's content, its checksum included
	bucketHeader = 16 // in a leaf's value: the root page of the bucket, and a counter

	kindBranch   = 0x01
	kindLeaf     = 0x02
	kindMeta     = 0x04
	kindFreelist = 0x10

	leafIsBucket = 0x01

	boltMagic   = 0xED0CDAED
	boltVersion = 2
	noFreelist  = ^uint64(0)

	minPageSize   = 1 << 10
	maxPageSize   = 1 << 16
	manyFreePages = 0xFFFF // a count that stands in the list's first place
)

var native = binary.NativeEndian

// pageFile follows the pages of a database.
type pageFile struct {
	file     io.ReaderAt
	pageSize int
	pages    uint64 // how many there are
	seen     map[uint64]bool
	unused   [][]byte // pages' memory to use again
}

// checkPages returns why bbolt must not open the file at path, or nil.
func checkPages(path string) (err error) {
	file, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("the state can't be opened: %w", err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	info, err := file.Stat()
	switch {
	case err != nil:
		return err
	case !info.Mode().IsRegular():
		return foreign(path, "it is not a file")
	case info.Size() == 0:
		return &Error{
			Kind: ErrEmpty, Path: path, Reason: "the file has no content",
			Remedy: "bastion-fleet never leaves an empty file, so what was bought is missing from it. " + remedyRestore,
		}
	}
	m, err := readMeta(file)
	if err != nil {
		if errors.Is(err, errNotBolt) {
			return foreign(path, err.Error())
		}
		return damaged(path, err.Error(), nil)
	}
	if uint64(info.Size())/uint64(m.pageSize) < m.pages {
		return damaged(path, fmt.Sprintf("it was cut: it has %d bytes of %d", info.Size(), m.pages*uint64(m.pageSize)), nil)
	}
	p := pageFile{file: file, pageSize: m.pageSize, pages: m.pages, seen: map[uint64]bool{0: true, 1: true}}
	if err := errors.Join(p.follow(m.root), p.checkFree(m.freelist)); err != nil {
		return damaged(path, err.Error(), nil)
	}
	return nil
}

// boltMeta is what a meta page says.
type boltMeta struct {
	pageSize       int
	root, freelist uint64
	pages, txid    uint64
}

var errNotBolt = errors.New("it is not a bbolt database")

// readMeta returns the newer of the two meta pages that is whole.
func readMeta(file io.ReaderAt) (boltMeta, error) {
	var found boltMeta
	marked := false
	// The second stands at the page size, which only a whole first one tells: look where it can be.
	for at := int64(0); at <= maxPageSize; at = max(minPageSize, at*2) {
		var buf [pageHeader + metaLength]byte
		if _, err := file.ReadAt(buf[:], at); err != nil {
			break
		}
		b := buf[pageHeader:]
		if native.Uint32(b) != boltMagic || native.Uint16(buf[8:]) != kindMeta {
			continue
		}
		marked = true
		m := boltMeta{
			pageSize: int(native.Uint32(b[8:])), root: native.Uint64(b[16:]), freelist: native.Uint64(b[32:]),
			pages: native.Uint64(b[40:]), txid: native.Uint64(b[48:]),
		}
		sum := fnv.New64a()
		sum.Write(b[:56])
		whole := native.Uint32(b[4:]) == boltVersion && native.Uint64(b[56:]) == sum.Sum64()
		placed := at == 0 || at == int64(m.pageSize)
		if whole && placed && m.pageSize >= minPageSize && m.pageSize <= maxPageSize && m.txid >= found.txid {
			found = m
		}
	}
	switch {
	case found.pageSize > 0:
		return found, nil
	case marked:
		return found, errors.New("neither of its two meta pages is whole")
	}
	return found, errNotBolt
}

// read returns the page with the given number, all of the pages that it takes, once.
func (p *pageFile) read(number uint64) ([]byte, error) {
	head := p.memory()
	if number >= p.pages {
		return nil, fmt.Errorf("page %d is out of the file", number)
	}
	if _, err := p.file.ReadAt(head, int64(number)*int64(p.pageSize)); err != nil {
		return nil, fmt.Errorf("page %d can't be read: %w", number, err)
	}
	more := uint64(native.Uint32(head[12:]))
	if native.Uint64(head) != number || more >= p.pages-number {
		return nil, fmt.Errorf("page %d has another page's header", number)
	}
	for n := number; n <= number+more; n++ {
		if p.seen[n] {
			return nil, fmt.Errorf("page %d is used twice", n)
		}
		p.seen[n] = true
	}
	if more == 0 {
		return head, nil
	}
	page := make([]byte, (more+1)*uint64(p.pageSize))
	if _, err := p.file.ReadAt(page, int64(number)*int64(p.pageSize)); err != nil {
		return nil, fmt.Errorf("page %d can't be read: %w", number, err)
	}
	return page, nil
}

// follow checks the tree whose root is the page with the given number.
func (p *pageFile) follow(number uint64) error {
	page, err := p.read(number)
	if err != nil {
		return err
	}
	defer func() { p.unused = append(p.unused, page[:p.pageSize]) }()
	return p.elements(number, page)
}

// memory returns room for one page.
func (p *pageFile) memory() []byte {
	last := len(p.unused) - 1
	if last < 0 {
		return make([]byte, p.pageSize)
	}
	page := p.unused[last]
	p.unused = p.unused[:last]
	return page
}

// elements checks the entries of a branch or leaf page, and the trees that hang on them.
func (p *pageFile) elements(number uint64, page []byte) error {
	kind, count := native.Uint16(page[8:]), int(native.Uint16(page[10:]))
	check := p.leafElement
	switch {
	case kind == kindBranch:
		check = p.branchElement
	case kind != kindLeaf:
		return fmt.Errorf("page %d is of unknown kind %#x", number, kind)
	}
	if pageHeader+count*pageElement > len(page) || kind == kindBranch && count == 0 {
		return fmt.Errorf("page %d has a wrong count", number)
	}
	for i := range count {
		if err := check(number, page, pageHeader+i*pageElement); err != nil {
			return err
		}
	}
	return nil
}

// branchElement checks the branch entry at the given place of page, and the tree that it leads to.
func (p *pageFile) branchElement(number uint64, page []byte, at int) error {
	pos, keySize := uint64(native.Uint32(page[at:])), uint64(native.Uint32(page[at+4:]))
	if uint64(at)+pos+keySize > uint64(len(page)) {
		return fmt.Errorf("page %d has a key beyond its end", number)
	}
	return p.follow(native.Uint64(page[at+8:]))
}

// leafElement checks the leaf entry at the given place of page, and the bucket that it may hold.
func (p *pageFile) leafElement(number uint64, page []byte, at int) error {
	flags, pos := native.Uint32(page[at:]), uint64(native.Uint32(page[at+4:]))
	keySize, valueSize := uint64(native.Uint32(page[at+8:])), uint64(native.Uint32(page[at+12:]))
	start := uint64(at) + pos + keySize
	if start+valueSize > uint64(len(page)) {
		return fmt.Errorf("page %d has an entry beyond its end", number)
	}
	if flags&leafIsBucket == 0 {
		return nil
	}
	value := page[start : start+valueSize]
	if len(value) < bucketHeader {
		return fmt.Errorf("page %d has a bucket without a header", number)
	}
	if root := native.Uint64(value); root != 0 {
		return p.follow(root)
	}
	inline := value[bucketHeader:]
	if len(inline) < pageHeader || native.Uint16(inline[8:]) != kindLeaf {
		return fmt.Errorf("page %d has a bucket that is cut", number)
	}
	return p.elements(number, inline)
}

// checkFree checks that the pages listed as free are: bbolt writes over them.
func (p *pageFile) checkFree(number uint64) error {
	if number == noFreelist {
		return nil
	}
	page, err := p.read(number)
	if err != nil {
		return err
	}
	count, ids := uint64(native.Uint16(page[10:])), page[pageHeader:]
	if count == manyFreePages {
		count, ids = native.Uint64(ids), ids[8:]
	}
	if native.Uint16(page[8:]) != kindFreelist || count > uint64(len(ids)/8) {
		return fmt.Errorf("page %d is not a list of free pages", number)
	}
	for ; count > 0; count, ids = count-1, ids[8:] {
		free := native.Uint64(ids)
		if free >= p.pages || p.seen[free] {
			return fmt.Errorf("page %d is listed as free and is in use", free)
		}
		p.seen[free] = true
	}
	return nil
}
