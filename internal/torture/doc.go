// Package torture is what the long tests of the promise have in common: how a stage learns its size and its seed, what
// it reports, and the audit that holds what the API sold against what the state holds.
//
// A stage is a test in a package below this one. In make test it runs for seconds and with a fixed seed; in make torture
// it runs for as long as it takes for its figures to mean something, with a seed that is printed and can be given again.
package torture
