package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// A mutant is the program with one of its safeguards taken away.
type mutant struct {
	name string // what is taken away
	edit
	also  []edit   // in other places at the same time
	tests []string // where it ought to be noticed, the quickest first: arguments of go test; empty: where its file's are
	// equal says why no test can notice it: something else does the same. There must be a mutant that takes both away.
	equal string
}

// An edit replaces a text that occurs exactly once in its file.
type edit struct {
	file     string // from the module's root; empty: the one of the list that the mutant is in
	old, new string
}

// A list holds the mutants of a file.
type list struct {
	file    string
	tests   []string
	mutants []mutant
}

// flatten returns the mutants of all lists, with file and tests filled in.
func flatten(lists []list) []mutant {
	var all []mutant
	for _, l := range lists {
		for _, m := range l.mutants {
			if m.file == "" {
				m.file = l.file
			}
			if len(m.tests) == 0 {
				m.tests = l.tests
			}
			for n := range m.also {
				if m.also[n].file == "" {
					m.also[n].file = l.file
				}
			}
			all = append(all, m)
		}
	}
	return all
}

// sources returns the mutant's files as it has them, by their path from the root.
func (m mutant) sources(root string) (map[string]string, error) {
	texts := map[string]string{}
	for _, e := range append([]edit{m.edit}, m.also...) {
		text, edited := texts[e.file]
		if !edited {
			content, err := os.ReadFile(filepath.Join(root, e.file))
			if err != nil {
				return nil, fmt.Errorf("%s: %w", m.name, err)
			}
			text = string(content)
		}
		if n := strings.Count(text, e.old); n != 1 {
			return nil, fmt.Errorf("%s: %s has this text %d times, and must have it once: %s", m.name, e.file, n, e.old)
		}
		if e.old == e.new {
			return nil, fmt.Errorf("%s: nothing is changed in %s", m.name, e.file)
		}
		texts[e.file] = strings.Replace(text, e.old, e.new, 1)
	}
	return texts, nil
}

// overlay writes the mutant's files into dir, with the file that go test -overlay takes, and returns the path of that.
func (m mutant) overlay(root, dir string) (string, error) {
	texts, err := m.sources(root)
	if err != nil {
		return "", err
	}
	replace := map[string]string{}
	for file, text := range texts {
		mutated := filepath.Join(dir, strings.ReplaceAll(file, "/", "_"))
		if err := os.WriteFile(mutated, []byte(text), 0o600); err != nil {
			return "", err
		}
		replace[filepath.Join(root, file)] = mutated
	}
	content, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "overlay.json")
	return path, os.WriteFile(path, content, 0o600)
}
