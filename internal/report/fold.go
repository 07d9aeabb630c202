package report

import (
	"cmp"
	"iter"
	"slices"
	"time"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
	"github.com/bastion-fleet/bastion-fleet/pkg/state"
)

// Head is what is known of a run beside its log's entries.
type Head struct {
	Run      state.RunInfo
	Fleet    string
	Endpoint string
	Running  bool // its program still goes on; else a log without an end is that of a run that died
	// Place and Seller are flags for the commands that the report tells people to run, ready for a shell: those that lead to
	// the run's state, and those that lead a call to the endpoint which that state is bound to. Empty where none are needed.
	Place, Seller string
}

// Fold returns the report of the run whose log holds the entries, oldest first. Its error is the first of theirs.
func Fold(h Head, entries iter.Seq2[state.Entry, error]) (Report, error) {
	f := fold{
		head: h, last: h.Run.Started, at: map[order.Address]*row{}, waves: map[string]*Wave{}, regions: map[string]*region{},
		causes: map[causeKey]string{},
	}
	for e, err := range entries {
		if err != nil {
			return Report{}, err
		}
		f.take(e)
	}
	return f.report(), nil
}

// A fold is a report in the making.
type fold struct {
	head    Head
	last    time.Time
	ended   *state.RunSummary
	reason  string // why it began no further calls
	planned *state.Planned
	prices  order.Prices

	rows    []*row
	at      map[order.Address]*row
	wave    string // the one that has begun and not ended
	waves   map[string]*Wave
	order   []*Wave
	regions map[string]*region
	calls   []call
	retried counter
	lost    []Lost
	events  []Event
	causes  map[causeKey]string // the text of each kind of failure, made once
}

// A row is an order of the report in the making.
type row struct {
	Order
	address order.Address
	cost    order.Amount
	priced  bool
	open    bool      // a call was announced and no outcome is known
	begun   time.Time // when the last one was announced
	skipped bool      // no further call was made for it
	failure *failed   // of its last outcome
}

// failed is what of a failure a report needs.
type failed struct {
	class order.Class
	why   string
}

// take folds one entry in.
func (f *fold) take(e state.Entry) {
	if e.Ended != nil {
		f.ended = e.Ended // of a run that died, it tells when a later one found it
		return
	}
	if e.Record == nil && e.At.After(f.last) { // the same goes for a record
		f.last = e.At
	}
	switch {
	case e.Intent != nil:
		f.intent(e.Address, e.Intent)
	case e.Outcome != nil:
		f.outcome(e.Address, e.Outcome)
	case e.Note != nil:
		f.note(e.Address, e.Note)
	case e.Record != nil:
		f.record(e.Record)
	}
}

// row returns the row of an address, made where there is none. What is bought at an address that the run itself has
// imported into, as a grow is, has a row of its own.
func (f *fold) row(a order.Address, imported bool) *row {
	r := f.at[a]
	if r == nil || r.End == EndImported && !imported {
		r = &row{Order: Order{Address: a.String(), Wave: f.wave}, address: a}
		f.rows, f.at[a] = append(f.rows, r), r
	}
	return r
}

func (f *fold) intent(a order.Address, i *order.Intent) {
	r := f.row(a, i.Imported)
	r.open, r.begun, r.skipped, r.failure = true, i.At, false, nil
	r.Region, r.Spec, r.Instances = i.Order.Region, i.Order.Spec, i.Order.Quantity
	r.Attempt, r.Marker, r.At = i.Attempt, i.Marker, i.At
	if i.Imported {
		r.End = EndImported
		return
	}
	r.cost, r.priced = f.prices.Cost(&i.Order, i.Order.Quantity)
}

func (f *fold) outcome(a order.Address, o *order.Outcome) {
	r := f.row(a, true)
	// What settles a doubt of an earlier run follows no intent of this one, and the run's end may forestall a call.
	called := r.open && o.Failure.Class != order.ClassCancelled
	r.open, r.Attempt, r.At, r.Took = false, o.Attempt, o.At, Millis(o.Took.Milliseconds())
	if r.End == EndImported {
		f.purchase(r, &o.Purchase)
		return
	}
	if called {
		r.Calls++
		f.call(r, o)
	}
	if o.Result == order.ResultBought {
		r.End, r.failure = EndBought, nil
		f.purchase(r, &o.Purchase)
		return
	}
	r.End, r.RequestID = EndFailed, o.Failure.RequestID
	if o.Result == order.ResultInDoubt {
		r.End = EndInDoubt
	}
	r.failure = &failed{o.Failure.Class, f.cause(o.Failure)}
}

// record takes in what the state knew of an address and the log did not, because the run's program died. Records that other
// runs left, which a log begins with where earlier ones are gone, say nothing of this run.
func (f *fold) record(r *order.Record) {
	id := f.head.Run.ID
	if n := len(r.Purchases); n > 0 && r.Purchases[n-1].Run == id {
		row := f.row(r.Address, true)
		row.open, row.failure, row.Attempt, row.Region = false, nil, r.Purchases[n-1].Attempt, r.Region()
		if row.End != EndImported {
			row.End = EndBought
		}
		f.purchase(row, &r.Purchases[n-1])
	}
}

func (f *fold) purchase(r *row, p *order.Purchase) {
	r.BuyID, r.SourceIDs, r.BIDs, r.RequestID = p.BuyID, p.SourceIDs, p.BIDs, p.RequestID
	r.Instances, r.Unpaid = p.Quantity, p.Unpaid
	if p.Marker != "" {
		r.Marker = p.Marker
	}
}

// note takes in what is no entry of the journal.
func (f *fold) note(a order.Address, n *state.Note) {
	switch n.Kind {
	case state.NotePlanned:
		f.plan(n.Planned)
	case state.NoteWaveStarted:
		f.wave = n.Wave
		f.waveNamed(n.Wave).Begun = new(n.At)
	case state.NoteAwaitingApproval:
		f.waveNamed(n.Wave).Asked = new(n.At)
	case state.NoteBaking:
		f.baking(n)
	case state.NoteWaveEnded:
		w := f.waveNamed(n.Wave)
		w.Ended, w.End, w.Reason = new(n.At), n.End, n.Text
		f.wave = ""
	case state.NoteSkipped:
		r := f.row(a, false)
		r.skipped, r.At = true, n.At
		r.Region = cmp.Or(n.Region, r.Region)
		if r.Attempt == 0 {
			r.Wave = n.Wave // not the one that is under way
		}
	case state.NoteRetrying:
		f.retried.add(f.cause(order.Failure{Class: classNamed(n.Class), Code: n.Code, Message: n.Text}), n.Class)
	case state.NoteInstanceFailed:
		f.lost = append(f.lost, Lost{Address: a.String(), Region: n.Region, Why: n.Text, At: n.At})
	case state.NoteSpeedChanged:
		f.region(n.Region).speeds = append(f.region(n.Region).speeds, Speed{n.At, n.Parallelism, n.Rate, n.Text})
	default:
		f.happened(n)
	}
}

// happened takes in what goes into the list of events.
func (f *fold) happened(n *state.Note) {
	switch n.Kind {
	case state.NoteRegionStopped:
		f.region(n.Region).stopped = n.Text
	case state.NoteDraining:
		f.reason = n.Text
	}
	f.events = append(f.events, Event{At: n.At, Kind: n.Kind, Region: n.Region, Wave: n.Wave, By: n.By, Text: n.Text})
}

// plan takes in what the run set out to do.
func (f *fold) plan(p *state.Planned) {
	if p == nil {
		return
	}
	f.planned = p
	f.prices = order.Prices{Currency: p.Currency, List: make(map[order.PriceOf]order.Amount, len(p.Prices))}
	for _, price := range p.Prices {
		f.prices.List[order.PriceOf{Region: price.Region, Spec: price.Spec, Unit: price.Unit}] = price.Amount
	}
	for _, w := range p.Waves {
		wave := f.waveNamed(w.Name)
		for _, r := range w.Regions {
			wave.Regions = append(wave.Regions, r.Region)
			limits := f.region(r.Region)
			limits.parallelism, limits.rate = r.Parallelism, r.Rate
		}
	}
}

func (f *fold) baking(n *state.Note) {
	w := f.waveNamed(n.Wave)
	if w.Bake == nil {
		w.Bake = &Bake{Begun: n.At}
	}
	w.Bake.Until, w.Bake.Last = n.Until, n.At
	w.Bake.Up, w.Bake.Coming, w.Bake.Down = n.Up, n.Coming, n.Down
}

// waveNamed returns the wave of that name, made at its first mention.
func (f *fold) waveNamed(name string) *Wave {
	w := f.waves[name]
	if w == nil {
		w = &Wave{Name: name, Regions: []string{}}
		f.waves[name], f.order = w, append(f.order, w)
	}
	return w
}

// region returns what is known of a region, made at its first mention.
func (f *fold) region(name string) *region {
	r := f.regions[name]
	if r == nil {
		r = &region{name: name, number: len(f.regions)}
		f.regions[name] = r
	}
	return r
}

// report is the report of all that was taken in.
func (f *fold) report() Report {
	r := Report{
		Version: Version, Run: f.head.Run.ID, Command: f.head.Run.Command, PlanID: f.head.Run.PlanID,
		Fleet: f.head.Fleet, Endpoint: f.head.Endpoint, Started: f.head.Run.Started, Last: f.last,
		Retried: f.retried.list(), Lost: append([]Lost{}, f.lost...), Events: append([]Event{}, f.events...), Reason: f.reason,
		place: f.head.Place, seller: f.head.Seller,
	}
	if f.ended != nil && !f.died() {
		r.Last = f.ended.Ended
	}
	f.settle()
	f.count(&r)
	r.Outcome = f.outcomeOf(r.Counts)
	f.series(&r)
	slices.SortFunc(f.rows, func(a, b *row) int {
		return cmp.Or(cmp.Compare(a.Region, b.Region), a.address.Compare(b.address), cmp.Compare(a.Attempt, b.Attempt))
	})
	f.list(&r)
	return r
}

// settle decides on the orders of which the log leaves open how they ended.
func (f *fold) settle() {
	over := f.ended != nil || !f.head.Running
	for _, r := range f.rows {
		switch {
		case r.End == EndImported, r.End == EndBought, r.End == EndInDoubt && !r.open:
		case r.open && !over, r.End == EndFailed && !over && !r.skipped && retryable(r.failure.class):
			r.End = EndUnderWay
		case r.open:
			r.End, r.failure = EndInDoubt, &failed{order.ClassInDoubt, "the program ended before an answer came"}
		case r.skipped, r.failure == nil, r.failure.class == order.ClassCancelled,
			f.died() && retryable(r.failure.class):
			r.End = EndNotTried
		}
	}
}

// retryable tells whether a call that failed so is made again while the run goes on.
func retryable(c order.Class) bool { return c == order.ClassNotSent || c == order.ClassThrottled }

// died tells whether the run's program ended without ending the run, which a later one then did.
func (f *fold) died() bool {
	if f.ended == nil {
		return !f.head.Running
	}
	return f.ended.Died
}

func (f *fold) outcomeOf(c Counts) Outcome {
	switch {
	case f.ended == nil && f.head.Running:
		return Running
	case f.died():
		return Died
	case c.Failed+c.InDoubt+c.NotTried == 0 && f.ended.WavesEndedWell():
		return Complete
	case f.ended.Interrupted:
		return Interrupted
	default:
		return Incomplete
	}
}
