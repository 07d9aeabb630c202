package simulator

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/bastion-fleet/bastion-fleet/pkg/bastion"
)

// LedgerPath is where the ledger is served, to everybody and without a signature.
const LedgerPath = "/sim/ledger"

// A Purchase is an entry of the ledger: what one createInstance call bought, answered or not.
type Purchase struct {
	BuyID     string          `json:"buy_id"`
	SourceIDs []string        `json:"source_ids"` // one an instance
	Region    string          `json:"region"`
	Quantity  int             `json:"quantity"`
	Spec      string          `json:"spec"`
	Desc      string          `json:"desc"`
	Paid      bool            `json:"paid"` // false: it waits for somebody to pay, and no listing shows it
	Time      time.Time       `json:"time"` // of the call's arrival
	RequestID string          `json:"request_id"`
	Request   json.RawMessage `json:"request"` // the call's body as it came
}

// BIDs are the ids of the purchase's instances, as listings show them, sorted.
func (p Purchase) BIDs() []string {
	ids := make([]string, len(p.SourceIDs))
	for n, source := range p.SourceIDs {
		ids[n] = bidPrefix + strings.TrimPrefix(source, sourcePrefix)
	}
	slices.Sort(ids)
	return ids
}

// How ids begin. What follows is the same in an instance's sourceId and its bid.
const (
	sourcePrefix = "source-"
	bidPrefix    = "bid-"
)

// Counters count what happened since the Simulator was made, whatever its ledger file held before.
type Counters struct {
	Calls              int            `json:"calls"`     // createInstance calls with a right signature, faulty or not
	Purchases          int            `json:"purchases"` // of those, the ones that bought
	Instances          int            `json:"instances"`
	Reads              int            `json:"reads"`   // calls with a right signature that only look: pages of listings, look-ups
	Refused            int            `json:"refused"` // calls of all kinds turned away for their address, signature or nonce
	Faults             map[Fault]int  `json:"faults"`
	MaxInFlight        int            `json:"max_in_flight"` // createInstance calls at one time, and in one region:
	MaxInFlightRegions map[string]int `json:"max_in_flight_regions"`
}

func newCounters() Counters {
	return Counters{Faults: map[Fault]int{}, MaxInFlightRegions: map[string]int{}}
}

// Ledger returns every purchase, oldest first.
func (s *Simulator) Ledger() []Purchase {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.account.purchases)
}

// Counters returns the counters.
func (s *Simulator) Counters() Counters {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.counters
	c.Faults = make(map[Fault]int, len(s.counters.Faults))
	for fault, n := range s.counters.Faults {
		c.Faults[fault] = n
	}
	c.MaxInFlightRegions = map[string]int{}
	for name, region := range s.account.regions {
		if region.maxInFlight > 0 {
			c.MaxInFlightRegions[name] = region.maxInFlight
		}
	}
	return c
}

// serveLedger writes {"purchases": […], "counters": {…}}.
func (s *Simulator) serveLedger(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet {
		http.Error(w, "the ledger can only be read", http.StatusMethodNotAllowed)
		return
	}
	ledger := struct {
		Purchases []Purchase `json:"purchases"`
		Counters  Counters   `json:"counters"`
	}{s.Ledger(), s.Counters()}
	if ledger.Purchases == nil {
		ledger.Purchases = []Purchase{}
	}
	w.Header().Set("Content-Type", "application/json")
	_ = encodeLine(w, ledger) // the reader left
}

// encodeLine writes v as a line of JSON that keeps requests as they came.
func encodeLine(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}

// record writes a purchase down before it is answered. The caller holds the lock.
func (s *Simulator) record(p Purchase, spec bastion.CreateInstanceRequest) error {
	if s.file != nil {
		var line bytes.Buffer // one write a line: a process that dies leaves all of it or none
		if err := encodeLine(&line, p); err != nil {
			return err
		}
		if _, err := s.file.Write(line.Bytes()); err != nil {
			return fmt.Errorf("writing the simulated account: %w", err)
		}
	}
	s.account.add(p, spec)
	s.counters.Purchases++
	s.counters.Instances += p.Quantity
	return nil
}

// openLedger continues the account in the file. A last line without its end was never answered: it is cut off.
func (s *Simulator) openLedger(path string) error {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	if err := s.continueFrom(file); err != nil {
		file.Close()
		return err
	}
	s.file = file
	return nil
}

func (s *Simulator) continueFrom(file *os.File) error {
	info, err := file.Stat()
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return errors.New("it is not a regular file")
	}
	whole, err := s.replay(file)
	if err != nil {
		return err
	}
	if err := file.Truncate(whole); err != nil {
		return err
	}
	_, err = file.Seek(whole, io.SeekStart)
	return err
}

// maxLine bounds a line of the file, in bytes: a purchase of many instances with the longest of bodies.
const maxLine = 2*maxBody + 1<<20

// replay adds every purchase of r to the account and returns how far its whole lines reach.
func (s *Simulator) replay(r io.Reader) (whole int64, err error) {
	lines := bufio.NewReaderSize(r, maxLine)
	for n := 1; ; n++ {
		line, err := lines.ReadSlice('\n')
		if err == io.EOF {
			return whole, nil
		}
		if err != nil {
			return 0, fmt.Errorf("line %d: %w", n, err)
		}
		var p Purchase
		if err := json.Unmarshal(bytes.TrimSpace(line), &p); err != nil {
			return 0, fmt.Errorf("line %d is not a purchase: %w", n, err)
		}
		var body createBody
		if err := json.Unmarshal(p.Request, &body); err != nil {
			return 0, fmt.Errorf("line %d holds no createInstance request: %w", n, err)
		}
		s.account.add(p, body.CreateInstanceRequest)
		whole += int64(len(line))
	}
}
