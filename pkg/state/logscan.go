package state

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"iter"
	"runtime"
	"sync"
)

// Reading a long log is mostly decoding its lines, so that is done a block of lines at a time, on all processors.

// blockSize is about how many bytes of a log are decoded at once.
const blockSize = 256 << 10

// A block is some whole lines of a log. The last block of a log may end in a line that is cut.
type block struct {
	text    []byte
	lines   []decodedLine
	decoded chan struct{} // closed once lines are there
	err     error         // of reading on, after the block's text
}

type decodedLine struct {
	line   logLine
	length int64 // in bytes, newline included
	err    error
}

// scan yields the whole lines of a log, and an error for a broken one that was not left by a crash: see torn.
func (f *folded) scan(r io.Reader) iter.Seq2[logLine, error] {
	return func(yield func(logLine, error) bool) {
		var broken error
		for b := range blocks(r) {
			<-b.decoded
			for i := range b.lines {
				d := &b.lines[i]
				switch {
				case broken == nil && d.err == nil:
					f.length += d.length
					if !yield(d.line, nil) {
						return
					}
				case broken == nil:
					broken, f.torn = d.err, true
				case d.err == nil && !d.line.mayFollowTorn(f.lastSeq+1):
					yield(logLine{}, broken)
					return
				}
			}
			if b.err != nil {
				yield(logLine{}, b.err)
				return
			}
		}
	}
}

// mayFollowTorn tells whether a power cut can have left this line whole and the earlier line of the given number not.
// What was not synced yet may have reached the disk in any part. A line that was written when the broken one was
// durable already says that the log was damaged later.
func (l *logLine) mayFollowTorn(number uint64) bool { return 0 < l.Synced && l.Synced < number }

// blocks yields a log's blocks in their order, while those to come are read and decoded.
func blocks(r io.Reader) iter.Seq[*block] {
	return func(yield func(*block) bool) {
		ahead := make(chan *block, 2*runtime.GOMAXPROCS(0))
		stop := make(chan struct{})
		go func() {
			defer close(ahead)
			readBlocks(r, func(b *block) bool {
				go b.decode()
				select {
				case ahead <- b:
					return true
				case <-stop:
					return false
				}
			})
		}()
		for b := range ahead {
			if !yield(b) {
				break
			}
		}
		close(stop)
		for range ahead { // until the reader has let go of r
		}
	}
}

// readBlocks cuts a log into blocks and gives each to next, until that returns false.
func readBlocks(r io.Reader, next func(*block) bool) {
	var rest []byte // the beginning of a line whose end was not read yet
	for {
		text := make([]byte, len(rest)+blockSize)
		n, err := io.ReadFull(r, text[copy(text, rest):])
		text = text[:len(rest)+n]
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			next(newBlock(text, nil))
			return
		}
		cut := bytes.LastIndexByte(text, '\n') + 1
		if err == nil && cut == 0 && len(text) > maxLine {
			err = errors.New("the line is too long")
		}
		rest = text[cut:]
		if !next(newBlock(text[:cut], err)) || err != nil {
			return
		}
	}
}

func newBlock(text []byte, err error) *block {
	return &block{text: text, err: err, decoded: make(chan struct{})}
}

// scanners are those that no block uses just now: what they learnt of shared texts is worth keeping.
var scanners = sync.Pool{New: func() any { return &scanner{names: make(map[string]string)} }}

func (b *block) decode() {
	defer close(b.decoded)
	s := scanners.Get().(*scanner)
	defer scanners.Put(s)
	b.lines = make([]decodedLine, 0, bytes.Count(b.text, []byte("\n"))+1)
	for text := range bytes.Lines(b.text) {
		line, err := s.decodeLine(text)
		b.lines = append(b.lines, decodedLine{line, int64(len(text)), err})
	}
	b.text = nil
}

// decodeLine reads what encodeLine wrote.
func (s *scanner) decodeLine(text []byte) (logLine, error) {
	sealed, whole := bytes.CutSuffix(text, []byte("\n"))
	if !whole {
		return logLine{}, errors.New("the line is cut")
	}
	if _, err := unseal(sealed); err != nil {
		return logLine{}, err
	}
	if line, scanned := s.scanLine(sealed); scanned {
		return line, nil
	}
	var line logLine
	err := json.Unmarshal(sealed, &line)
	return line, err
}
