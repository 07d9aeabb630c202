package ui

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
	"github.com/bastion-fleet/bastion-fleet/pkg/plan"
)

// What a plan does to records before anything is bought, beside its changes.
var (
	signMove   = sign{">", codeCyan, "move: recorded under another address from now on; nothing is bought for it"}
	signRemove = sign{"x", codeYellow, "remove: none of the fleet's any more; its ids are kept, nothing is deleted"}
	signImport = sign{"<", codeGreen, "import: exists already; looked up and recorded as bought by an apply"}
)

// rewrites prints what the plan does to records, in a table of its own: it is of no one region.
func (t *Text) rewrites(p plan.Plan) {
	if p.Rewrites() == 0 {
		return
	}
	var stand []sign // before the rows
	g := grid{columns: []column{{give: 3, least: 28, cut: shortenMiddle}, {give: 2, least: 12}, {give: 1, least: 10}}}
	add := func(s sign, address, what, region string) {
		stand = append(stand, s)
		g.rows = append(g.rows, []string{Sanitize(address), what, Sanitize(region)})
	}
	for _, m := range p.Moves {
		add(signMove, m.From.String()+" -> "+m.To.String(), recordedText(m.Status, m.Instances), m.Region)
	}
	for _, r := range p.Removals {
		add(signRemove, r.Address.String(), recordedText(r.Status, r.Instances), r.Region)
	}
	for _, i := range p.Imports {
		add(signImport, i.Order.Address.String(), "as "+Sanitize(strings.Join(importNames(i), ", ")), i.Order.Region)
	}
	for _, s := range slices.Compact(slices.Clone(stand)) { // rows of one kind stand together
		t.out.println("  ", t.out.with(s.colour, s.symbol), " ", s.meaning)
	}
	t.out.print("\n")
	t.signedRows(g, stand)
	t.out.print("\n")
}

// signedRows prints rows of a plan, each after its sign.
func (t *Text) signedRows(g grid, stand []sign) {
	limit := t.out.width()
	if limit > 0 {
		limit -= len(rowIndent)
	}
	widths := g.widths(limit)
	for i, s := range stand {
		t.out.print("  ", t.out.with(s.colour, s.symbol), " ")
		g.write(t.out, g.rows[i], widths, limit > 0)
		t.out.print("\n")
	}
}

// recordedText says what a record holds.
func recordedText(status order.Status, instances int) string {
	switch {
	case status == order.StatusBought:
		return strconv.Itoa(instances) + " bought"
	case instances > 0:
		return strconv.Itoa(instances) + " bought, more " + Sanitize(status.Words())
	default:
		return Sanitize(status.Words())
	}
}

func importNames(i plan.Import) []string {
	names := slices.Clone(i.BIDs)
	for _, id := range i.SourceIDs {
		names = append(names, "source "+id)
	}
	return names
}

// rewritesSum counts what is done to records: in words that stand for what will be, or was. It begins with a comma.
func rewritesSum(p plan.Plan, move, remove, imported string) string {
	var text string
	for _, part := range []struct {
		count int
		what  string
	}{{len(p.Moves), move}, {len(p.Removals), remove}, {len(p.Imports), imported}} {
		if part.count > 0 {
			text += fmt.Sprintf(", %d %s", part.count, part.what)
		}
	}
	return text
}

// Rewriting prints moves and removals that somebody asked for.
func (t *Text) Rewriting(moves []plan.Move, removals []plan.Removal) {
	t.rewrites(plan.Plan{Moves: moves, Removals: removals})
	t.flush(t.out)
}

// Rewritten prints that they are done.
func (t *Text) Rewritten(moved, removed int) {
	t.sum(rewrittenText(moved, removed))
	t.flush(t.out)
}

func rewrittenText(moved, removed int) string {
	if removed > 0 {
		return "State changed: " + plural(removed, "order") + " removed."
	}
	return "State changed: " + plural(moved, "order") + " moved."
}

// jsonRewrite is a planned_change that is done to a record before anything is bought.
type jsonRewrite struct {
	Address   order.Address  `json:"address"`
	Action    string         `json:"action"`
	Previous  *order.Address `json:"previous_address,omitempty"` // with move: where it is recorded yet
	Region    string         `json:"region"`
	Status    order.Status   `json:"status,omitempty"`
	Instances int            `json:"instances"` // bought, or to be recorded as bought
	BIDs      []string       `json:"bids,omitempty"`
	SourceIDs []string       `json:"source_ids,omitempty"`
}

// The actions that are done to records, as scripts read them.
const (
	actionMove   = "move"
	actionRemove = "remove"
	actionImport = "import"
)

func rewritesJSON(p plan.Plan) []jsonRewrite {
	out := make([]jsonRewrite, 0, p.Rewrites())
	for _, m := range p.Moves {
		out = append(out, jsonRewrite{Address: m.To, Action: actionMove, Previous: &m.From, Region: m.Region, Status: m.Status, Instances: m.Instances})
	}
	for _, r := range p.Removals {
		out = append(out, jsonRewrite{Address: r.Address, Action: actionRemove, Region: r.Region, Status: r.Status, Instances: r.Instances})
	}
	for _, i := range p.Imports {
		out = append(out, jsonRewrite{
			Address: i.Order.Address, Action: actionImport, Region: i.Order.Region, Instances: i.Order.Quantity, BIDs: i.BIDs, SourceIDs: i.SourceIDs,
		})
	}
	return out
}

// rewrites prints a planned_change for each.
func (j *JSON) rewrites(p plan.Plan) {
	for _, r := range rewritesJSON(p) {
		j.emit(struct {
			envelope
			Change jsonRewrite `json:"change"`
		}{newEnvelope(levelInfo, "planned_change", r.Address.String()+": plan to "+r.Action), r})
	}
}

// Rewriting prints a planned_change for each.
func (j *JSON) Rewriting(moves []plan.Move, removals []plan.Removal) {
	j.rewrites(plan.Plan{Moves: moves, Removals: removals})
	j.flush()
}

type jsonRewriteCounts struct {
	Move   int `json:"move"`
	Remove int `json:"remove"`
}

// Rewritten prints a state_summary.
func (j *JSON) Rewritten(moved, removed int) {
	j.emit(struct {
		envelope
		Changes jsonRewriteCounts `json:"changes"`
	}{newEnvelope(levelInfo, "state_summary", rewrittenText(moved, removed)), jsonRewriteCounts{moved, removed}})
	j.flush()
}
