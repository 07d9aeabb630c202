package ui

import "fmt"

// Verified is what state verify looked at. What it found wrong is shown as errors, before.
type Verified struct {
	Path      string `json:"path"`
	Fleet     string `json:"fleet"`
	Lineage   string `json:"lineage"`
	Serial    uint64 `json:"serial"`
	Records   int    `json:"records"` // orders that the state knows
	InDoubt   int    `json:"in_doubt"`
	Purchases int    `json:"purchases"`
	IDs       int    `json:"ids"` // buyIds, sourceIds and bids
	Runs      int    `json:"runs"`
	Lines     int    `json:"lines"` // of the run logs
	Backups   int    `json:"backups"`
	Recovered int    `json:"recovered"` // log lines that the next command which writes takes into the database
	Problems  int    `json:"problems"`
}

const (
	checkedDatabase = "the database's pages, checksums and sums; each record's attempts, quantity and markers; that no two " +
		"purchases share an id; that all run logs together tell the records that the database holds; "
	checkedBeside = "each run log's lines, and that each run began where the one before it ended; that the backups can be read"
)

// Verified prints what was checked, a fact a line, and the verdict.
func (t *Text) Verified(v Verified) {
	t.out.println(t.out.bold(Sanitize(v.Path)))
	recovered := ""
	if v.Recovered > 0 {
		recovered = fmt.Sprintf("%s of a run that ended early, for the next command that writes", plural(v.Recovered, "line"))
	}
	facts, checked := [][2]string{{"database", "could not be read"}}, checkedBeside
	if v.Lineage != "" {
		checked = checkedDatabase + checkedBeside
		facts = [][2]string{
			{"fleet", v.Fleet},
			{"lineage", v.Lineage},
			{"serial", fmt.Sprint(v.Serial)},
			{"orders", fmt.Sprintf("%d, of them %d in doubt", v.Records, v.InDoubt)},
			{"purchases", fmt.Sprintf("%d with %s", v.Purchases, plural(v.IDs, "id"))},
		}
	}
	t.facts("  ", append(facts,
		[2]string{"run logs", fmt.Sprintf("%d with %s", v.Runs, plural(v.Lines, "line"))},
		[2]string{"to take in", recovered},
		[2]string{"backups", fmt.Sprint(v.Backups)},
		[2]string{"checked", checked},
	))
	t.out.println("\n", t.verdict(v))
	t.flush(t.out)
}

func (t *Text) verdict(v Verified) string {
	if v.Problems == 0 {
		return t.out.green(soundText)
	}
	return t.out.red(brokenText(v))
}

const soundText = "The state is sound: all that must hold, holds."

func brokenText(v Verified) string {
	return fmt.Sprintf("The state is not sound: %s.", plural(v.Problems, "problem"))
}

// Verified prints a verify_summary.
func (j *JSON) Verified(v Verified) {
	level, text := levelInfo, soundText
	if v.Problems > 0 {
		level, text = levelError, brokenText(v)
	}
	j.emit(struct {
		envelope
		State Verified `json:"state"`
	}{newEnvelope(level, "verify_summary", text), v})
	j.flush()
}
