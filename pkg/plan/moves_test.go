package plan_test

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
	"github.com/bastion-fleet/bastion-fleet/pkg/plan"
)

func move(t testing.TB, from, to string) order.Moved {
	return order.Moved{Move: order.Move{From: address(t, from), To: address(t, to)}, At: "main.fleet.hcl:1"}
}

func removed(t testing.TB, from string) order.Removed {
	return order.Removed{From: address(t, from), At: "main.fleet.hcl:2"}
}

// in is a fleet of such orders, and a state of such records.
func in(orders []order.Order, records ...order.Record) plan.Input {
	slices.SortFunc(orders, func(a, b order.Order) int { return a.Address.Compare(b.Address) })
	slices.SortFunc(records, func(a, b order.Record) int { return a.Address.Compare(b.Address) })
	return plan.Input{Fleet: "branches", Rollout: order.DefaultRollout(), Orders: orders, Known: plan.Known{Lineage: "l1", Serial: 3, Records: records}}
}

func orders(t testing.TB, at ...string) []order.Order {
	list := make([]order.Order, len(at))
	for n, a := range at {
		list[n] = wish(t, a)
	}
	return list
}

// told is a plan, an action a line.
func told(p plan.Plan) []string {
	lines := []string{}
	for _, m := range p.Moves {
		lines = append(lines, "move "+m.From.String()+" to "+m.To.String()+", "+string(m.Status))
	}
	for _, r := range p.Removals {
		lines = append(lines, "remove "+r.Address.String())
	}
	for _, i := range p.Imports {
		lines = append(lines, "import "+strings.Join(slices.Concat(i.BIDs, i.SourceIDs), "+")+" for "+i.Order.Address.String())
	}
	for _, c := range p.Changes {
		lines = append(lines, c.Action.String()+" "+c.Address.String())
	}
	return lines
}

func TestRecordsAreMovedBeforeTheyAreCompared(t *testing.T) {
	gw := bought(wish(t, "order.gw"))
	bj, sh := bought(wish(t, `order.gw["bj"]`)), bought(wish(t, `order.gw["sh"]`))
	for name, c := range map[string]struct {
		in      plan.Input
		moved   []order.Moved
		removed []order.Removed
		want    []string
	}{
		"renamed":           {in(orders(t, "order.gateway"), gw), []order.Moved{move(t, "order.gw", "order.gateway")}, nil, []string{"move order.gw to order.gateway, bought"}},
		"a block with keys": {in(orders(t, `order.b["bj"]`, `order.b["sh"]`), bj, sh), []order.Moved{move(t, "order.gw", "order.b")}, nil, []string{`move order.gw["bj"] to order.b["bj"], bought`, `move order.gw["sh"] to order.b["sh"], bought`}},
		"into for_each":     {in(orders(t, `order.gw["bj"]`), gw), []order.Moved{move(t, "order.gw", `order.gw["bj"]`)}, nil, []string{`move order.gw to order.gw["bj"], bought`}},
		"a chain":           {in(orders(t, "order.c"), gw), []order.Moved{move(t, "order.gw", "order.b"), move(t, "order.b", "order.c")}, nil, []string{"move order.gw to order.c, bought"}},
		"one order outweighs its block": {
			in(orders(t, `order.b["bj"]`, "order.c"), bj, sh), []order.Moved{move(t, "order.gw", "order.b"), move(t, `order.gw["sh"]`, "order.c")}, nil,
			[]string{`move order.gw["bj"] to order.b["bj"], bought`, `move order.gw["sh"] to order.c, bought`},
		},
		"moved and grown": {
			in([]order.Order{wish(t, "order.b", func(o *order.Order) { o.Quantity = 3 })}, gw), []order.Moved{move(t, "order.gw", "order.b")}, nil,
			[]string{"move order.gw to order.b, bought", "grow order.b"},
		},
		"in doubt": {
			in(orders(t, "order.b"), doubtful(order.Record{}, wish(t, "order.gw"))), []order.Moved{move(t, "order.gw", "order.b")}, nil,
			[]string{"move order.gw to order.b, in_doubt", "in_doubt order.b"},
		},
		"failed": {
			in(orders(t, "order.b"), failed(wish(t, "order.gw"))), []order.Moved{move(t, "order.gw", "order.b")}, nil,
			[]string{"move order.gw to order.b, failed", "create order.b"},
		},
		"failed, to where something is bought": {in(orders(t, "order.b"), failed(wish(t, "order.gw")), bought(wish(t, "order.b"))), []order.Moved{move(t, "order.gw", "order.b")}, nil, []string{}},
		"done with":                            {in(orders(t, "order.b"), bought(wish(t, "order.b"))), []order.Moved{move(t, "order.gw", "order.b")}, []order.Removed{removed(t, "order.old")}, []string{}},
		"removed":                              {in(orders(t, "order.b"), gw), nil, []order.Removed{removed(t, "order.gw")}, []string{"remove order.gw", "create order.b"}},
		"a removed block":                      {in(nil, bj, sh), nil, []order.Removed{removed(t, "order.gw")}, []string{`remove order.gw["bj"]`, `remove order.gw["sh"]`}},
		"moved, and then removed":              {in(nil, gw), []order.Moved{move(t, "order.gw", "order.b")}, []order.Removed{removed(t, "order.b")}, []string{"remove order.gw"}},
	} {
		t.Run(name, func(t *testing.T) {
			c.in.Moved, c.in.Removed = c.moved, c.removed
			before := slices.Clone(c.in.Known.Records)
			p, err := plan.Build(c.in)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, told(p)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			if p.HasChanges() != (len(c.want) > 0) {
				t.Errorf("it has changes: %t", p.HasChanges())
			}
			if diff := cmp.Diff(before, c.in.Known.Records, cmpOrder); diff != "" {
				t.Errorf("the plan wrote to what the state knows:\n%s", diff)
			}
		})
	}
}

func TestBlocksThatDoNotFitTheRecordsAreRefused(t *testing.T) {
	gw, b := bought(wish(t, "order.gw")), bought(wish(t, "order.b"))
	doubt := doubtful(order.Record{}, wish(t, "order.gw"))
	for name, c := range map[string]struct {
		in      plan.Input
		moved   []order.Moved
		removed []order.Removed
		imports []order.Import
		says    string
	}{
		"onto a purchase":           {in(orders(t, "order.b"), gw, b), []order.Moved{move(t, "order.gw", "order.b")}, nil, nil, "main.fleet.hcl:1: order.gw can't be moved to order.b, which is bought"},
		"two to one":                {in(orders(t, "order.c"), gw, b), []order.Moved{move(t, "order.gw", "order.c"), move(t, "order.b", "order.c")}, nil, nil, "can't be moved to order.c, which is bought"},
		"to nothing":                {in(orders(t, "order.c"), gw), []order.Moved{move(t, "order.gw", "order.b")}, nil, nil, "order.gw would be moved to order.b, which the files do not order"},
		"from what is ordered":      {in(orders(t, "order.b", "order.gw"), gw), []order.Moved{move(t, "order.gw", "order.b")}, nil, nil, "the files still order it: it would be bought again"},
		"in a circle":               {in(orders(t, "order.c"), gw), []order.Moved{move(t, "order.gw", "order.b"), move(t, "order.b", "order.gw")}, nil, nil, ""},
		"removed, and ordered":      {in(orders(t, "order.gw"), gw), nil, []order.Removed{removed(t, "order.gw")}, nil, "main.fleet.hcl:2: order.gw is removed, and the files still order it"},
		"removed in doubt":          {in(nil, doubt), nil, []order.Removed{removed(t, "order.gw")}, nil, "attempt 1 is in doubt"},
		"imported in doubt":         {in(orders(t, "order.gw"), doubt), nil, nil, []order.Import{{To: gw.Address, BID: "bid-1"}}, "order.gw is in doubt"},
		"imported, and bought":      {in(orders(t, "order.gw"), gw), nil, nil, []order.Import{{To: gw.Address, BID: "bid-1"}}, "lacks nothing"},
		"imported in part":          {in(orders(t, "order.gw")), nil, nil, []order.Import{{To: gw.Address, BID: "bid-1"}}, "lacks 2 instances, and 1 are imported"},
		"imported where moved to":   {in(orders(t, "order.b"), gw), []order.Moved{move(t, "order.gw", "order.b")}, nil, []order.Import{{To: b.Address, BID: "bid-1"}}, "something is moved to order.b"},
		"imported beside an update": {in([]order.Order{wish(t, "order.gw", func(o *order.Order) { o.Spec, o.Quantity = "other", 3 })}, gw), nil, nil, []order.Import{{To: gw.Address, BID: "bid-1"}}, "bought otherwise"},
	} {
		t.Run(name, func(t *testing.T) {
			c.in.Moved, c.in.Removed, c.in.Imports = c.moved, c.removed, c.imports
			p, err := plan.Build(c.in)
			if _, conflict := errors.AsType[*plan.ConflictError](err); conflict != (c.says != "") || err != nil && !strings.Contains(err.Error(), c.says) {
				t.Errorf("%v, want %q; %q", err, c.says, told(p))
			}
		})
	}
}

// TestAMoveThatTheFilesDoNotKnowBuysNothingAgain: they are older than the move, or the change that brought it was taken back.
func TestAMoveThatTheFilesDoNotKnowBuysNothingAgain(t *testing.T) {
	_, gone, err := bought(wish(t, "order.gw")).MoveTo(order.Record{Address: address(t, "order.b")}, noon)
	if err != nil {
		t.Fatal(err)
	}
	_, waiting, err := doubtful(order.Record{}, wish(t, "order.gw")).MoveTo(order.Record{Address: address(t, "order.b")}, noon)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		in      plan.Input
		refused bool
	}{
		"under the old name":             {in(orders(t, "order.gw"), gone), true},
		"in doubt":                       {in(orders(t, "order.gw"), waiting), true},
		"under both names":               {in(orders(t, "order.gw", "order.b"), gone), false},
		"under the new name":             {in(orders(t, "order.b"), gone), false},
		"under neither":                  {in(orders(t, "order.c"), gone), false},
		"moved back":                     {plan.Input{Moved: []order.Moved{move(t, "order.b", "order.gw")}}, false},
		"given up, and to be bought new": {plan.Input{Removed: []order.Removed{removed(t, "order.b")}}, false},
	} {
		t.Run(name, func(t *testing.T) {
			if len(c.in.Orders) == 0 {
				whole := in(orders(t, "order.gw"), gone)
				whole.Moved, whole.Removed = c.in.Moved, c.in.Removed
				c.in = whole
			}
			p, err := plan.Build(c.in)
			_, conflict := errors.AsType[*plan.ConflictError](err)
			if conflict != c.refused || err != nil && !strings.Contains(err.Error(), "order.gw would be bought again: what was bought for it was moved to order.b") {
				t.Errorf("%v; %q", err, told(p))
			}
			c.in.Selection = plan.Selection{Target: patterns(t, "order.gw")}
			if _, err := plan.Build(c.in); (err != nil) != c.refused {
				t.Errorf("with a selection: %v", err)
			}
		})
	}
}

func TestImportsTakeThePlaceOfPurchases(t *testing.T) {
	gw := wish(t, "order.gw")
	both := []order.Import{{To: gw.Address, BID: "bid-1"}, {To: gw.Address, SourceID: "src-2"}}
	half := bought(wish(t, "order.gw", func(o *order.Order) { o.Quantity = 1 }))
	half.Purchases[0].BIDs = []string{"bid-1"}
	whole := bought(gw)
	whole.Purchases[0].BIDs, whole.Purchases[0].SourceIDs = []string{"bid-1", "bid-2"}, []string{"src-2"}
	for name, c := range map[string]struct {
		known []order.Record
		want  []string
	}{
		"nothing recorded":                   {nil, []string{"import bid-1+src-2 for order.gw"}},
		"a call failed":                      {[]order.Record{failed(gw)}, []string{"import bid-1+src-2 for order.gw"}},
		"one recorded":                       {[]order.Record{half}, []string{"import src-2 for order.gw"}},
		"all recorded, nothing is left over": {[]order.Record{whole}, []string{}},
	} {
		t.Run(name, func(t *testing.T) {
			input := in([]order.Order{gw}, c.known...)
			input.Imports = both
			p, err := plan.Build(input)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, told(p)); diff != "" || len(p.Buys()) > 0 {
				t.Errorf("%d to buy; -want +got:\n%s", len(p.Buys()), diff)
			}
			if len(c.known) > 0 && len(p.Imports) > 0 && p.Imports[0].Attempt != c.known[0].Attempt+1 {
				t.Errorf("it gets the number %d after %d", p.Imports[0].Attempt, c.known[0].Attempt)
			}
		})
	}
}

// TestASelectionTakesAMoveByBothAddresses: a move that is left out must leave out what it would keep from being bought.
func TestASelectionTakesAMoveByBothAddresses(t *testing.T) {
	input := in(orders(t, "order.b", "order.c"), bought(wish(t, "order.gw")), bought(wish(t, "order.old")))
	input.Moved, input.Removed = []order.Moved{move(t, "order.gw", "order.b")}, []order.Removed{removed(t, "order.old")}
	pattern := func(s string) []order.Pattern {
		p, err := order.ParsePattern(s)
		if err != nil {
			t.Fatal(err)
		}
		return []order.Pattern{p}
	}
	moved, gone, created := "move order.gw to order.b, bought", "remove order.old", "create order.c"
	for name, c := range map[string]struct {
		selection plan.Selection
		want      []string
	}{
		"the new address":           {plan.Selection{Target: pattern("order.b")}, []string{moved}},
		"the old address":           {plan.Selection{Target: pattern("order.gw")}, []string{moved}},
		"another":                   {plan.Selection{Target: pattern("order.c")}, []string{created}},
		"all but the new address":   {plan.Selection{Exclude: pattern("order.b")}, []string{gone, created}},
		"all but the old address":   {plan.Selection{Exclude: pattern("order.gw")}, []string{gone, created}},
		"what is removed":           {plan.Selection{Target: pattern("order.old")}, []string{gone}},
		"the region":                {plan.Selection{Region: []string{"cn-north-1"}}, []string{moved, gone, created}},
		"a region without anything": {plan.Selection{Region: []string{"cn-east-1"}}, []string{}},
	} {
		input.Selection = c.selection
		p, err := plan.Build(input)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(c.want, told(p)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// TestAnImportThatWasCutShort is held, stops nothing else, and is done with once a reconcile has recorded it by its bids.
// What it does not cover is still imported, and never bought.
func TestAnImportThatWasCutShort(t *testing.T) {
	gw := wish(t, "order.gw")
	blocks := []order.Import{{To: gw.Address, BID: "bid-1"}, {To: gw.Address, SourceID: "src-2"}}
	held := doubtful(order.Record{}, gw)
	called := held
	held.Doubt = new(*held.Doubt)
	held.Doubt.Imported = true
	purchase := order.Purchase{Attempt: 1, BIDs: []string{"bid-1", "bid-2"}, Quantity: 2}
	found, err := held.Finish(order.Outcome{Address: gw.Address, Attempt: held.Doubt.Attempt, Result: order.ResultBought, Purchase: purchase})
	if err != nil {
		t.Fatal(err)
	}
	larger := gw
	larger.Quantity = 3
	for name, c := range map[string]struct {
		wish   order.Order
		known  order.Record
		blocks []order.Import
		want   []string // nil: refused
	}{
		"held":                      {gw, held, blocks, []string{"in_doubt order.gw", "create order.new"}},
		"a call in doubt":           {gw, called, blocks, nil},
		"found":                     {gw, found, blocks, []string{"create order.new"}},
		"found, and one more":       {larger, found, []order.Import{{To: gw.Address, SourceID: "src-3"}}, []string{"import src-3 for order.gw", "create order.new"}},
		"found, and another one":    {gw, found, []order.Import{{To: gw.Address, BID: "bid-9"}}, nil},
		"bought, and not by import": {gw, bought(gw), []order.Import{{To: gw.Address, SourceID: "src-9"}}, nil},
	} {
		input := in([]order.Order{c.wish, wish(t, "order.new")}, c.known)
		input.Imports = c.blocks
		p, err := plan.Build(input)
		if (err != nil) != (c.want == nil) || err == nil && !cmp.Equal(c.want, told(p)) {
			t.Errorf("%s: %v, %q", name, err, told(p))
		}
	}
}

func TestAPlanFileKeepsWhatIsDoneToRecords(t *testing.T) {
	input := in(orders(t, "order.b", "order.c"), bought(wish(t, "order.gw")), bought(wish(t, "order.old")))
	input.Moved, input.Removed = []order.Moved{move(t, "order.gw", "order.b")}, []order.Removed{removed(t, "order.old")}
	input.Imports = []order.Import{{To: address(t, "order.c"), BID: "bid-1"}, {To: address(t, "order.c"), SourceID: "src-1"}}
	p, err := plan.Build(input)
	if err != nil {
		t.Fatal(err)
	}
	if got := reopened(t, p); !cmp.Equal(p, got, cmpOrder, cmpEmpty) {
		t.Errorf("-want +got:\n%s", cmp.Diff(p, got, cmpOrder, cmpEmpty))
	}
	for name, break_ := range map[string]func(*plan.Plan){
		"a move twice":             func(p *plan.Plan) { p.Moves = append(p.Moves, p.Moves[0]) },
		"a move of what is gone":   func(p *plan.Plan) { p.Moves[0].From = p.Removals[0].Address },
		"a status that is none":    func(p *plan.Plan) { p.Moves[0].Status = "sold" },
		"an import of fewer":       func(p *plan.Plan) { p.Imports[0].BIDs = nil },
		"an import and a purchase": func(p *plan.Plan) { p.Changes = append(p.Changes, create(t, "order.c")) },
	} {
		broken := p
		broken.Moves, broken.Imports = slices.Clone(p.Moves), slices.Clone(p.Imports)
		break_(&broken)
		if _, err := reopen(t, broken); !errors.Is(err, plan.ErrAltered) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func create(t *testing.T, at string) plan.Change {
	p, err := plan.Build(in(orders(t, at)))
	if err != nil {
		t.Fatal(err)
	}
	return p.Changes[0]
}

func reopened(t *testing.T, p plan.Plan) plan.Plan {
	t.Helper()
	got, err := reopen(t, p)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// reopen writes a plan down and reads it.
func reopen(t *testing.T, p plan.Plan) (plan.Plan, error) {
	t.Helper()
	var file bytes.Buffer
	key := plan.NewKey([32]byte{7})
	if err := (plan.File{ID: "p1", Plan: p}).Encode(&file, key); err != nil {
		t.Fatal(err)
	}
	sealed, err := plan.Decode(&file)
	if err != nil {
		return plan.Plan{}, err
	}
	opened, err := sealed.Open(key)
	return opened.Plan, err
}

// TestASavedPlanMovesWhatAReconcileFound: between a plan and its apply, what is moved may have come out of doubt.
func TestASavedPlanMovesWhatAReconcileFound(t *testing.T) {
	doubt := doubtful(order.Record{}, wish(t, "order.gw"))
	input := in(orders(t, "order.b"), doubt)
	input.Moved = []order.Moved{move(t, "order.gw", "order.b")}
	p, err := plan.Build(input)
	if err != nil {
		t.Fatal(err)
	}
	found, err := doubt.Finish(order.Outcome{Address: doubt.Address, Attempt: doubt.Attempt, Result: order.ResultBought, Purchase: order.Purchase{
		Attempt: doubt.Attempt, BIDs: []string{"bid-1", "bid-2"}, Quantity: 2,
	}})
	if err != nil {
		t.Fatal(err)
	}
	after, open, err := p.Reconciled([]order.Record{found})
	if err != nil || len(open) > 0 || !slices.Equal(told(after), []string{"move order.gw to order.b, in_doubt"}) || after.Unchanged != 1 {
		t.Errorf("%v, %v open, %d unchanged: %q", err, open, after.Unchanged, told(after))
	}
	if _, _, err := p.Reconciled(nil); err == nil {
		t.Error("a move of what is no longer recorded is planned")
	}
}

// TestNothingIsBoughtTwiceForAMove renames blocks of any fleet and state: what was bought before is never bought under
// the new name, and no number of an attempt is used again.
func TestNothingIsBoughtTwiceForAMove(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		input := drawInput(rt)
		for i := range input.Orders {
			input.Orders[i].Address.Name += "_new"
			input.Moved = append(input.Moved, order.Moved{Move: order.Move{
				From: order.Address{Name: strings.TrimSuffix(input.Orders[i].Address.Name, "_new"), Key: input.Orders[i].Address.Key}, To: input.Orders[i].Address,
			}})
		}
		slices.SortFunc(input.Orders, func(a, b order.Order) int { return a.Address.Compare(b.Address) })
		p, err := plan.Build(input)
		if err != nil {
			if _, conflict := errors.AsType[*plan.ConflictError](err); conflict {
				return
			}
			rt.Fatal(err)
		}
		known := map[order.Address]order.Record{}
		for _, r := range input.Known.Records {
			known[r.Address] = r
		}
		for _, b := range p.Buys() {
			from := b.Order.Address
			from.Name = strings.TrimSuffix(from.Name, "_new")
			r := known[from]
			if r.Status() == order.StatusInDoubt || b.Attempt <= r.Attempt {
				rt.Fatalf("attempt %d buys %s, of which %+v is known", b.Attempt, b.Order.Address, r)
			}
			for _, o := range input.Orders {
				if o.Address == b.Order.Address && b.Order.Quantity+r.Bought() != o.Quantity {
					rt.Fatalf("%d are bought for %s, which has %d of %d", b.Order.Quantity, o.Address, r.Bought(), o.Quantity)
				}
			}
		}
	})
}
