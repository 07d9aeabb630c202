// Package apply buys what a plan says, within limits, and never twice.
//
// # The journal's law
//
// Before the first byte of a create leaves, its intent is durable ([Journal.Begin] has returned). Before an order
// counts as done, its outcome is durable ([Journal.Finish] has returned). A call whose outcome nobody knows is in
// doubt: it is never made again by this package. region.attempt is the only place that calls a [Buyer], and the
// only place that may.
//
// # Waves
//
// Waves come one after the other: none begins before all orders of the one before have ended, and that ended well. In
// between an [Approver] may be asked, before a wave, and a [Watcher] may look how what was bought comes up, after it; no
// call is in flight meanwhile. Within a wave its regions come all at once or one after the other.
//
// What a region is (how fast it may be called, how many of its orders are in doubt, whether it stopped) outlives waves:
// that is a region. Its orders in one wave, and how many of those failed, are a part. A plan without waves is one wave
// without a name.
//
// # What limits a run
//
// Each region has its own queue, its own limit of calls in flight, its own rate and its own tolerance; all share
// the run's limit of calls in flight. That limit counts API calls only: intents are recorded a few orders ahead of
// the calls, and outcomes behind them, so that the disk's latency costs no throughput. How far ahead is bounded,
// for an intent whose process is killed is an order in doubt although it was never called.
//
// These limits are ceilings. A region that is throttled stays below its own until calls get through again, and in a storm
// of throttles it probes with single calls; see pace.
//
// # How a run ends early
//
// Cancelling the context drains, and so does the [Abort] command: no call begins, calls in flight are waited for and
// recorded. A region over its tolerance drains alone, and so do one whose quota is used up and one whose every call is
// throttled for half an hour. Refused credentials, an endpoint that never answered, a journal that fails and a run over
// its own tolerance drain the whole run. A wave that did not end well, or that nobody approves, ends the run without a
// drain, for nothing is in flight. What was not tried is skipped, and told of one by one.
//
// [Pause] holds calls back without ending anything: no intent is recorded and no call begins until [Resume] or a drain.
package apply
