package fleet_test

import (
	"fmt"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/bastion-fleet/bastion-fleet/pkg/fleet"
)

// doubling writes locals of which each is made of its predecessor twice, or n times.
func doubling(levels int, first, each string) string {
	var text strings.Builder
	fmt.Fprintf(&text, "x0 = %s\n", first)
	for i := range levels {
		fmt.Fprintf(&text, "x%d = %s\n", i+1, strings.ReplaceAll(each, "PREVIOUS", fmt.Sprintf("local.x%d", i)))
	}
	return text.String()
}

const manyRows = "rows = [for i in range(1000) : i]\n"

// TestExpressionsOutOfBounds holds that a few lines can't ask for more memory than there is. Without bounds each of these
// takes gigabytes, or minutes.
func TestExpressionsOutOfBounds(t *testing.T) {
	tests := map[string]struct{ locals, want string }{
		"text doubled by templates":   {doubling(40, `"aaaaaaaa"`, `"${PREVIOUS}${PREVIOUS}"`), "a text of more than 64 MiB"},
		"text doubled by format":      {doubling(40, `"aaaaaaaa"`, `format("%s%s", PREVIOUS, PREVIOUS)`), "64 MiB of text"},
		"text doubled by join":        {doubling(40, `"aaaaaaaa"`, `join("", [PREVIOUS, PREVIOUS])`), "64 MiB of text"},
		"text repeated by join":       {doubling(20, `"aaaaaaaa"`, `"${PREVIOUS}${PREVIOUS}"`) + `a = [for i in range(1000) : join("", [for j in range(6) : local.x20])]`, "512 MiB"},
		"text repeated by a template": {manyRows + `a = "%{for a in local.rows}%{for b in local.rows}%{for c in local.rows}a%{endfor}%{endfor}%{endfor}"`, "turns of loops"},
		"text padded by format":       {`a = format("%1000000000s", "")`, "width or precision"},
		"text padded by a list":       {`a = formatlist("%1000000000d", [1, 2])`, "width or precision"},
		"text indented":               {`a = indent(1000000000, "a\nb")`, "64 MiB of text"},
		"text replaced":               {doubling(20, `"aaaaaaaa"`, `"${PREVIOUS}${PREVIOUS}"`) + `a = replace(local.x20, "a", local.x20)`, "64 MiB of text"},
		"text replaced by a pattern":  {doubling(20, `"aaaaaaaa"`, `"${PREVIOUS}${PREVIOUS}"`) + `a = regexreplace(local.x20, "a", local.x20)`, "64 MiB of text"},
		"text matched":                {doubling(22, `"aaaaaaaa"`, `"${PREVIOUS}${PREVIOUS}"`) + `a = regexall("a", local.x22)`, "4 MiB at most"},
		"text split":                  {doubling(22, `"aaaaaaaa"`, `"${PREVIOUS}${PREVIOUS}"`) + `a = split("", local.x22)`, "5,000,000 values"},
		"digits of a number":          {doubling(22, `"77777777"`, `"${PREVIOUS}${PREVIOUS}"`) + `a = parseint(local.x22, 10)`, "1,024 digits"},
		"list of lists":               {doubling(12, `["a"]`, `[PREVIOUS, PREVIOUS, PREVIOUS, PREVIOUS, PREVIOUS, PREVIOUS, PREVIOUS, PREVIOUS, PREVIOUS, PREVIOUS]`), "values"},
		"object of objects":           {doubling(30, `{ a = 1 }`, `{ a = PREVIOUS, b = PREVIOUS }`), "values"},
		"list doubled by concat":      {doubling(40, `tolist(["a"])`, `concat(PREVIOUS, PREVIOUS)`), "elements that functions return"},
		"product of sets":             {manyRows + `a = setproduct(local.rows, local.rows, local.rows)`, "5,000,000 values"},
		"loops within loops":          {manyRows + `a = [for a in local.rows : [for b in local.rows : [for c in local.rows : 1]]]`, "turns of loops"},
		"loops that keep nothing":     {manyRows + `a = [for a in local.rows : 1 if length([for b in local.rows : 1 if length([for c in local.rows : 1 if false]) > 0]) > 0]`, "turns of loops"},
		"loops that try":              {manyRows + `a = [for a in local.rows : try([for b in local.rows : [for c in local.rows : 1]], 0)]`, "turns of loops"},
		"splats within loops":         {manyRows + `a = [for a in local.rows : [for b in local.rows : local.rows[*]]]`, "turns of loops"},
		"keys within a loop": {manyRows + `named = { for c in local.rows : c => c }
			a = [for a in local.rows : [for b in local.rows : keys(local.named)]]`, "turns of loops"},
		"number as a text":              {`a = "${1e99999999}"`, "1024 bits"},
		"number made by multiplication": {`a = 1e9999 * 1e99999`, "1024 bits"},
		"number made near 0":            {`a = 1 / 1e400`, "1024 bits"},
		"number in JSON":                {`a = jsondecode("{\"a\": 1e99999999}")`, "a number of a size"},
		"number in YAML":                {`a = yamldecode("a: 1e99999999")`, ""},
		"number from text":              {`a = tonumber("1e99999999")`, "1024 bits"},
		"number as a key":               {`a = { (1e99999999) = 1 }`, "1024 bits"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			writeFile(t, filepath.Join(dir, "a.fleet.hcl"), "fleet \"f\" {}\nlocals {\n"+test.locals+"\n}\n")
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, diags := fleet.Load(dir, fleet.Options{})
			runtime.ReadMemStats(&after)
			if got := rendered(diags); !strings.Contains(got, test.want) || !diags.HasErrors() {
				t.Errorf("want %q, got:\n%.2000s", test.want, got)
			}
			if made := (after.TotalAlloc - before.TotalAlloc) >> 20; made > 3<<10 {
				t.Errorf("%d MiB were allocated", made)
			}
		})
	}
}

// TestSharedParts holds that no part of a fleet walks through a value of which so many parts are the same that to look at
// each of them would take hours, though to make it takes a moment.
func TestSharedParts(t *testing.T) {
	loops := func(part string) string {
		return fmt.Sprintf("[for a in [%s] : [for b in range(1000) : [%s]]]", part, strings.Repeat("a, ", 1000))
	}
	texts, values := loops(fmt.Sprintf("join(%q, range(1000))", strings.Repeat("-", 99))), loops("{ for i in range(1000) : i => i }")
	for name, text := range map[string]string{
		"numbers":                  "order \"gw\" {}\noutput \"o\" { value = NUMBERS }",
		"setting":                  "order \"gw\" { desc = MANY }",
		"setting of an element":    "order \"gw\" {\n for_each = toset([\"a\"])\n desc = [each.key, MANY]\n}",
		"setting of a dynamic one": "order \"gw\" {\n dynamic \"charge\" {\n for_each = [1]\n content { duration = MANY }\n }\n}",
		"for_each":                 "order \"gw\" { for_each = { a = MANY } }",
		"count":                    "order \"gw\" { count = MANY }",
		"limit":                    "order \"gw\" {}\nrollout { parallelism = MANY }",
		"condition":                "order \"gw\" {}\ncheck \"c\" {\n assert {\n condition = MANY\n error_message = \"no\"\n }\n}",
		"message":                  "order \"gw\" {\n precondition {\n condition = false\n error_message = MANY\n }\n}",
		"output":                   "order \"gw\" {}\noutput \"o\" { value = MANY }",
		"argument":                 "order \"gw\" {}\nlocals { l = element(MANY, 0) }",
		"argument of a try":        "order \"gw\" {}\nlocals { l = try(MANY, 0) }",
		"argument in a loop":       "order \"gw\" {}\nlocals { l = [for var in [MANY] : reverse(var)] }",
		"comparison":               "order \"gw\" {}\nlocals { l = MANY == MANY }",
		"choice":                   "order \"gw\" {}\nlocals { l = (true ? MANY : [])[0] }",
	} {
		t.Run(name, func(t *testing.T) {
			dir := writeFleet(t, "a.fleet.hcl", minimal+strings.NewReplacer("MANY", texts, "NUMBERS", values).Replace(text))
			_, diags := fleet.Load(dir, fleet.Options{})
			if got := rendered(diags); !strings.Contains(got, "Its value is too large: it has more than ") {
				t.Errorf("got:\n%.2000s", got)
			}
		})
	}
}
