// Package order is the vocabulary that every other package speaks: pure values, no I/O, no clock.
//
//   - An [Order] is one createInstance call's worth of wish; its [Address] names it in the fleet.
//   - A [Record] is what the state knows of an address: what was bought for it, what is in doubt, why the last
//     attempt failed.
//   - An [Intent] is the durable note made before a call; an [Outcome] is what became of that call. An intent
//     without an outcome is in doubt: nobody knows whether it bought.
//   - A [Marker] is the short text that ends an instance's description, by which a listing tells what was bought
//     for which address.
//   - [Rollout] holds the limits that an apply keeps.
//
// Values flow one way: fleet files -> orders -> plan -> intents and outcomes -> records.
package order
