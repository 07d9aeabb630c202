// Package rehearse plays a rollout against a simulated API in virtual time: hours of it in seconds, through the same
// engine that buys, with nothing bought and nothing recorded.
//
// A [Profile] says how the API behaves: how long its answers take, what of the calls it lets through, and what goes wrong.
// It is written down by hand, or taken from an earlier run's log.
package rehearse
