package simulator

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/bastion-fleet/bastion-fleet/pkg/bastion"
)

// one is the result of the operations that show one instance: a null where there is none to show.
func one(i *instance) any {
	if i == nil {
		return map[string]any{"bastion": nil}
	}
	return map[string]any{"bastion": i.seen(time.Now())}
}

// describeSourceID shows what an order became. A known order that is unpaid, not shown yet or deleted gives a null.
func (s *Simulator) describeSourceID(q request) (any, *refusal) {
	i := s.account.bySource[q.target]
	switch {
	case i == nil || i.RegionID != q.region:
		return nil, notFound("the order", q.target)
	case s.account.byBID[i.BID] == nil || i.shownAt.After(time.Now()):
		return one(nil), nil
	}
	return one(i), nil
}

func (s *Simulator) describeBastion(q request) (any, *refusal) {
	i, refused := s.find(s.account.byBID, q)
	return one(i), refused
}

func (s *Simulator) describeInstance(q request) (any, *refusal) {
	i, refused := s.find(s.account.byID, q)
	return one(i), refused
}

// find looks an instance up by the id in the path.
func (s *Simulator) find(index map[string]*instance, q request) (*instance, *refusal) {
	i := index[q.target]
	if i == nil || i.RegionID != q.region || i.shownAt.After(time.Now()) {
		return nil, notFound("the instance", q.target)
	}
	return i, nil
}

// describeBastions lists a page of a region.
func (s *Simulator) describeBastions(q request) (any, *refusal) {
	query := q.url.Query()
	number, size, refused := paging(query)
	if refused != nil {
		return nil, refused
	}
	descending, refused := sorting(query)
	if refused != nil {
		return nil, refused
	}
	now := time.Now()
	shown := s.account.region(q.region).shown(now)
	if shown, refused = s.filter(shown, query, q.region); refused != nil {
		return nil, refused
	}
	from := min((number-1)*size, len(shown))
	to := min(from+size, len(shown))
	part := make([]bastion.Bastion, 0, to-from)
	for n := from; n < to; n++ {
		i := shown[n]
		if descending {
			i = shown[len(shown)-1-n]
		}
		part = append(part, i.seen(now))
	}
	return map[string]any{"bastions": part, "totalCount": len(shown)}, nil
}

func paging(query url.Values) (number, size int, refused *refusal) {
	number, size = 1, 20
	for name, into := range map[string]*int{"pageNumber": &number, "pageSize": &size} {
		if text := query.Get(name); text != "" {
			n, err := strconv.Atoi(text)
			if err != nil {
				return 0, 0, badRequest("%s must be a number", name)
			}
			*into = n
		}
	}
	switch {
	case number < 1 || number > 1<<20:
		return 0, 0, badRequest("pageNumber must be at least 1")
	case size < bastion.MinPageSize || size > bastion.MaxPageSize:
		return 0, 0, badRequest("pageSize must be %d to %d", bastion.MinPageSize, bastion.MaxPageSize)
	}
	return number, size, nil
}

func sorting(query url.Values) (descending bool, refused *refusal) {
	name, direction := query.Get("sorts.1.name"), query.Get("sorts.1.direction")
	switch {
	case name == "" && direction == "":
		return false, nil
	case name != "createTime" || !slices.Contains([]string{"", "asc", "desc"}, direction):
		return false, badRequest("sorts takes createTime, asc or desc")
	}
	return direction == "desc", nil
}

// filter keeps the instances that all filters ask for. None has a name, so a filter on that matches nothing.
func (s *Simulator) filter(shown []*instance, query url.Values, region string) ([]*instance, *refusal) {
	for n := 1; query.Has("filters." + strconv.Itoa(n) + ".name"); n++ {
		prefix := "filters." + strconv.Itoa(n) + "."
		name := query.Get(prefix + "name")
		if name != "bid" && name != "name" {
			return nil, badRequest("filters take bid and name, not %.80q", name)
		}
		var wanted []string
		for key, values := range query {
			if name == "bid" && strings.HasPrefix(key, prefix+"values.") {
				wanted = append(wanted, values...)
			}
		}
		shown = slices.DeleteFunc(slices.Clone(shown), func(i *instance) bool { return !slices.Contains(wanted, i.BID) })
	}
	return shown, nil
}
