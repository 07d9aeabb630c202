package fleet

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"

	"github.com/agext/levenshtein"
	"github.com/hashicorp/hcl/v2"
)

// mistake is an error at a place in a file.
func mistake(at hcl.Range, summary, format string, args ...any) *hcl.Diagnostic {
	return &hcl.Diagnostic{
		Severity: hcl.DiagError, Summary: summary, Detail: fmt.Sprintf(format, args...), Subject: &at,
	}
}

// warning is a mistake that may be meant: the fleet can be ordered all the same.
func warning(at hcl.Range, summary, format string, args ...any) *hcl.Diagnostic {
	d := mistake(at, summary, format, args...)
	d.Severity = hcl.DiagWarning
	return d
}

// failure is an error that no place in a file stands for.
func failure(summary, format string, args ...any) *hcl.Diagnostic {
	return &hcl.Diagnostic{Severity: hcl.DiagError, Summary: summary, Detail: fmt.Sprintf(format, args...)}
}

// maxSuggestDistance is the edit distance within which a name counts as a slip for another.
const maxSuggestDistance = 3

// closest returns the candidate that given was probably meant to be, or "". A short name must be closer than a long
// one: with three edits, any two three-letter names are alike.
func closest(given string, candidates []string) string {
	best, bestDistance := "", min(maxSuggestDistance, len(given)/2)+1
	for _, c := range candidates {
		if strings.EqualFold(given, c) {
			return c
		}
		if d := distance(given, c); d < bestDistance {
			best, bestDistance = c, d
		}
	}
	return best
}

// closestName is closest for names that say a size or a version: what differs by its digits alone is another one, and no
// slip.
func closestName(given string, candidates []string) string {
	c := closest(given, candidates)
	if withoutDigits(c) == withoutDigits(given) {
		return ""
	}
	return c
}

func withoutDigits(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsDigit(r) {
			return -1
		}
		return r
	}, s)
}

// distance is the edit distance, in which two neighbours swapped are one edit.
func distance(a, b string) int {
	for i := range min(len(a), len(b)) - 1 {
		if a[i] == b[i] {
			continue
		}
		if a[i] == b[i+1] && a[i+1] == b[i] && a[i+2:] == b[i+2:] {
			return 1
		}
		break
	}
	return levenshtein.Distance(a, b, nil)
}

// didYouMean is a sentence to append to a detail, with its leading space, or "".
func didYouMean(given string, candidates []string) string {
	if c := closest(given, candidates); c != "" {
		return fmt.Sprintf(" Did you mean %q?", c)
	}
	return ""
}

// didYouMeanOneOf suggests one candidate, or else names those there are.
func didYouMeanOneOf(given string, candidates []string, what string) string {
	if s := didYouMean(given, candidates); s != "" {
		return s
	}
	return choices(candidates, what)
}

// choices is a sentence that names what there is, with its leading space.
func choices(candidates []string, what string) string {
	const shown = 12
	switch {
	case len(candidates) == 0:
		return fmt.Sprintf(" There are no %s.", what)
	case len(candidates) > shown:
		return fmt.Sprintf(" The %s are %s and %s more.", what, strings.Join(candidates[:shown], ", "), thousands(len(candidates)-shown))
	}
	return fmt.Sprintf(" The %s are %s.", what, strings.Join(candidates, ", "))
}

// thousands writes n with a comma before every three digits.
func thousands(n int) string {
	digits := strconv.Itoa(n)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

// place is a range as a detail names another one.
func place(r hcl.Range) string { return fmt.Sprintf("%s:%d", r.Filename, r.Start.Line) }
