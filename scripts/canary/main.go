// Canary runs tests and looks for secrets in all that they print, passed ones included: their credentials are those of
// internal/canary. It takes go test's arguments and prints what go test prints.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"

	"github.com/bastion-fleet/bastion-fleet/internal/canary"
)

func main() {
	found, err := watch(os.Args[1:], os.Stdout, os.Stderr)
	switch {
	case err != nil:
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	case len(found) > 0:
		for _, leak := range found {
			fmt.Fprintln(os.Stderr, "a secret was printed:", leak)
		}
		os.Exit(1)
	}
}

// An event is a line of go test -json.
type event struct {
	Action  string
	Package string
	Test    string
	Output  string
}

// watch runs go test and returns where secrets were printed. The error is of tests that failed.
func watch(args []string, out, errOut io.Writer) (found []string, err error) {
	test := exec.Command("go", append([]string{"test", "-json"}, args...)...)
	var said bytes.Buffer
	test.Stderr = io.MultiWriter(errOut, &said)
	lines, err := test.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := test.Start(); err != nil {
		return nil, err
	}
	found = read(lines, out)
	err = test.Wait()
	if what := canary.Find(said.Bytes()); what != "" {
		found = append(found, "go test itself: "+what)
	}
	return found, err
}

// read shows what go test without -v shows: the packages, and all that a test said that failed.
func read(lines io.Reader, out io.Writer) (found []string) {
	said := map[event]*bytes.Buffer{} // by package and test
	saidBy := func(key event) *bytes.Buffer {
		if said[key] == nil {
			said[key] = new(bytes.Buffer)
		}
		return said[key]
	}
	in := bufio.NewReader(lines)
	for {
		line, err := in.ReadBytes('\n')
		var e event
		if json.Unmarshal(line, &e) != nil {
			_, _ = out.Write(line) // not of a test: the compiler's, say
		}
		key := event{Package: e.Package, Test: e.Test}
		switch e.Action {
		case "output":
			saidBy(key).WriteString(e.Output)
		case "build-output":
			_, _ = io.WriteString(out, e.Output)
		case "pass", "fail", "skip":
			if what := canary.Find(saidBy(key).Bytes()); what != "" {
				found = append(found, fmt.Sprintf("%s %s: %s", e.Package, e.Test, what))
			}
			if e.Test == "" || e.Action == "fail" {
				_, _ = out.Write(saidBy(key).Bytes())
			}
			delete(said, key)
		}
		if err != nil {
			return found
		}
	}
}
