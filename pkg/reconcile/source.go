package reconcile

import "context"

// A source names what a call ordered; sourceIds are taken to be unique within their region only.
type source struct{ region, id string }

// An instanceOf is what became of a source.
type instanceOf struct {
	Instance
	found bool // false: not yet, as far as the API says, which is no proof that there will be none
	err   error
}

// lookUp finds out what became of every source that the doubts know, each with one call unless calls fail.
func (s Search) lookUp(ctx context.Context, regions []string, doubts map[string][]doubt, steps *steps) map[source]instanceOf {
	var sources []source
	counts := map[string]int{}
	known := map[source]instanceOf{}
	for _, region := range regions {
		for _, d := range doubts[region] {
			for _, id := range d.sourceIDs {
				key := source{region, id}
				if _, again := known[key]; !again {
					sources, known[key] = append(sources, key), instanceOf{}
					counts[region]++
				}
			}
		}
	}
	results := make([]instanceOf, len(sources))
	sideBySide(len(sources), func(n int) {
		steps.source(sources[n].region, counts[sources[n].region])
		results[n] = s.find(ctx, sources[n])
	})
	for n, key := range sources {
		known[key] = results[n]
	}
	return known
}

// find looks a source up. An instance without a bid can't be told from one that a listing shows, so it is none yet.
func (s Search) find(ctx context.Context, key source) (i instanceOf) {
	i.err = patiently(ctx, func() (err error) {
		i.Instance, i.found, err = s.Lister.Find(ctx, key.region, key.id)
		return err
	})
	if i.err != nil || i.BID == "" {
		return instanceOf{err: i.err}
	}
	return i
}
