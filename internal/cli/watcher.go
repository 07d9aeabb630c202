package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
	"golang.org/x/sync/semaphore"
	"golang.org/x/time/rate"

	"github.com/bastion-fleet/bastion-fleet/pkg/apply"
	"github.com/bastion-fleet/bastion-fleet/pkg/bastion"
	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

// What the watching of a wave may ask of the API. It only reads, and is never worth a throttle that slows purchases down.
const (
	looksAtOnce = 4                // calls in flight in a region
	looksIn     = 10 * time.Second // how long a round goes on beginning calls; the next one begins where it stopped
	failedLooks = 3                // calls in a row that fail before a region's round ends
	leastHold   = 10 * time.Second // how long a region is left alone after a throttle
	mostHold    = 5 * time.Minute  // and at most, whatever the API asks for
)

// A watcher lets the engine, which knows no wire, see how what it bought comes up. It asks describeSourceId, for no
// other call leads from a purchase to its instances.
type watcher struct {
	client  *bastion.Client
	rollout order.Rollout

	mu      sync.Mutex
	regions map[string]*watchedRegion
}

var _ apply.Watcher = (*watcher)(nil)

func newWatcher(c *bastion.Client, r order.Rollout) *watcher {
	return &watcher{client: c, rollout: r, regions: map[string]*watchedRegion{}}
}

// Look asks for the instances of all purchases, those first that were not looked at for longest. Where time or the
// region's rate does not suffice for all, the others are as they were seen last. Its error says that no call came through.
func (w *watcher) Look(ctx context.Context, bought []apply.Watched) ([]apply.Health, error) {
	sources := map[string][]string{}
	for _, b := range bought {
		sources[b.Region] = append(sources[b.Region], b.SourceIDs...)
	}
	var all errgroup.Group
	var mu sync.Mutex
	var failed []error
	seen := 0
	for name, ids := range sources {
		all.Go(func() error {
			n, err := w.region(name).look(ctx, ids)
			mu.Lock()
			defer mu.Unlock()
			seen += n
			if err != nil {
				failed = append(failed, fmt.Errorf("%s: %w", name, err))
			}
			return nil
		})
	}
	_ = all.Wait() // its functions return no error: one region's trouble must not hide what the others show
	if seen == 0 && len(failed) > 0 {
		slices.SortFunc(failed, func(a, b error) int { return cmp.Compare(a.Error(), b.Error()) })
		return nil, errors.Join(failed...)
	}
	healths := make([]apply.Health, len(bought))
	for n, b := range bought {
		healths[n] = w.region(b.Region).health(b)
	}
	return healths, nil
}

func (w *watcher) region(name string) *watchedRegion {
	w.mu.Lock()
	defer w.mu.Unlock()
	r := w.regions[name]
	if r == nil {
		limits := w.rollout.In(name)
		r = &watchedRegion{
			name: name, client: w.client, atOnce: min(looksAtOnce, limits.Parallelism),
			rate: rate.NewLimiter(rate.Inf, 1), sights: map[string]sight{},
		}
		if limits.Rate > 0 {
			r.rate.SetLimit(rate.Limit(limits.Rate))
		}
		w.regions[name] = r
	}
	return r
}

// A watchedRegion is what a watcher knows of a region. Its rounds come one after the other.
type watchedRegion struct {
	name   string
	client *bastion.Client
	atOnce int
	rate   *rate.Limiter

	mu      sync.Mutex
	sights  map[string]sight // by sourceId
	held    time.Time        // no call before it: the API wants it slower
	came    int              // calls that came through in this round
	failing int              // calls in a row that failed in it
}

// A sight is what was last seen of a source.
type sight struct {
	at    time.Time
	shown bool // there was an instance
	ran   bool // it was up at some time
	// status is the instance's. Other values than those of a running and an expired one are unknown: they say nothing.
	status bastion.Integer
}

// up tells whether it runs.
func (s sight) up() bool { return s.shown && s.status == bastion.StatusRunning }

// down says why it is one that failed, or nothing. None that was never seen to run has failed for not being shown: a
// source shows no instance until it is provisioned (unknown by which of a 404, a null and an empty one).
func (s sight) down() string {
	switch {
	case s.shown && s.status == bastion.StatusExpired:
		return fmt.Sprintf("its status is %d, expired", s.status)
	case s.ran && !s.shown:
		return "it ran, and describeSourceId shows it no more"
	case s.ran && !s.up():
		return fmt.Sprintf("it ran, and now its status is %d", s.status)
	}
	return ""
}

// look makes a round and returns how many calls came through.
func (r *watchedRegion) look(ctx context.Context, ids []string) (came int, err error) {
	if r.heldBack() {
		return 0, nil
	}
	begin, cancel := context.WithTimeout(ctx, looksIn) // bounds the beginning of calls, not the calls
	defer cancel()
	var calls errgroup.Group
	slots := semaphore.NewWeighted(int64(r.atOnce))
	for _, id := range r.longestAgo(ids) {
		if slots.Acquire(begin, 1) != nil || r.rate.Wait(begin) != nil || r.hasEnough() {
			break
		}
		calls.Go(func() error {
			defer slots.Release(1)
			b, found, err := r.client.DescribeSourceID(ctx, r.name, id)
			return r.take(id, b, found, err)
		})
	}
	err = calls.Wait()
	return r.came, err
}

// longestAgo returns each id once, those never seen first and those seen last at the end.
func (r *watchedRegion) longestAgo(ids []string) []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	ids = slices.Clone(ids)
	slices.Sort(ids)
	ids = slices.Compact(ids)
	slices.SortStableFunc(ids, func(a, b string) int { return r.sights[a].at.Compare(r.sights[b].at) })
	return ids
}

// heldBack tells whether the region is left alone, and begins to count anew.
func (r *watchedRegion) heldBack() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.came, r.failing = 0, 0
	return time.Now().Before(r.held)
}

// hasEnough tells whether the round ends early.
func (r *watchedRegion) hasEnough() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.failing >= failedLooks || time.Now().Before(r.held)
}

// take keeps what a call showed. After one that failed the source is as it was seen before.
func (r *watchedRegion) take(id string, b bastion.Bastion, found bool, err error) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err != nil {
		r.failing++
		if e, ok := errors.AsType[*bastion.Error](err); ok && e.Class == bastion.Throttled {
			r.held = time.Now().Add(max(leastHold, min(e.RetryAfter, mostHold)))
		}
		return err
	}
	r.came++
	r.failing = 0
	s := sight{at: time.Now(), shown: found, status: b.Status}
	s.ran = s.up() || r.sights[id].ran
	r.sights[id] = s
	return nil
}

// health sums up what is known of a purchase. That it has as many sources as instances is not established: where all of
// its sources run, so do all of its instances.
func (r *watchedRegion) health(b apply.Watched) apply.Health {
	r.mu.Lock()
	defer r.mu.Unlock()
	var h apply.Health
	for _, id := range b.SourceIDs {
		s := r.sights[id]
		if s.up() {
			h.Up++
		}
		if why := s.down(); why != "" {
			h.Down++
			h.Why = cmp.Or(h.Why, id+": "+why)
		}
	}
	if h.Up == len(b.SourceIDs) && h.Up > 0 {
		return apply.Health{Up: b.Instances}
	}
	h.Down = min(h.Down, b.Instances)
	h.Up = min(h.Up, b.Instances-h.Down)
	return h
}
