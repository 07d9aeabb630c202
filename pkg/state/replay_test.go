package state

import (
	"os"
	"strings"
	"testing"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

// TestALogGoesOnFromTheRecordsBeforeIt alters what a run's log says of an order before the run, seal included: the logs
// contradict each other then, and are not taken for the database's equal.
func TestALogGoesOnFromTheRecordsBeforeIt(t *testing.T) {
	for name, edit := range map[string]struct{ of, old, new string }{
		"that there was no order":   {lineIntent, `"before":`, `"another":`},
		"of the order":              {lineIntent, `"buy_id":"buy-00000-1"`, `"buy_id":"buy-00000-9"`},
		"of where a record is from": {lineMoved, `"buy_id":"buy-00002-1"`, `"buy_id":"buy-00002-9"`},
	} {
		path, _ := history(t)
		s := open(t, path)
		r := start(t, s, 9)
		buy(t, r, testOrder(0), 9)
		if err := r.Move(order.Move{From: testOrder(2).Address, To: testOrder(7).Address}, testTime); err != nil {
			t.Fatal(err)
		}
		closeAll(t, r, s)
		log := PathsOf(path).RunLog(r.ID())
		lines := strings.SplitAfter(string(readFile(t, log)), "\n")
		edited := 0
		for i, line := range lines {
			if !strings.Contains(line, `"type":"`+edit.of+`"`) || !strings.Contains(line, edit.old) {
				continue
			}
			sealed, _ := seal([]byte(strings.Replace(line[:len(line)-1-sealLength]+"}", edit.old, edit.new, 1)))
			lines[i] = string(sealed) + "\n"
			edited++
		}
		if err := os.WriteFile(log, []byte(strings.Join(lines, "")), fileMode); err != nil || edited != 1 {
			t.Fatal(name, edited, err)
		}
		v, err := Verify(path)
		if err != nil || len(v.Problems) != 1 || !strings.Contains(v.Problems[0].Error(), errOtherBefore.Error()) {
			t.Errorf("%s: %v, %v", name, err, v.Problems)
		}
	}
}
