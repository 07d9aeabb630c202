// Package bastion speaks the wire of the Bastion API: its types, the signature, and what an answer, or the lack of
// one, means for the purchase that was asked for.
//
// createInstance has no client token, so a call that may have bought must never be made again. Everything here
// follows from that: [Client.CreateInstance] lets at most one POST leave, and its [*Error] says by its [Class] whether
// the call is known not to have bought. Whatever is not known is [InDoubt], the zero value.
package bastion
