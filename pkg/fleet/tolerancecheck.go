package fleet

import (
	"github.com/hashicorp/hcl/v2"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

func neverTrips(at hcl.Range, format string, args ...any) *hcl.Diagnostic {
	return warning(at, "Tolerance that never trips", format, args...)
}

// tolerates tells whether all of n orders may fail. Of a percentage below 100 it says no: where that comes to all of a few
// orders, it may come to less when the fleet has grown.
func tolerates(t order.Tolerance, n int) bool {
	count, absolute := t.Absolute()
	return t.Everything() || absolute && count >= n
}

// checkTolerances warns of written tolerances that no failures exceed, so that they stop nothing.
func (c *rolloutCheck) checkTolerances() {
	all := c.rollout.FailureTolerance
	most := 0 // orders in a region that has no tolerance of its own
	for region, n := range c.inRegion {
		if c.rollout.In(region).FailureTolerance == all {
			most = max(most, n)
		}
	}
	for _, of := range c.document.rollout.regions {
		own, n := c.limitsOf(of.region).FailureTolerance, c.inRegion[of.region]
		if own != all && n > 0 && tolerates(own, n) {
			c.warnOfTolerance(of.attrs["failure_tolerance"], own, n, "the region has", "the region never stops")
		}
	}
	c.checkRunTolerance()
	switch written := c.document.rollout.attrs["failure_tolerance"]; {
	case written != nil && most > 0 && tolerates(all, most):
		c.warnOfTolerance(written, all, most, "no region has more than", "no region ever stops")
	case written != nil && most > 0 && c.runStopsBefore(all):
		c.report(neverTrips(written.Expr.Range(), "With run_failure_tolerance = %q the whole run stops before a region has more than %s failed orders. Lower this one, or raise that one.",
			c.rollout.RunFailureTolerance, all))
	default:
		c.checkGates()
	}
}

func (c *rolloutCheck) warnOfTolerance(a *hcl.Attribute, t order.Tolerance, n int, have, then string) {
	if t.Everything() {
		c.report(neverTrips(a.Expr.Range(), "With %s = %q %s, whatever fails. Write less to be stopped.", a.Name, t, then))
		return
	}
	c.report(neverTrips(a.Expr.Range(), "%s %s, and %s = %s tolerates as many: %s. Write less, or a percentage.",
		capitalized(have), ordersText(n), a.Name, t, then))
}

func ordersText(n int) string {
	if n == 1 {
		return "1 order"
	}
	return thousands(n) + " orders"
}

// checkRunTolerance warns of a count. 100 % is what a fleet has that names none, and may be written.
func (c *rolloutCheck) checkRunTolerance() {
	written, t := c.document.rollout.attrs["run_failure_tolerance"], c.rollout.RunFailureTolerance
	if _, absolute := t.Absolute(); written != nil && absolute && tolerates(t, len(c.orders)) {
		c.warnOfTolerance(written, t, len(c.orders), "the fleet has", "the run never stops")
	}
}

// runStopsBefore tells whether the run's tolerance is exceeded before that of a region can be.
func (c *rolloutCheck) runStopsBefore(t order.Tolerance) bool {
	count, absolute := t.Absolute()
	return absolute && count > 0 && count >= c.rollout.RunFailureTolerance.Of(len(c.orders))
}

// checkGates warns of waves after which the next one begins even if all of their orders have failed.
func (c *rolloutCheck) checkGates() {
	for i, b := range c.document.rollout.waves {
		if i == len(c.reaches)-1 && !c.remains || c.reaches[i].left == 0 {
			continue
		}
		most, all := 0, true
		for region, named := range c.reaches[i].named {
			n := b.wave.MostIn(named)
			most, all = max(most, n), all && tolerates(c.rollout.In(region).FailureTolerance, n)
		}
		if all {
			c.report(neverTrips(b.header,
				"Even if every order of this wave fails, the next one begins: it takes %s of a region at most, and failure_tolerance tolerates as many. Write a percentage, such as %q, which tolerates none of so few.",
				ordersText(most), "10%"))
		}
	}
}
