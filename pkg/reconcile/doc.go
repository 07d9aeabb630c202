// Package reconcile finds out what became of calls whose answers were lost: it looks up the sourceIds that the orders in
// doubt know, and looks for their markers in the listings of their regions.
//
// What is found proves that something was bought; what is not found proves nothing, for listings lag behind purchases, and
// unpaid purchases may be in none. So an order is adopted when exactly as many instances are found as its call asked for;
// with fewer it is held, and with more somebody has to look.
//
// A [Survey] looks the other way: not for what a call bought, but for whose calls bought what the regions have. It keeps
// a state that was lost, or one of two, from buying the fleet again; [Match] tells which orders its finds belong to.
//
// The package reads, and records nothing.
package reconcile
