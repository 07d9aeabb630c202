package main

// The rules of records, and what plans do with them.

var orderMutants = []list{
	{"pkg/order/record.go", []string{orderTests}, []mutant{
		{name: "no second intent while one is open", edit: edit{old: "if r.Doubt != nil {\n\t\treturn r, fmt.Errorf(\"%s: attempt %d is in doubt", new: "if false {\n\t\treturn r, fmt.Errorf(\"%s: attempt %d is in doubt"}},
		{name: "no intent of an attempt that was made", edit: edit{old: "if i.Attempt <= r.Attempt {", new: "if i.Attempt < r.Attempt {"}},
		{name: "no intent of an attempt before the last", edit: edit{old: "if i.Attempt <= r.Attempt {", new: "if i.Attempt == r.Attempt {"}},
		{name: "an intent is open until its outcome comes", edit: edit{old: "r.Doubt = &i\n", new: "_ = i\n"}},
		{name: "an intent takes its attempt's number", edit: edit{old: "\tr.Attempt = i.Attempt\n", new: ""}},
		{name: "an intent forgets why the one before was in doubt", edit: edit{old: "r.DoubtWhy, r.Gone = nil, false", new: "r.Gone = false"}, equal: "an intent is begun only where none is open, and then no cause is kept"},
		{name: "a growing order keeps what it was bought as", edit: edit{old: "if len(r.Purchases) == 0 {\n\t\tr.Order = i.Order", new: "if true {\n\t\tr.Order = i.Order"}},
		{name: "no outcome without an open intent", edit: edit{old: "if r.Doubt == nil || r.Doubt.Attempt != o.Attempt {", new: "if r.Doubt != nil && r.Doubt.Attempt != o.Attempt {"}},
		{name: "no outcome of another attempt's intent", edit: edit{old: "if r.Doubt == nil || r.Doubt.Attempt != o.Attempt {", new: "if r.Doubt == nil {"}},
		{name: "a purchase adds to those before", edit: edit{old: "r.Purchases = append(r.Purchases[:len(r.Purchases):len(r.Purchases)], o.Purchase)", new: "r.Purchases = []Purchase{o.Purchase}"}},
		{name: "a purchase is not written into another record's memory", edit: edit{old: "append(r.Purchases[:len(r.Purchases):len(r.Purchases)], o.Purchase)", new: "append(r.Purchases, o.Purchase)"}},
		{name: "a purchase adds its instances", edit: edit{old: "\t\tr.Order.Quantity += before\n", new: "\t\t_ = before\n"}},
		{name: "a purchase closes its intent", edit: edit{old: "r.Doubt, r.DoubtWhy, r.Failure = nil, nil, nil", new: "r.DoubtWhy, r.Failure = nil, nil"}},
		{name: "a refusal closes its intent", edit: edit{old: "\t\tr.Doubt, r.DoubtWhy = nil, nil\n", new: ""}},
		{name: "a call that was never made tells nothing", edit: edit{old: "if o.Failure.Class != ClassCancelled {", new: "if true {"}},
		{name: "an unknown outcome keeps the intent open", edit: edit{old: "\tdefault:\n\t\tr.DoubtWhy = &o.Failure", new: "\tdefault:\n\t\tr.Doubt, r.DoubtWhy = nil, &o.Failure"}},
		{name: "an unknown outcome keeps its cause", edit: edit{old: "\t\tr.DoubtWhy = &o.Failure\n", new: ""}},
		{name: "doubt outweighs a purchase", edit: edit{old: "case r.Doubt != nil:\n\t\treturn StatusInDoubt\n\tcase len(r.Purchases) > 0:\n\t\treturn StatusBought", new: "case len(r.Purchases) > 0:\n\t\treturn StatusBought\n\tcase r.Doubt != nil:\n\t\treturn StatusInDoubt"}},
		{name: "all purchases count", edit: edit{old: "\t\tn += p.Quantity\n", new: "\t\tn = p.Quantity\n"}},
		{name: "the zero result is the cautious one", edit: edit{old: "\tResultInDoubt   Result = iota // nobody knows: never call again, reconcile\n\tResultBought   ", new: "\tResultBought   Result = iota\n\tResultInDoubt "}},
		{name: "the zero class is the cautious one", edit: edit{old: "\tClassInDoubt   Class = iota // it may have bought: do not call again\n\tClassNotSent               ", new: "\tClassNotSent Class = iota\n\tClassInDoubt "}},
		{name: "a class that is not known proves nothing", edit: edit{old: "\tdefault:\n\t\treturn ResultInDoubt\n", new: "\tdefault:\n\t\treturn ResultNotBought\n"}},
	}},
	{"pkg/order/record.go", []string{orderTests, stateTests}, []mutant{
		{name: "what is begun again is not gone", edit: edit{old: "r.DoubtWhy, r.Gone = nil, false", new: "r.DoubtWhy = nil"}},
		{name: "a purchase says what its call was made for", edit: edit{old: "o.Purchase.Imported, o.Purchase.For = r.Doubt.Imported, r.Doubt.For", new: "o.Purchase.Imported = r.Doubt.Imported"}},
	}},
	{"pkg/order/move.go", []string{orderTests, stateTests}, []mutant{
		{name: "nothing is moved onto what is bought or in doubt", edit: edit{old: "case to.Status() != StatusFailed:", new: "case false:"}},
		{name: "what was moved away keeps its number", edit: edit{old: "Former: r.Former, Gone: true, Attempt: r.Attempt, UpdatedAt", new: "Former: r.Former, Gone: true, UpdatedAt"}},
		{name: "what was moved away has nothing", edit: edit{old: "left = Record{Address: r.Address, Order: r.Order, Former: r.Former, Gone: true, Attempt: r.Attempt, UpdatedAt: at}", new: "left = r"}},
		{name: "a moved record uses no number of its new address again", edit: edit{old: "moved.Attempt = max(r.Attempt, to.Attempt)", new: "moved.Attempt = r.Attempt"}},
		{name: "a moved record uses no number of its own again", edit: edit{old: "moved.Attempt = max(r.Attempt, to.Attempt)", new: "moved.Attempt = max(1, to.Attempt)"}},
		{name: "a moved purchase keeps what it was bought as", edit: edit{old: "\t\tp.For = calledFor(p.For, r.Address, to.Address)\n", new: ""}},
		{name: "a moved doubt keeps what it was called for", edit: edit{old: "\t\tdoubt.For = calledFor(doubt.For, r.Address, to.Address)\n", new: ""}},
		{name: "a moved doubt holds its new address", edit: edit{old: "\t\tmoved.Doubt = &doubt\n", new: "\t\tmoved.Doubt = nil\n"}},
		{name: "a doubt is not removed", edit: edit{old: "case r.Doubt != nil && givenUp == nil:", new: "case false:"}},
		{name: "a removed purchase is kept", edit: edit{old: "\t\tr.Former = append(r.Former[:len(r.Former):len(r.Former)], p)\n", new: "\t\t_ = p\n"}},
	}},
	{"pkg/order/marker.go", []string{orderTests, reconcileTests}, []mutant{
		{name: "a marker is of one fleet", edit: edit{old: "markerHash(markerFleetLen, fleet) +\n\t\tmarkerHash(markerLineageLen, lineage) +\n\t\tmarkerHash(markerAttemptLen, fleet, lineage,", new: "markerHash(markerFleetLen, \"\") +\n\t\tmarkerHash(markerLineageLen, lineage) +\n\t\tmarkerHash(markerAttemptLen, lineage,"}},
		{name: "a marker is of one lineage", edit: edit{old: "\t\tmarkerHash(markerLineageLen, lineage) +\n\t\tmarkerHash(markerAttemptLen, fleet, lineage,", new: "\t\tmarkerHash(markerLineageLen, \"\") +\n\t\tmarkerHash(markerAttemptLen, fleet,"}},
		{name: "a marker is of one order", edit: edit{old: "fleet, lineage, a.String(), strconv.Itoa(attempt)", new: "fleet, lineage, strconv.Itoa(attempt)"}},
		{name: "a marker is of one attempt", edit: edit{old: "a.String(), strconv.Itoa(attempt))", new: "a.String(), strconv.Itoa(0*attempt))"}},
		{name: "a marker ends the description", edit: edit{old: "`}\\]$`)", new: "`}\\]`)"}},
		{name: "lineages are told apart", edit: edit{old: "markerOpen+markerHash(markerFleetLen, fleet)+markerHash(markerLineageLen, lineage))", new: "markerOpen+markerHash(markerFleetLen, fleet))"}},
	}},
}

var planMutants = []list{
	{"pkg/plan/build.go", []string{planTests}, []mutant{
		{name: "what is in doubt is not bought", edit: edit{old: "case status == order.StatusInDoubt:\n\t\treturn InDoubt\n", new: ""}},
		{name: "what was bought is not created again", edit: edit{old: "\t\tstatus = p.known.Status()\n", new: ""}},
		{name: "a grow buys the difference", edit: edit{old: "c.Quantity = c.Order.Quantity - p.known.Bought()", new: "c.Quantity = c.Order.Quantity"}},
		{name: "only more of the same is a grow", edit: edit{old: "case bought != wanted || more < 0:", new: "case more < 0:"}},
		{name: "what a growing order ignores can be bought", edit: edit{old: "case more > 0 && p.lifecycle.Ignore != 0 && !buyable(wanted):", new: "case false:"}},
		{name: "less is no grow", edit: edit{old: "case bought != wanted || more < 0:", new: "case bought != wanted:"}},
		{name: "all purchases count, not the wish of their time", edit: edit{old: "more := wanted.Quantity - p.known.Bought()", new: "more := wanted.Quantity - p.known.Order.Quantity"}},
		{name: "orders come sorted, each once", edit: edit{old: "if in.Orders[i-1].Address.Compare(in.Orders[i].Address) >= 0 {", new: "if false {"}},
		{name: "records come sorted, each once", edit: edit{old: "if in.Known.Records[i-1].Address.Compare(in.Known.Records[i].Address) >= 0 {", new: "if false {"}},
	}},
	{"pkg/plan/limits.go", []string{planTests}, []mutant{
		{name: "orders are held against their ceiling", edit: edit{old: "totals.Orders() > *most", new: "totals.Orders() > *most+1"}},
		{name: "instances are held against their ceiling", edit: edit{old: "totals.Instances > *most", new: "totals.Instances > *most+1"}},
		{name: "a cost is held against its ceiling", edit: edit{old: "case totals.Cost.Amount > most:", new: "case totals.Cost.Amount > most+1:"}},
		{name: "an unknown cost is above every ceiling", edit: edit{old: "case totals.Cost.Unpriced > 0:", new: "case false:"}},
	}},
	{"pkg/plan/cost.go", []string{planTests}, []mutant{
		{name: "a cost that is unknown is not nothing", edit: edit{old: "return Cost{Unpriced: 1}", new: "return Cost{}"}},
		{name: "all that a change buys has a cost", edit: edit{old: "prices.Cost(&c.Order, c.Quantity)", new: "prices.Cost(&c.Order, 1)"}},
		{name: "a plan's changes have their costs", edit: edit{file: "pkg/plan/build.go", old: "\tp.price()\n", new: ""}},
		{name: "a saved plan's changes have their costs", edit: edit{file: "pkg/plan/decode.go", old: "\tf.Plan.price()\n", new: ""}},
		{name: "a saved plan keeps its limits", edit: edit{file: "pkg/plan/disk.go", old: "Limits: diskLimits(f.Plan.Limits), ", new: ""}},
		{name: "a sum never becomes small", edit: edit{file: "pkg/order/amount.go", old: "\tif a > MaxAmount-b {\n\t\treturn MaxAmount\n\t}\n", new: ""}, tests: []string{orderTests}},
		{name: "a product never becomes small", edit: edit{file: "pkg/order/amount.go", old: "\tif high > 0 || low > uint64(MaxAmount) {", new: "\tif high > 0 {"}, tests: []string{orderTests}},
	}},
	{"pkg/plan/action.go", []string{planTests}, []mutant{
		{name: "nothing but a create and a grow buys", edit: edit{old: "return a == Create || a == Grow }", new: "return a == Create || a == Grow || a == InDoubt }"}},
	}},
	{"pkg/plan/file.go", []string{planTests}, []mutant{
		{name: "a saved plan is of one fleet", edit: edit{old: "case p.Fleet != h.Fleet:", new: "case false:"}},
		{name: "a saved plan is of one account", edit: edit{old: "case differ(f.Account, h.Account):", new: "case false:"}},
		{name: "a saved plan is of one endpoint", edit: edit{old: "case differ(f.Endpoint, h.Endpoint):", new: "case false:"}},
		{name: "a saved plan is of one lineage", edit: edit{old: "case p.Lineage != \"\" && p.Lineage != h.Lineage:", new: "case false:"}, also: []edit{{old: "case p.Lineage != h.Lineage: // planned", new: "case false: // planned"}}},
		{name: "a plan of no state is stale once there is one", edit: edit{old: "case p.Lineage != h.Lineage: // planned", new: "case false: // planned"}},
		{name: "a saved plan is of one serial", edit: edit{old: "case p.Serial != h.Serial:", new: "case false:"}},
		{name: "a plan of a later serial is refused too", edit: edit{old: "case p.Serial != h.Serial:", new: "case p.Serial < h.Serial:"}},
		{name: "a saved plan expires", edit: edit{old: "case !h.Now.Before(f.Expires):", new: "case false:"}},
	}},
	{"pkg/plan/decode.go", []string{planTests}, []mutant{
		{name: "a saved plan's seal is compared", edit: edit{old: "!hmac.Equal(s.seal, key.seal(s.start, s.body))", new: "hmac.Equal(nil, key.seal(s.start, s.body))"}},
		{name: "no key opens nothing", edit: edit{old: "key.secret == nil || !hmac", new: "!hmac"}},
		{name: "a saved plan's checksum is compared", edit: edit{old: "if sha256.Sum256(s.body) != sum {", new: "if sum == [sha256.Size]byte{} {"}},
	}},
	{"pkg/infile/infile.go", []string{infileTests}, []mutant{
		{name: "a secret that others can read is refused", edit: edit{old: "mode&others != 0", new: "mode&others == 0o777"}},
		{name: "a secret of another user is refused", edit: edit{old: "\t\tif ownedByOther(info) {\n", new: "\t\tif false {\n"}},
		{name: "files are bounded", edit: edit{old: "if int64(len(text)) > limit {", new: "if false {"}},
		{
			name: "a file is regular by its name", edit: edit{old: "if info, err := os.Stat(name); err != nil || !info.Mode().IsRegular() {", new: "if info, err := os.Stat(name); err != nil || info == nil {"},
			equal: "the open file is looked at too; only a device can tell that it was opened: see the pair",
		},
		{
			name: "a file is regular", edit: edit{old: "if info, err := os.Stat(name); err != nil || !info.Mode().IsRegular() {", new: "if info, err := os.Stat(name); err != nil || info == nil {"},
			also: []edit{{old: "if err != nil || !info.Mode().IsRegular() {\n\t\treturn refusal(f.Name(), err)", new: "if err != nil || info == nil {\n\t\treturn refusal(f.Name(), err)"}},
		},
		{name: "a file is regular once it is open", edit: edit{old: "if err != nil || !info.Mode().IsRegular() {\n\t\treturn refusal(f.Name(), err)", new: "if err != nil || info == nil {\n\t\treturn refusal(f.Name(), err)"}},
	}},
	{"pkg/plan/reconciled.go", []string{planTests}, []mutant{
		{name: "a saved plan buys nothing in doubt", edit: edit{old: "case before[i].Action.Buys() && action == InDoubt:", new: "case false:"}},
		{name: "a saved plan buys only what was approved", edit: edit{old: "\t\tcase action.Buys():\n\t\t\topen = append(open, before[i].Address)\n", new: ""}},
	}},
}
