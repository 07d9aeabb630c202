// Package apply buys what a plan says, within limits, and never twice.
//
// # The journal's law
//
// Before the first byte of a create leaves, its intent is durable ([Journal.Begin] has returned). Before an order
// counts as done, its outcome is durable ([Journal.Finish] has returned). A call whose outcome nobody knows is in
// doubt: it is never made again by this package. region.attempt is the only place that calls a [Buyer], and the
// only place that may.
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
// Cancelling the context drains: no call begins, calls in flight are waited for and recorded. A region over its
// tolerance drains alone, and so does one whose every call is throttled for half an hour. Refused credentials, an endpoint
// that never answered and a journal that fails drain the whole run.
package apply
