package state

import (
	"slices"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

// entry is a record with the checksum of its stored form.
type entry struct {
	record order.Record
	crc    uint32
}

// A table holds the records in memory, with what the head has to say of them all.
type table struct {
	byAddress map[order.Address]*entry
	list      []*entry // the same, in the order of the last call of sorted, with newer ones behind
	sum       uint64   // of the checksums, wrapping
}

// newTable makes a table of entries of different addresses.
func newTable(entries []entry) table {
	t := table{byAddress: make(map[order.Address]*entry, len(entries)), list: make([]*entry, len(entries))}
	for i := range entries {
		e := &entries[i]
		t.byAddress[e.record.Address] = e
		t.list[i] = e
		t.sum += uint64(e.crc)
	}
	return t
}

// record returns what is known of an address, and whether anything is.
func (t *table) record(a order.Address) (order.Record, bool) {
	if e, known := t.byAddress[a]; known {
		return e.record, true
	}
	return order.Record{}, false
}

// put adds a record, or replaces the one of its address.
func (t *table) put(e entry) {
	t.sum += uint64(e.crc)
	if before, known := t.byAddress[e.record.Address]; known {
		t.sum -= uint64(before.crc)
		*before = e
		return
	}
	t.byAddress[e.record.Address] = &e
	t.list = append(t.list, &e)
}

// sorted returns the records by address. It sorts the list, which is nearly sorted already, and not the records,
// which have some hundred bytes each.
func (t *table) sorted() []order.Record {
	slices.SortFunc(t.list, func(a, b *entry) int { return a.record.Address.Compare(b.record.Address) })
	records := make([]order.Record, len(t.list))
	for i, e := range t.list {
		records[i] = e.record
	}
	return records
}

// with returns the head's numbers of the table as it is once records of different addresses are put.
func (t *table) with(records []stored) (n int, sum uint64) {
	n, sum = len(t.list), t.sum
	for _, r := range records {
		if before, known := t.byAddress[r.record.Address]; known {
			sum -= uint64(before.crc)
		} else {
			n++
		}
		sum += uint64(r.crc)
	}
	return n, sum
}
