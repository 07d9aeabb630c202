package cli

import (
	"fmt"
	"strings"

	"github.com/bastion-fleet/bastion-fleet/pkg/simulator"
)

// faultMeanings says what a call meets. A test holds that none is missing.
var faultMeanings = map[simulator.Fault]string{
	simulator.Throttle:      "429 of the API; nothing is bought",
	simulator.ThrottleAs400: "a throttle that comes as a 400; nothing is bought",
	simulator.Quota:         "429 of the API, for a quota that is used up; nothing is bought",
	simulator.Reject:        "400 of the API; nothing is bought",
	simulator.Unreachable:   "the connection is closed without an answer; nothing is bought",
	simulator.DropRequest:   "the connection breaks before the purchase",
	simulator.ErrorBefore:   "500 before the purchase",
	simulator.ErrorAfter:    "500 after the purchase",
	simulator.DropAnswer:    "the connection breaks after the purchase, without an answer",
	simulator.CutAnswer:     "the connection breaks after the purchase, in the middle of the answer",
	simulator.ForeignAnswer: "a web page instead of an answer, after the purchase",
	simulator.Stall:         "bought, and no answer until the caller gives up",
}

// instanceFaultMeanings says what becomes of an instance. A test holds that none is missing.
var instanceFaultMeanings = map[simulator.InstanceFault]string{
	simulator.Stuck:   "it never comes up",
	simulator.Expired: "it comes up expired",
	simulator.Falls:   "it comes up, and once more as long after that it runs no more",
}

// instanceFaultList explains the faults of instances for the help, a line each.
func instanceFaultList() string {
	var lines []string
	for f := simulator.NoInstanceFault + 1; f <= simulator.Falls; f++ {
		lines = append(lines, fmt.Sprintf("  %-16s %s", f, instanceFaultMeanings[f]))
	}
	return strings.Join(lines, "\n")
}

// faultList explains the faults for the help, a line each.
func faultList() string {
	var lines []string
	for f := simulator.NoFault + 1; f <= simulator.Stall; f++ {
		lines = append(lines, fmt.Sprintf("  %-16s %s", f, faultMeanings[f]))
	}
	return strings.Join(lines, "\n")
}
