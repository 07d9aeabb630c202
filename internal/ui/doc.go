// Package ui is what people and scripts see: plans, progress, results, states and diagnostics, as text or as JSON.
// A command talks to a [View] and never asks which of the two it is.
//
// The rules of everything printed here:
//
//   - Data goes to Out; progress, warnings and errors go to Err. JSON goes to Out on every path.
//   - What comes from a file, the API or the network passes [Sanitize] (text) or the JSON writer, which escapes the
//     same characters. Nothing may move the cursor, change a colour or reverse the writing but this package.
//   - Colour and motion are for terminals only. Without a terminal nothing is shortened to a width.
//   - Messages use the words of the design (fleet, order, instance, plan, apply, state, in doubt) and say what to do.
package ui
