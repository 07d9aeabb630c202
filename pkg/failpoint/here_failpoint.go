//go:build failpoint

package failpoint

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// An end is where and how the program ends.
type end struct {
	point   string // empty: nowhere
	passage int64
	linger  time.Duration
}

var (
	wanted   = mustParse(os.Getenv(Env))
	passages atomic.Int64 // of the wanted point
)

// Here ends the program if [Env] names this point and passage.
func Here(point string) {
	if point != wanted.point || passages.Add(1) != wanted.passage {
		return
	}
	time.Sleep(wanted.linger)
	die()
}

// die is kill -9 by the program itself: nothing is flushed, closed or unlocked by it.
func die() {
	self, err := os.FindProcess(os.Getpid())
	if err == nil {
		err = self.Kill()
	}
	if err != nil {
		panic(err)
	}
	select {} // until the signal comes
}

func mustParse(text string) end {
	e, err := parse(text)
	if err != nil {
		panic(fmt.Sprintf("%s=%s: %v", Env, text, err))
	}
	return e
}

func parse(text string) (end, error) {
	if text == "" {
		return end{}, nil
	}
	parts := strings.Split(text, ":")
	if !slices.ContainsFunc(points, func(p Point) bool { return p.Name == parts[0] }) {
		return end{}, fmt.Errorf("there is no point %q", parts[0])
	}
	if len(parts) < 2 || len(parts) > 3 {
		return end{}, fmt.Errorf("want NAME:PASSAGE or NAME:PASSAGE:LINGER")
	}
	e := end{point: parts[0]}
	var err error
	if e.passage, err = strconv.ParseInt(parts[1], 10, 64); err != nil || e.passage < 1 {
		return end{}, fmt.Errorf("a passage is a number from 1, not %q", parts[1])
	}
	if len(parts) == 3 {
		e.linger, err = time.ParseDuration(parts[2])
	}
	return e, err
}
