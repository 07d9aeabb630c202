package report

import (
	"bufio"
	"encoding/csv"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/bastion-fleet/bastion-fleet/internal/ui"
)

// csvTitles is the first line of the CSV form. Columns may be added behind the last one.
var csvTitles = []string{
	"address", "region", "wave", "end", "buy_id", "source_ids", "bids", "request_id", "spec", "instances", "at", "attempt", "calls",
	"took_ms", "cost", "currency", "unpaid", "marker", "why",
}

// WriteCSV writes a line for each order, below one with the columns' names. Several ids are parted by spaces.
func WriteCSV(w io.Writer, r Report) error {
	currency := ""
	if r.Spend != nil {
		currency = r.Spend.Currency
	}
	buffered := bufio.NewWriterSize(w, 64<<10)
	out := csv.NewWriter(buffered)
	if err := out.Write(csvTitles); err != nil {
		return err
	}
	cells := make([]string, 0, len(csvTitles))
	for i := range r.Orders {
		o := &r.Orders[i]
		cost, paidIn, unpaid := "", "", ""
		if o.Cost != nil {
			cost, paidIn = o.Cost.String(), currency
		}
		if o.End == EndBought {
			unpaid = strconv.FormatBool(o.Unpaid)
		}
		cells = append(cells[:0],
			cell(o.Address), cell(o.Region), cell(o.Wave), string(o.End), cell(o.BuyID), cell(strings.Join(o.SourceIDs, " ")),
			cell(strings.Join(o.BIDs, " ")), cell(o.RequestID), cell(o.Spec), strconv.Itoa(o.Instances), o.At.UTC().Format(time.RFC3339Nano),
			strconv.Itoa(o.Attempt), strconv.Itoa(o.Calls), strconv.FormatInt(int64(o.Took), 10), cost, cell(paidIn), unpaid,
			cell(string(o.Marker)), cell(o.Why),
		)
		if err := out.Write(cells); err != nil {
			return err
		}
	}
	out.Flush()
	if err := out.Error(); err != nil {
		return err
	}
	return buffered.Flush()
}

// formula are the characters by which spreadsheets tell a formula, which may call programs and send cells elsewhere, from a
// text; some of them take the full-width forms for the same.
const formula = "=+-@＝＋－＠"

// cell is a text that no spreadsheet takes for a formula: an apostrophe goes before what looks like one, at the beginning
// and behind the semicolons at which spreadsheets of many countries part cells.
func cell(text string) string {
	text = ui.Sanitize(text)
	if !strings.ContainsAny(text, formula) {
		return text
	}
	var b strings.Builder
	guard := true
	for _, r := range text {
		if guard && strings.ContainsRune(formula, r) {
			b.WriteByte('\'')
		}
		guard = r == ';' || guard && (r == ' ' || r == '"')
		b.WriteRune(r)
	}
	return b.String()
}
