// Package state keeps what was bought: a bbolt database of records, a lock with the name of its holder, and a run
// log for each apply.
//
// # Words
//
//   - The state is bound to one fleet, account and endpoint ([Binding]) and refuses every other.
//   - Its lineage is drawn when its database is made and never changes; its serial grows by one with every commit.
//   - A [Store] is the state opened for writing, under the lock. A [Snapshot] is what it holds at one moment.
//   - A [Run] is one apply's journal: it makes intents and outcomes durable. A [RunLog] is its log, for reading.
//   - A campaign is the runs that go on with one rollout: see [Snapshot.Campaign].
//
// # The journal's law
//
// Begin returns only when the intent is durable in the database and in the run log; Finish only when the outcome
// is. The two files are synced at the same time, one group of entries after the other, so that durability costs a
// caller little more than the slower of the two. After a failed write nothing more is written and every later
// call gets the same error: what the disk holds is unknown from then on, and buying on would be a gamble. So it is
// after a file of the state was deleted, moved or replaced: what goes into it would not be found again.
//
// Each of the two files can restore the other. A log line carries all that the record needs, the record as it was
// before the run included ([FoldLog]); the database carries the number of the last line that it holds, and opening it
// takes in the lines that it lacks. A crash between the two syncs therefore loses nothing. What it may leave is an
// intent whose call was never made: it is in doubt, which is the cautious reading. Where a log is gone, the next run's log
// begins anew, with every record.
//
// # On disk
//
//	.bastion-fleet/           0700
//	  state.db                0600  the database
//	  state.lock              0600  who holds the state, the lineage that ought to be beside it, and its serial
//	  runs/<run-id>.ndjson    0600  a run log
//	  runs/<run-id>.control   0600  what is asked of a run that is under way: see [AskRun]
//	  backups/<serial>-<time>.db    0600  a copy of the database
//	  state.rescued-<run-id>.ndjson 0600  what neither database nor run log took: see [Run.Rescued]
//	  plan.key                0600  32 random bytes that seal plan files; its loss costs saved plans alone
//
// Every stored value is a JSON object that ends in a checksum of itself, a member named crc. The database also
// keeps the number of its records and the sum of their checksums: a record that was lost or altered by the disk is
// noticed, for a record lost is an order bought twice.
package state
