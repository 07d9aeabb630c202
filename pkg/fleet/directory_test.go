package fleet_test

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/bastion-fleet/bastion-fleet/pkg/fleet"
)

// theToken is what a hostile fleet is after. It stands where the operator's keys would.
const theToken = "access_key = AK\nsecret_key = c4n4ry-operator\n"

// told is everything that a Load gives away: its diagnostics, the sources that they show, and its orders.
func told(dir string, o fleet.Options) (string, bool) {
	f, diags := fleet.Load(dir, o)
	var all strings.Builder
	for _, d := range diags {
		all.WriteString(d.Error())
	}
	for _, file := range f.Files {
		all.Write(file.Bytes)
	}
	for _, o := range f.Orders {
		all.WriteString(o.Desc)
	}
	return all.String(), diags.HasErrors()
}

// TestAHostileFleetReadsNothingOfTheOperators: every form of it is a file that a pull request can bring along. A mistake
// in what it reads would show the line.
func TestAHostileFleetReadsNothingOfTheOperators(t *testing.T) {
	outside := filepath.Join(t.TempDir(), "config")
	writeFile(t, outside, theToken)
	pipe := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	for what, target := range map[string]string{
		"a file outside": outside, "a hidden file": ".git/config", "a pipe": pipe, "a device": "/dev/zero",
		"the environment": "/proc/self/environ", "itself": "loop",
	} {
		for _, name := range []string{"z.fleet.hcl", "z.fleet.json", "fleet.vars.hcl", "z.auto.vars.hcl", "z.vars", "data"} {
			dir := writeFleet(t, "a.fleet.hcl", minimal+`order "gw" { desc = fileexists("none") ? "" : try(file("data"), "none") }`)
			if err := os.Mkdir(filepath.Join(dir, ".git"), 0o700); err != nil {
				t.Fatal(err)
			}
			writeFile(t, filepath.Join(dir, ".git", "config"), theToken)
			symlink(t, "loop", filepath.Join(dir, "loop"))
			symlink(t, target, filepath.Join(dir, name))
			o := fleet.Options{}
			if name == "z.vars" {
				o.Vars = []fleet.Var{{File: filepath.Join(dir, name)}}
			}
			text, refused := told(dir, o)
			if strings.Contains(text, "c4n4ry") || strings.Contains(text, "PATH=") || !refused && name != "data" {
				t.Errorf("%s as %s: refused %t, told:\n%s", what, name, refused, text)
			}
		}
	}
}

func TestHiddenFilesAreNotRead(t *testing.T) {
	for _, path := range []string{".env", ".git/config", "./.env", "sub/../.env", "sub/.env", "link", "linked/config"} {
		for _, function := range []string{`file("%s")`, `templatefile("%s", {})`, `tostring(fileexists("%s"))`} {
			call := strings.ReplaceAll(function, "%s", path)
			dir := writeFleet(t, "a.fleet.hcl", minimal+"order \"gw\" {\n  desc = "+call+"\n}\n", ".env", theToken)
			for _, sub := range []string{".git", "sub"} {
				if err := os.Mkdir(filepath.Join(dir, sub), 0o700); err != nil {
					t.Fatal(err)
				}
				for _, name := range []string{"config", ".env"} {
					writeFile(t, filepath.Join(dir, sub, name), theToken)
				}
			}
			symlink(t, ".env", filepath.Join(dir, "link"))
			symlink(t, ".git", filepath.Join(dir, "linked"))
			if text, refused := told(dir, fleet.Options{}); !refused || !strings.Contains(text, "it is hidden") || strings.Contains(text, "c4n4ry") {
				t.Errorf("%s: refused %t, told:\n%s", call, refused, text)
			}
		}
	}
}

// TestLinksThatStayInside are in use: Kubernetes mounts a fleet's files so, and a checkout may be reached by a link.
func TestLinksThatStayInside(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "..2026_11_23"), 0o700); err != nil {
		t.Fatal(err)
	}
	writeFile(t, filepath.Join(dir, "..2026_11_23", "a.fleet.hcl"), minimal+`order "gw" { desc = "${file("data.txt")} ${file("absolute.txt")}" }`)
	writeFile(t, filepath.Join(dir, "..2026_11_23", "data.txt"), "mounted")
	symlink(t, "..2026_11_23", filepath.Join(dir, "..data"))
	symlink(t, "..data/a.fleet.hcl", filepath.Join(dir, "a.fleet.hcl"))
	symlink(t, "..data/data.txt", filepath.Join(dir, "data.txt"))
	symlink(t, filepath.Join(dir, "data.txt"), filepath.Join(dir, "absolute.txt"))
	checkout := filepath.Join(t.TempDir(), "checkout")
	symlink(t, dir, checkout)
	for _, path := range []string{dir, checkout} {
		f := mustLoad(t, path, fleet.Options{})
		if got := f.Orders[0].Desc; got != "mounted mounted" {
			t.Errorf("desc is %q", got)
		}
	}
}

// TestVarFilesElsewhereAreTheOperatorsWord holds that --var-file may name any file, and a link to one.
func TestVarFilesElsewhereAreTheOperatorsWord(t *testing.T) {
	dir := writeFleet(t, "a.fleet.hcl", minimal+"variable \"env\" {}\norder \"gw\" {\n  desc = var.env\n}\n")
	elsewhere := t.TempDir()
	writeFile(t, filepath.Join(elsewhere, "prod.hcl"), `env = "prod"`)
	symlink(t, "prod.hcl", filepath.Join(elsewhere, "current.hcl"))
	f := mustLoad(t, dir, fleet.Options{Vars: []fleet.Var{{File: filepath.Join(elsewhere, "current.hcl")}}})
	if got := f.Orders[0].Desc; got != "prod" {
		t.Errorf("desc is %q", got)
	}
}

// TestASwappedLinkLeadsNowhere has a name change into a link that leads out while it is read, again and again.
func TestASwappedLinkLeadsNowhere(t *testing.T) {
	outside := t.TempDir()
	writeFile(t, filepath.Join(outside, "data.txt"), "outside")
	dir := writeFleet(t, "a.fleet.hcl", minimal+`order "gw" { desc = contains([for n in range(200) : try(file("sub/data.txt"), "")], "outside") ? "leaked" : "kept" }`)
	inside := filepath.Join(dir, "inside")
	if err := os.Mkdir(inside, 0o700); err != nil {
		t.Fatal(err)
	}
	writeFile(t, filepath.Join(inside, "data.txt"), "own")
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			default:
			}
			_ = os.Remove(filepath.Join(dir, "sub"))
			_ = os.Symlink([]string{outside, "inside"}[i%2], filepath.Join(dir, "sub"))
		}
	}()
	for range 4 {
		if got := mustLoad(t, dir, fleet.Options{}).Orders[0].Desc; got != "kept" {
			t.Errorf("a file outside of the directory was read: %s", got)
		}
	}
	close(stop)
	<-stopped
}
