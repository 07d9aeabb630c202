package state

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	bolt "go.etcd.io/bbolt"
)

// used returns the path of a state with n bought orders.
func used(t testing.TB, n int) string {
	t.Helper()
	path := place(t)
	s := open(t, path)
	r := start(t, s, 0)
	unsynced(s, r)
	for i := range n {
		buy(t, r, testOrder(i), 1)
	}
	closeAll(t, r, s)
	return path
}

// rewrite changes a closed database behind the store's back.
func rewrite(t *testing.T, path string, change func(*bolt.Tx) error) {
	t.Helper()
	db, err := bolt.Open(path, fileMode, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(db.Update(change), db.Close()); err != nil {
		t.Fatal(err)
	}
}

func replace(t *testing.T, path string, content []byte) {
	t.Helper()
	if err := os.WriteFile(path, content, fileMode); err != nil {
		t.Fatal(err)
	}
}

func TestUnusableStatesAreRefused(t *testing.T) {
	address := []byte(testOrder(0).Address.String())
	tests := map[string]struct {
		spoil func(t *testing.T, path string)
		want  error
		says  string
	}{
		"database missing": {func(t *testing.T, path string) { remove(t, path) }, ErrLost, "1 run log in "},
		"database and logs missing": {func(t *testing.T, path string) {
			remove(t, path)
			remove(t, PathsOf(path).Runs)
		}, ErrLost, "names its lineage"},
		"database and lock missing": {func(t *testing.T, path string) {
			remove(t, path)
			remove(t, PathsOf(path).Lock)
		}, ErrLost, "runs"},
		"empty":       {func(t *testing.T, path string) { replace(t, path, nil) }, ErrEmpty, "no content"},
		"a text file": {func(t *testing.T, path string) { replace(t, path, []byte("{}\n")) }, ErrForeign, "not a bbolt database"},
		"another program's database": {func(t *testing.T, path string) {
			remove(t, path)
			rewrite(t, path, func(tx *bolt.Tx) error { _, err := tx.CreateBucket([]byte("other")); return err })
		}, ErrForeign, "something else"},
		"another program's database with a bucket of the same name": {func(t *testing.T, path string) {
			remove(t, path)
			rewrite(t, path, func(tx *bolt.Tx) error { _, err := tx.CreateBucket(bucketMeta); return err })
		}, ErrForeign, "something else"},
		"a later format": {func(t *testing.T, path string) {
			rewrite(t, path, func(tx *bolt.Tx) error { return tx.Bucket(bucketMeta).Put(keyFormat, []byte("2")) })
		}, ErrNewer, "format 2"},
		"a record of a later version": {func(t *testing.T, path string) {
			sealed, _ := seal([]byte(`{"v":5,"address":"somewhere new"}`))
			rewrite(t, path, func(tx *bolt.Tx) error { return tx.Bucket(bucketRecords).Put(address, sealed) })
		}, ErrNewer, "version 5"},
		"a record altered": {func(t *testing.T, path string) {
			rewrite(t, path, func(tx *bolt.Tx) error {
				text := bytes.Replace(tx.Bucket(bucketRecords).Get(address), []byte("buy-"), []byte("bye-"), 1)
				return tx.Bucket(bucketRecords).Put(address, text)
			})
		}, ErrDamaged, "checksum"},
		"a record gone": {func(t *testing.T, path string) {
			rewrite(t, path, func(tx *bolt.Tx) error { return tx.Bucket(bucketRecords).Delete(address) })
		}, ErrDamaged, "2 records, and not the 3"},
		"a record under another's address": {func(t *testing.T, path string) {
			rewrite(t, path, func(tx *bolt.Tx) error {
				text := bytes.Clone(tx.Bucket(bucketRecords).Get([]byte(testOrder(1).Address.String())))
				return tx.Bucket(bucketRecords).Put(address, text)
			})
		}, ErrDamaged, "it holds the record of"},
		"the head altered": {func(t *testing.T, path string) { // so that it could be read, and would serve another account
			rewrite(t, path, func(tx *bolt.Tx) error {
				text := bytes.Replace(tx.Bucket(bucketMeta).Get(keyHead), []byte(testBinding.Account), []byte("ak-2"), 1)
				return tx.Bucket(bucketMeta).Put(keyHead, text)
			})
		}, ErrDamaged, "its head can't be read"},
		"a run under another's id": {func(t *testing.T, path string) {
			rewrite(t, path, func(tx *bolt.Tx) error {
				id, text := tx.Bucket(bucketRuns).Cursor().First()
				other := []byte(NewRunID(testTime.Add(time.Hour)))
				return errors.Join(tx.Bucket(bucketRuns).Put(other, bytes.Clone(text)), tx.Bucket(bucketRuns).Delete(bytes.Clone(id)))
			})
		}, ErrDamaged, "it is that of run "},
		"a bucket gone": {func(t *testing.T, path string) {
			rewrite(t, path, func(tx *bolt.Tx) error { return tx.DeleteBucket(bucketRuns) })
		}, ErrDamaged, `it lacks the bucket "runs"`},
		"cut": {func(t *testing.T, path string) {
			if err := os.Truncate(path, int64(os.Getpagesize()*5)); err != nil {
				t.Fatal(err)
			}
		}, ErrDamaged, "cut"},
		"a directory": {func(t *testing.T, path string) {
			remove(t, path)
			if err := os.Mkdir(path, dirMode); err != nil {
				t.Fatal(err)
			}
		}, ErrForeign, "not a file"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			path := used(t, 3)
			test.spoil(t, path)
			_, readErr := Read(path)
			s, openErr := Open(t.Context(), path, Owner{}, 0)
			if openErr == nil {
				t.Error("it was opened for writing")
				_ = s.Close()
			}
			for _, err := range []error{readErr, openErr} {
				if !errors.Is(err, test.want) || !strings.Contains(fmt.Sprint(err), test.says) {
					t.Errorf("got %v, want %v that says %q", err, test.want, test.says)
				}
				if refused, ok := errors.AsType[*Error](err); !ok || !strings.HasSuffix(refused.Hint(), ".") {
					t.Errorf("%v does not say what to do, in whole sentences", err)
				}
			}
		})
	}
}

func remove(t *testing.T, path string) {
	t.Helper()
	if err := os.RemoveAll(path); err != nil {
		t.Fatal(err)
	}
}

// TestDamageIsNoticedOrHarmless flips bits all over a database. Every flip must either be noticed or change nothing
// of what is read: never a panic, never a record lost or altered.
func TestDamageIsNoticedOrHarmless(t *testing.T) {
	path := used(t, 60)
	want := read(t, path)
	sound, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	page := os.Getpagesize()
	source := rand.New(rand.NewPCG(1, 2))
	noticed := 0
	for range 600 {
		// Half of the flips go where a page says what it is and holds: that is where following it goes wrong.
		at := source.IntN(len(sound))
		if source.IntN(2) == 0 {
			at = at/page*page + source.IntN(80)
		}
		overwrite(t, path, at, sound[at]^1<<source.IntN(8))
		got, err := Read(path)
		overwrite(t, path, at, sound[at])
		if err != nil {
			noticed++
			continue
		}
		if !reflect.DeepEqual(want, got) {
			t.Fatalf("byte %d: altered without notice:\n%s", at, cmp.Diff(want.Records, got.Records, sameAddress))
		}
	}
	if noticed == 0 {
		t.Error("no flip was noticed")
	}
}

// TestAFileCutUnderneathIsAnError takes pages away that are mapped already, which the system answers with a signal.
func TestAFileCutUnderneathIsAnError(t *testing.T) {
	if runtime.GOOS == "windows" {
		return // a mapped file can't be cut there
	}
	path := used(t, 60)
	db, held, err := openDB(path, true)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	if err := os.Truncate(path, int64(2*os.Getpagesize())); err != nil {
		t.Fatal(err)
	}
	if _, err := load(db, held); !errors.Is(err, ErrDamaged) {
		t.Errorf("load = %v", err)
	}
}

func overwrite(t *testing.T, path string, at int, with byte) {
	t.Helper()
	file, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	_, err = file.WriteAt([]byte{with}, int64(at))
	if err = errors.Join(err, file.Close()); err != nil {
		t.Fatal(err)
	}
}

// A record may be sound and all the same not the one that was written last.
func TestARecordOfAnotherTimeIsNoticed(t *testing.T) {
	path := used(t, 3)
	db, err := bolt.Open(path, fileMode, nil)
	if err != nil {
		t.Fatal(err)
	}
	record := read(t, used(t, 3)).Records[1]
	record.Attempt += 7
	older, err := encodeRecord(record)
	if err != nil {
		t.Fatal(err)
	}
	err = db.Update(func(tx *bolt.Tx) error {
		return tx.Bucket(bucketRecords).Put([]byte(record.Address.String()), older.sealed)
	})
	if err = errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	if _, err := Read(path); !errors.Is(err, ErrDamaged) {
		t.Errorf("Read = %v", err)
	}
}

func TestAStateServesWhatItWasMadeFor(t *testing.T) {
	path := used(t, 1)
	s, err := Open(t.Context(), path, Owner{}, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	info := RunInfo{ID: NewRunID(testTime), Started: testTime}
	for part, b := range map[string]Binding{
		"fleet":    {"other", testBinding.Account, testBinding.Endpoint},
		"account":  {testBinding.Fleet, "other", testBinding.Endpoint},
		"endpoint": {testBinding.Fleet, testBinding.Account, "other"},
	} {
		err := s.Bind(b)
		if !errors.Is(err, ErrBound) || !strings.Contains(err.Error(), part+` "`) || !strings.Contains(err.Error(), `not for "other"`) {
			t.Errorf("another %s: %v", part, err)
		}
		if _, err := s.StartRun(t.Context(), info); err == nil {
			t.Errorf("a run for another %s was started", part)
		}
	}
	if err := s.Bind(testBinding); err != nil {
		t.Error(err)
	}
}

func TestAPlanIsUsedOnce(t *testing.T) {
	path := place(t)
	s := open(t, path)
	info := RunInfo{ID: NewRunID(testTime), PlanID: "plan-1", Started: testTime}
	r, err := s.StartRun(t.Context(), info)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.StartRun(t.Context(), RunInfo{ID: NewRunID(testTime), Started: testTime}); err == nil {
		t.Error("two runs at a time")
	}
	closeAll(t, r, s)
	s = open(t, path)
	again := RunInfo{ID: NewRunID(testTime), PlanID: "plan-1", Started: testTime}
	if _, err := s.StartRun(t.Context(), again); !errors.Is(err, ErrPlanUsed) || !strings.Contains(err.Error(), info.ID) {
		t.Errorf("a plan used twice: %v", err)
	}
	if run, used := s.Snapshot().UsedPlan("plan-1"); !used || run != info.ID {
		t.Errorf("UsedPlan = %q, %t", run, used)
	}
	info.PlanID = ""
	if _, err := s.StartRun(t.Context(), info); err == nil {
		t.Error("a run id was used twice")
	}
	if _, err := s.StartRun(t.Context(), RunInfo{ID: "../../x", Started: testTime}); err == nil {
		t.Error("a run id that leaves the directory")
	}
}

func TestOpeningAFreshStateLeavesItFresh(t *testing.T) {
	path := place(t)
	closeFresh(t, path)
	if got := read(t, path); !got.Fresh() {
		t.Errorf("after Open, Bind and Close: %+v", got)
	}
	if _, err := os.Stat(path); err == nil {
		t.Error("there is a database")
	}
	s, err := Open(t.Context(), path, Owner{}, 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Bind(Binding{Fleet: "another"}); err != nil {
		t.Errorf("what was never written binds: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestALogOfAnotherStateIsRefused(t *testing.T) {
	path, other := used(t, 1), used(t, 2)
	logs, err := filepath.Glob(filepath.Join(PathsOf(other).Runs, "*"))
	if err != nil || len(logs) != 1 {
		t.Fatal(logs, err)
	}
	if err := os.Rename(logs[0], filepath.Join(PathsOf(path).Runs, filepath.Base(logs[0]))); err != nil {
		t.Fatal(err)
	}
	if _, err := Read(path); !errors.Is(err, ErrDamaged) || !strings.Contains(err.Error(), "lineage") {
		t.Errorf("Read = %v", err)
	}
}

func TestOthersCanNotReadTheState(t *testing.T) {
	if runtime.GOOS == "windows" {
		return // modes mean nothing there
	}
	dir := filepath.Join(t.TempDir(), ".bastion-fleet")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "state.db")
	s := open(t, path)
	r := start(t, s, 0)
	buy(t, r, testOrder(1), 1)
	closeAll(t, r, s)
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	closeFresh(t, path)
	for name, want := range map[string]os.FileMode{
		dir: 0o700, path: 0o600, PathsOf(path).Lock: 0o600, PathsOf(path).Runs: 0o700, PathsOf(path).RunLog(r.ID()): 0o600,
	} {
		info, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		if got := info.Mode().Perm(); got != want {
			t.Errorf("%s has mode %o, want %o", name, got, want)
		}
	}
}

func TestPathsOf(t *testing.T) {
	tests := map[string]Paths{
		"f/.bastion-fleet/state.db": {
			"f/.bastion-fleet/state.db", "f/.bastion-fleet/state.lock", "f/.bastion-fleet/runs", "f/.bastion-fleet/plan.key",
			"f/.bastion-fleet/backups",
		},
		"/x/prod.db":  {"/x/prod.db", "/x/prod.lock", "/x/prod.runs", "/x/prod.key", "/x/prod.backups"},
		"/x/state.db": {"/x/state.db", "/x/state.lock", "/x/state.runs", "/x/state.key", "/x/state.backups"},
		"prod":        {"prod", "prod.lock", "prod.runs", "prod.key", "prod.backups"},
	}
	for db, want := range tests {
		if diff := cmp.Diff(want, PathsOf(db)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", db, diff)
		}
	}
}
