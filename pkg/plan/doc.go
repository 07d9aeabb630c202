// Package plan compares what a fleet wishes with what its state knows, and says what an apply would do about the
// difference. It is pure: no clock, no network, no files; a [Plan] is data that can be compared, rendered and
// written down.
//
//   - [Build] makes a plan. A preview, a saved plan and an apply all come from it.
//   - A [Change] is one address's difference; its [Action] says what is to be done. Only [Create] and [Grow] are
//     ever executed; the others are shown.
//   - A [Buy] is one order as the apply has to send it.
//   - A [File] is a plan written down, to be applied later and at most once. Its seal, made with a [Key], tells whether it is
//     as it was written; until that is checked it is a [Sealed].
package plan
