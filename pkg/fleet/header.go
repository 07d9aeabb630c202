package fleet

import (
	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

// A header is the fleet block.
type header struct {
	block           *hcl.Block
	requiredVersion *hcl.Attribute
	marker          *hcl.Attribute
	maxOrders       *hcl.Attribute
}

var headerShape = shape{what: "a fleet block", attributes: []string{"required_version", "marker", "max_orders"}}

func (l *loader) decodeHeader(b *hcl.Block) *header {
	content := l.content(b.Body, headerShape)
	return &header{
		block:           b,
		requiredVersion: content.Attributes["required_version"],
		marker:          content.Attributes["marker"],
		maxOrders:       content.Attributes["max_orders"],
	}
}

// checkVersion returns false when the fleet asks for another version of this program. Nothing else of it is worth
// reporting then: another version may know what this one calls unknown.
func (l *loader) checkVersion(h *header) bool {
	if h == nil || h.requiredVersion == nil {
		return true
	}
	at := h.requiredVersion.Expr.Range()
	v, diags := valueOf(h.requiredVersion.Expr, nil)
	if diags.HasErrors() || v.IsNull() || v.Type() != cty.String {
		l.report(mistake(at, "Invalid required_version", `required_version is a text without references, such as ">= 0.1" or "~> 1.2".`))
		return true
	}
	want, err := parseConstraints(v.AsString())
	if err != nil {
		l.report(mistake(at, "Invalid required_version", "%s. Write for instance \">= 0.1\" or \">= 0.1, < 2\".", capitalized(err.Error())))
		return true
	}
	have, err := parseVersion(l.options.Version)
	if err != nil || want.allow(have) {
		return true // a program built without a version can't tell
	}
	l.diags = hcl.Diagnostics{mistake(at, "Unsupported version",
		"This fleet requires bastion-fleet %s, and this is %s. Install a version that fits, or change required_version.", v.AsString(), l.options.Version)}
	return false
}

// fleetName returns the fleet's name, which goes into the state and into every marker.
func (l *loader) fleetName(d *document) string {
	if d.header == nil {
		l.report(mistake(d.start, "Missing fleet block",
			`No file names the fleet. Write fleet "name" {} once: the name binds the state to the fleet and marks what it buys.`))
		return ""
	}
	name := d.header.block.Labels[0]
	if err := order.CheckName(name); err != nil {
		l.report(mistake(d.header.block.LabelRanges[0], "Invalid name", "A fleet can't have this name: %v.", err))
	}
	return name
}

// maxOrders returns how many orders the fleet may have.
func (l *loader) maxOrders(d *document) int {
	most := DefaultMaxOrders
	if d.header != nil {
		l.limit(d.header.maxOrders, 1, MaxOrders, &most)
	}
	return most
}
