// Package failpoint names the places where tests end the program by force, to see that nothing is bought twice or lost
// whichever the moment. An ordinary build knows nothing of it: [Here] is empty there. Built with the tag failpoint, the
// program ends itself as by kill -9 where the environment says so.
package failpoint

import "slices"

// Env says where the program ends, in the form NAME:PASSAGE or NAME:PASSAGE:LINGER. PASSAGE is a count from 1 over all
// goroutines. With LINGER, a duration, the goroutine that is at the point stops there, and the others go on for so
// long before the end: they get ahead of it as they seldom would by themselves.
const Env = "BASTION_FLEET_FAILPOINT"

// A Point is a place where the program can be ended.
type Point struct {
	Name string // what Here is called with
	File string // which has the one call
	When string // what has been done by then, and what has not
}

// Points returns all points, roughly in the order in which an apply comes by them.
func Points() []Point { return slices.Clone(points) }

var points = []Point{
	{"dir-made", "pkg/state/paths.go", "the state's directory is there, and its name not durable"},
	{"lock-taken", "pkg/state/lock.go", "the lock is held, and its file still names the last holder"},
	{"lock-noted", "pkg/state/lock.go", "the lock's file names this process"},
	{"recovery-found", "pkg/state/runlog.go", "an unfinished run was read, and nothing of it is settled"},
	{"tail-cut", "pkg/state/runlog.go", "the torn end of an unfinished run's log is cut off"},
	{"tail-written", "pkg/state/runlog.go", "an unfinished run's log is completed, and not synced"},
	{"log-settled", "pkg/state/runlog.go", "an unfinished run's log is durably completed"},
	{"recovery-committed", "pkg/state/runlog.go", "what unfinished runs left is in the database"},
	{"db-built", "pkg/state/database.go", "a new database is durable under another name than its own"},
	{"db-renamed", "pkg/state/database.go", "a new database has its name, which is not durable"},
	{"db-made", "pkg/state/store.go", "a new database is durable, and the lock's file does not name its lineage"},
	{"log-created", "pkg/state/runlog.go", "a run's log is there, and empty"},
	{"log-anew", "pkg/state/runlog.go", "a log that begins anew has its header, durably, and none of its records"},
	{"log-begun", "pkg/state/runlog.go", "a run's log has what it begins with, and not durably"},
	{"log-named", "pkg/state/runlog.go", "a run's log is durable, and the run not in the database"},
	{"run-begun", "pkg/state/store.go", "a run is in the database, and nobody knows"},
	{"group-gathered", "pkg/state/writer.go", "a group of entries is encoded, and nothing of it is written"},
	{"log-due", "pkg/state/writer.go", "a group is about to be written to the log; perhaps the database has it"},
	{"log-written", "pkg/state/writer.go", "a group is in the log, not synced; perhaps the database has it"},
	{"log-synced", "pkg/state/writer.go", "a group is durable in the log; perhaps the database has it"},
	{"commit-due", "pkg/state/writer.go", "a group is about to be committed; perhaps the log has it"},
	{"committed", "pkg/state/writer.go", "a group is durable in the database; perhaps the log has it"},
	{"group-durable", "pkg/state/writer.go", "a group is durable in both files, and nobody knows"},
	{"group-answered", "pkg/state/writer.go", "those who wait for a group were told that it is durable"},
	{"rewrites-due", "internal/cli/rewrite.go", "records are about to be moved, removed or imported, and none is"},
	{"rewritten", "internal/cli/rewrite.go", "records are moved, removed and imported, and nothing is bought yet"},
	{"intent-durable", "pkg/apply/attempt.go", "an intent is durable, and its call waits for its turn"},
	{"call-due", "pkg/apply/attempt.go", "a call has its turn, and is not made"},
	{"call-signed", "pkg/bastion/client.go", "a request is signed, and has no connection"},
	{"connected", "pkg/bastion/delivery.go", "a request has a connection, and no byte of it was written"},
	{"byte-due", "pkg/bastion/delivery.go", "the first byte of a request is about to leave, or further ones"},
	{"bytes-sent", "pkg/bastion/delivery.go", "the network took bytes of a request, mostly all of them"},
	{"answer-begun", "pkg/bastion/client.go", "an answer's header has come, and its body was not read"},
	{"answer-read", "pkg/bastion/client.go", "an answer was read, and nobody knows what it says"},
	{"call-returned", "pkg/apply/attempt.go", "what a call came to is known here alone"},
	{"outcome-due", "pkg/apply/attempt.go", "an outcome is about to be recorded"},
	{"outcome-durable", "pkg/apply/attempt.go", "an outcome is durable, and nobody was told"},
	{"run-ending", "pkg/state/writer.go", "a run's last entry is written, and its end not"},
	{"end-logged", "pkg/state/writer.go", "a run's end is durable in its log, and not in the database"},
	{"run-ended", "pkg/state/writer.go", "a run's end is durable, and its log still open"},
	{"adoption-due", "internal/cli/adopt.go", "listings have shown what calls in doubt bought, and nothing of it is recorded"},
	{"resolution-due", "internal/cli/resolve.go", "the operator has said what became of an order, and nothing of it is recorded"},
	{"backup-copied", "pkg/state/backup.go", "a copy of the database is durable under another name than its own"},
	{"backup-made", "pkg/state/backup.go", "a copy of the database is durable, and older ones are still there"},
	{"restore-prepared", "pkg/state/restore.go", "the database that is to take the state's place lies beside it"},
	{"old-db-aside", "pkg/state/restore.go", "the old database has made way, and none is in its place"},
	{"db-restored", "pkg/state/restore.go", "the restored database has its name, which is not durable"},
	{"unlocking", "pkg/state/store.go", "the state is closed, and its lock still held"},
	{"unlocked", "pkg/state/store.go", "the lock is free"},
}
