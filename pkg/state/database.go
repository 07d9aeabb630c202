package state

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strconv"
	"time"

	bolt "go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"
	"golang.org/x/sync/errgroup"

	"github.com/bastion-fleet/bastion-fleet/pkg/failpoint"
)

// format is the database's version: what its buckets are and mean.
const format = 1

// The buckets.
var (
	bucketMeta    = []byte("meta")    // keyFormat, keyHead
	bucketRecords = []byte("records") // address -> sealed diskRecord
	bucketRuns    = []byte("runs")    // run id -> sealed diskRun

	keyFormat = []byte("format")
	keyHead   = []byte("head")
)

// busyTimeout bounds the wait for a process that has the database open without holding the state's lock, such as
// another tool. Zero would wait for ever.
const busyTimeout = 5 * time.Second

// head is what is known of the state as a whole. Every commit writes it.
type head struct {
	Lineage   string    `json:"lineage"`
	Serial    uint64    `json:"serial"`
	Fleet     string    `json:"fleet"`
	Account   string    `json:"account"`
	Endpoint  string    `json:"endpoint"`
	CreatedAt time.Time `json:"created_at"`

	// Records and Sum (of the records' checksums, wrapping) tell whether the records are all there and all as the
	// last commit left them.
	Records int    `json:"records"`
	Sum     uint64 `json:"sum"`

	// Run is the newest run, and Seq the last line of its log that the records hold.
	Run string `json:"run,omitempty"`
	Seq uint64 `json:"seq,omitempty"`

	// File is the fileID of the database that the last run with RunInfo.LookedOver wrote, or else that was made.
	File uint64 `json:"file,omitempty"`
}

func (h head) binding() Binding {
	return Binding{Fleet: h.Fleet, Account: h.Account, Endpoint: h.Endpoint}
}

// content is everything that a database holds.
type content struct {
	head    head
	records table
	runs    map[string]diskRun
	copied  bool // see Snapshot.Copied
}

// guarded runs f, which reads pages that a disk may have damaged: bbolt panics on those it can't follow, and
// touching a mapped page that the file no longer has is a memory fault. Both come back as an error.
func guarded(path string, f func() error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if r := recover(); r != nil {
			err = damaged(path, fmt.Sprint("its pages can't be followed: ", r), nil)
		}
	}()
	return f()
}

// openDB opens an existing database after checking that its pages can be trusted. It never makes one.
func openDB(path string, readOnly bool) (db *bolt.DB, held holding, err error) {
	if err := checkPages(path); err != nil {
		return nil, held, err
	}
	var file *os.File
	err = guarded(path, func() (err error) {
		db, err = bolt.Open(path, fileMode, &bolt.Options{
			Timeout: busyTimeout, ReadOnly: readOnly, FreelistType: bolt.FreelistMapType,
			OpenFile: func(name string, flag int, mode os.FileMode) (_ *os.File, err error) {
				file, err = os.OpenFile(name, flag&^os.O_CREATE, mode)
				return file, err
			},
		})
		return err
	})
	switch {
	case err == nil && !readOnly:
		if err := assureCommit(db, file); err != nil {
			return nil, held, errors.Join(err, db.Close())
		}
		fallthrough
	case err == nil:
		held, err = newHolding(path, file)
		return db, held, err
	case errors.Is(err, ErrDamaged):
		return nil, held, errors.Join(err, file.Close()) // a panic left it open, and with it the lock
	case errors.Is(err, berrors.ErrTimeout):
		return nil, held, &HeldError{Path: path}
	}
	return nil, held, fmt.Errorf("the state can't be opened: %w", err)
}

// assureCommit makes the last commit durable before another is built on it. Each of the two meta pages is a commit, and
// the next one overwrites pages of the one before: if the disk never got the last, it would be left with none.
func assureCommit(db *bolt.DB, file *os.File) error {
	if err := errors.Join(writeAgain(file, 2*int64(db.Info().PageSize)), file.Sync()); err != nil {
		return fmt.Errorf("the state can't be made durable: %w", err)
	}
	return nil
}

// createDB makes the database at path with nothing but its head. It is made elsewhere and moved: a crash leaves a
// whole database or none.
func createDB(path string, h head) error {
	fresh := path + ".new"
	if err := os.Remove(fresh); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("the state can't be made: %w", err)
	}
	db, err := bolt.Open(fresh, fileMode, &bolt.Options{Timeout: busyTimeout, FreelistType: bolt.FreelistMapType})
	if err != nil {
		return fmt.Errorf("the state can't be made: %w", err)
	}
	err = db.Update(func(tx *bolt.Tx) error {
		for _, name := range [][]byte{bucketMeta, bucketRecords, bucketRuns} {
			if _, err := tx.CreateBucket(name); err != nil {
				return err
			}
		}
		if err := tx.Bucket(bucketMeta).Put(keyFormat, strconv.AppendInt(nil, format, 10)); err != nil {
			return err
		}
		return putSealed(tx, bucketMeta, keyHead, h)
	})
	if err = errors.Join(err, db.Close()); err == nil {
		failpoint.Here("db-built")
		err = moveNew(fresh, path)
	}
	failpoint.Here("db-renamed")
	if err == nil {
		err = syncDir(filepath.Dir(path))
	}
	if err != nil {
		return fmt.Errorf("the state can't be made: %w", err)
	}
	return nil
}

// moveNew gives a new file its name, unless another has it: a database that began meanwhile holds purchases.
func moveNew(from, to string) error {
	if _, err := os.Lstat(to); !errors.Is(err, fs.ErrNotExist) {
		return errors.Join(err, moved(to, "a state has begun there meanwhile"))
	}
	return os.Rename(from, to)
}

// load reads the whole database and checks it against itself.
func load(db *bolt.DB, held holding) (content, error) {
	var c content
	path := held.path
	err := guarded(path, func() error {
		return db.View(func(tx *bolt.Tx) (err error) {
			if err := checkFormat(tx, path); err != nil {
				return err
			}
			if err := getSealed(tx.Bucket(bucketMeta).Get(keyHead), &c.head); err != nil {
				return damaged(path, "its head can't be read", err)
			}
			if c.records, err = loadRecords(tx, path); err != nil {
				return err
			}
			c.runs, err = loadRuns(tx, path)
			return err
		})
	})
	if err != nil {
		return content{}, err
	}
	c.copied = c.head.File != fileID(held.info)
	return c, c.checkSum(path)
}

// checkFormat refuses what this bastion-fleet did not write, or a later one did.
func checkFormat(tx *bolt.Tx, path string) error {
	meta := tx.Bucket(bucketMeta)
	if meta == nil || meta.Get(keyFormat) == nil {
		return foreign(path, "it is a bbolt database of something else")
	}
	found, err := strconv.Atoi(string(meta.Get(keyFormat)))
	switch {
	case err != nil || found < 1:
		return damaged(path, "its format can't be read", err)
	case found > format:
		return newer(path, fmt.Sprintf("it has format %d, this bastion-fleet knows %d", found, format))
	}
	for _, name := range [][]byte{bucketRecords, bucketRuns} {
		if tx.Bucket(name) == nil {
			return damaged(path, fmt.Sprintf("it lacks the bucket %q", name), nil)
		}
	}
	return nil
}

// checkSum notices records that are gone or older than the head says.
func (c content) checkSum(path string) error {
	n, sum := c.records.with(nil)
	if n != c.head.Records || sum != c.head.Sum {
		return damaged(path, fmt.Sprintf("it holds %d records, and not the %d that were written last",
			n, c.head.Records), nil)
	}
	return nil
}

type pair struct{ key, value []byte }

// loadRecords decodes all records, on all processors: it is most of what reading a large state takes.
func loadRecords(tx *bolt.Tx, path string) (table, error) {
	var pairs []pair
	err := tx.Bucket(bucketRecords).ForEach(func(k, v []byte) error {
		pairs = append(pairs, pair{k, v})
		return nil
	})
	if err != nil {
		return table{}, err
	}
	decoded := make([]entry, len(pairs))
	share := len(pairs)/runtime.GOMAXPROCS(0) + 1
	var g errgroup.Group
	for from := 0; from < len(pairs); from += share {
		to := min(from+share, len(pairs))
		g.Go(func() error {
			return guarded(path, func() error { return decodeAll(path, pairs[from:to], decoded[from:to]) })
		})
	}
	if err := g.Wait(); err != nil {
		return table{}, err
	}
	return newTable(decoded), nil
}

func decodeAll(path string, pairs []pair, decoded []entry) error {
	s := scanner{names: make(map[string]string)}
	for i, p := range pairs {
		if err := s.decodeRecord(string(p.key), p.value, &decoded[i]); err != nil {
			return recordError(path, string(p.key), err)
		}
	}
	return nil
}

// recordError says why the record under key can't be used.
func recordError(path, key string, err error) error {
	if version, ok := errors.AsType[errVersion](err); ok && version > recordVersion {
		return newer(path, fmt.Sprintf("the record of %s: %v", key, err))
	}
	return damaged(path, fmt.Sprintf("the record of %q can't be read", key), err)
}

func loadRuns(tx *bolt.Tx, path string) (map[string]diskRun, error) {
	runs := make(map[string]diskRun)
	err := tx.Bucket(bucketRuns).ForEach(func(k, v []byte) error {
		var r diskRun
		err := getSealed(v, &r)
		if err == nil && r.Run != string(k) {
			err = fmt.Errorf("it is that of run %s", r.Run)
		}
		if err != nil {
			return damaged(path, fmt.Sprintf("the entry of run %q can't be read", k), err)
		}
		runs[string(k)] = r
		return nil
	})
	return runs, err
}

// putSealed stores v as a sealed JSON object.
func putSealed(tx *bolt.Tx, bucket, key []byte, v any) error {
	object, err := marshal(v)
	if err != nil {
		return err
	}
	sealed, _ := seal(object)
	return tx.Bucket(bucket).Put(key, sealed)
}

// getSealed reads what putSealed stored.
func getSealed(sealed []byte, v any) error {
	if _, err := unseal(sealed); err != nil {
		return err
	}
	return json.Unmarshal(sealed, v)
}

func foreign(path, reason string) error {
	return &Error{Kind: ErrForeign, Path: path, Reason: reason, Remedy: "Give --state the file that an apply made."}
}

func newer(path, reason string) error {
	return &Error{Kind: ErrNewer, Path: path, Reason: reason, Remedy: "Use the bastion-fleet that wrote it, or a later one."}
}
