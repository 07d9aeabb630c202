// Package simulator plays the Bastion API: an account that can be bought from without money, with the faults that make
// buying hard.
//
// A [Simulator] is an http.Handler, and an http.RoundTripper for tests that must not open sockets. It checks
// signatures from the API's description (not with the client's signer), refuses repeated nonces, validates what it is
// sent, and keeps a ledger of every purchase: an order that was bought twice is in it twice.
//
// A purchase is made when its call arrives; the latency that follows is the answer's. So whoever gives up a call while
// it is in flight has bought, as with the real API.
package simulator
