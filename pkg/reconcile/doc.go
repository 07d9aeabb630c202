// Package reconcile finds out what became of calls whose answers were lost: it looks for the markers of the orders in
// doubt in the listings of their regions.
//
// A listing proves that something was bought, and never that nothing was: listings lag behind purchases, and unpaid
// purchases may be in none. So an order is adopted when exactly as many instances as its call asked for carry its
// marker; with fewer it is held, and with more somebody has to look. The package reads, and records nothing.
package reconcile
