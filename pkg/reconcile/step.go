package reconcile

import "sync"

// A Step is where a search or a survey stands in one region: it is about to read a page of its listing, or to look up a
// source that an order in doubt knows.
type Step struct {
	Region  string
	Page    int // from 1; 0 when a source is looked up. It falls back when pages disagree.
	Pages   int // of the listing; 0 until its first page has told
	Source  int // from 1; 0 when a page is read
	Sources int // in the region
}

// steps tells an observer, if there is one, of one step after the other.
type steps struct {
	mu      sync.Mutex
	observe func(Step)
	sources map[string]int // begun, by region
}

func newSteps(observe func(Step)) *steps {
	return &steps{observe: observe, sources: map[string]int{}}
}

func (s *steps) page(region string, page, pages int) {
	s.tell(func() Step { return Step{Region: region, Page: page, Pages: pages} })
}

func (s *steps) source(region string, sources int) {
	s.tell(func() Step {
		s.sources[region]++
		return Step{Region: region, Source: s.sources[region], Sources: sources}
	})
}

func (s *steps) tell(step func() Step) {
	if s.observe == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.observe(step())
}
