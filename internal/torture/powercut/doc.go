// Package powercut shows what a power cut, or a disk that fails, leaves of a state: it records what the real program
// asks of the kernel, and rebuilds from that every directory that a machine could find after losing its power.
//
// # Recording
//
// [Record] runs a program under ptrace and writes down, in order, every write, truncation, creation, renaming, removal
// and sync below one directory, with its data; what the program sent to the API; and what it printed. Each of them
// begins at one tick of the [Trace] and ends at a later one. It happened at some time between the two, which is all
// that is known of it, and all that is used. A recording that does not add up to the files that the program left is an
// error: a call that writes and isn't watched can't go unnoticed.
//
// # Images
//
// A [Disk] is what is on disk for sure at one tick: what was synced by a call that has ended, where the write had ended
// before the sync began. All else may be there in any part. An [Image] is one such part: nothing of it, all of it, the
// first of it in order, any of it in any order, torn between sectors, lengths without data, data without lengths, and
// names without files or files without names, each file for itself.
//
// Two file systems are played. The strict one keeps names only when their directory was synced, as POSIX has it; the
// ordered one keeps every name that was made before any fsync, as journalling file systems do.
//
// # Laws
//
// [Trace.Duties] tells what must hold of every image of a tick: a purchase that was told of is in the state, a call that
// may have reached the API is in it as an intent or an outcome, and nothing is in it that was never sold. The tests open
// images, restore them from their run logs alone, and go on buying with them.
//
// # Faults
//
// The tracer can also make a call fail without it being made ([Run.Fault]): a full disk, a failed sync, a file system
// that became read-only, at every single call that writes. What a failed sync was to write counts as lost for good, also
// for the programs that come after ([Trace.Then]): the kernel shows it to them, and never writes it.
//
// Recording needs Linux on amd64 or arm64; the rest works everywhere.
package powercut
