// Package world plays the whole system by seed: the program's own commands, a fleet that is edited, a simulated account,
// operators who resolve, wait and meddle, faults, and processes that are killed at any moment.
//
// A seed draws a fleet, its limits and a sequence of steps. Each step runs one command, or two at a time, in the test's
// own process and under the fake time of testing/synctest: the commands are wired as ever, flags, files, state and texts
// included, and only the network is replaced. After each step the ledger is held against the state. At the end the
// faults cease, the operators settle what is in doubt, and the ledger must be what the files wish.
//
// # Kills
//
// What a kill leaves is what the disk holds at that moment. So the killed process is stopped wherever it would call the
// API or write to its journal, its files are copied, and the world goes on with the copy; the process itself runs out in
// a place that nobody looks at, with nobody who answers its calls and nobody who hears it. The copies can differ by one
// entry of the journal: written to the run log alone, to the database alone, or to half of a line.
//
// # Same seed, same trace
//
// All that is drawn depends on the seed and on names (an order's address, how often it was called for), never on which
// goroutine came first. In a paced world calls and journal entries each take a time of their own, so that no two things
// happen at one instant; what the program did there is determined, and its trace is the same whenever it is played. What
// isn't, a paced world avoids or its trace leaves out: ids, the sequence of calls within a step, pauses before retries,
// whose spread is random, and limits under which regions compete for the same places. In a crowded world everything happens at once, which is the harder test, and leaves no trace.
package world
