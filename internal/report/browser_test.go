package report

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// A browser is a headless Chromium with one page, asked by its debugging protocol through a pipe.
type browser struct {
	t       *testing.T
	to      io.Writer
	answers *bufio.Reader
	session string
	last    int
	said    []string // errors and warnings of pages, and what they tried to fetch
}

// chromiums are the names that a Chromium may have.
var chromiums = []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"}

// startBrowser returns nil where there is none that starts.
func startBrowser(t *testing.T) *browser {
	var program string
	for _, name := range chromiums {
		if found, err := exec.LookPath(name); err == nil {
			program = found
			break
		}
	}
	if program == "" {
		return nil
	}
	profile, err := os.MkdirTemp("", "report-browser-")
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
		"--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
		"--remote-debugging-pipe", "--user-data-dir="+profile)
	theirIn, ourOut, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	ourIn, theirOut, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.ExtraFiles = []*os.File{theirIn, theirOut} // as 3 and 4, where it expects them
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	_, _ = theirIn.Close(), theirOut.Close()
	b := &browser{t: t, to: ourOut, answers: bufio.NewReader(ourIn)}
	t.Cleanup(func() {
		b.session = ""
		_, _ = b.ask("Browser.close", nil)
		defer time.AfterFunc(10*time.Second, func() { _ = cmd.Process.Kill() }).Stop()
		_ = cmd.Wait()
		_, _ = ourOut.Close(), ourIn.Close()
		_ = os.RemoveAll(profile) // its processes may still be ending: what they leave is the system's to clear
	})
	if _, err := b.ask("Browser.getVersion", nil); err != nil {
		fmt.Println(program, "does not start:", err)
		return nil
	}
	target := b.mustAsk("Target.createTarget", map[string]any{"url": "about:blank"})
	attached := b.mustAsk("Target.attachToTarget", map[string]any{"targetId": target["targetId"], "flatten": true})
	b.session = attached["sessionId"].(string)
	for _, domain := range []string{"Page", "Runtime", "Log", "Network"} {
		b.mustAsk(domain+".enable", nil)
	}
	return b
}

type message struct {
	ID      int             `json:"id,omitempty"`
	Session string          `json:"sessionId,omitempty"`
	Method  string          `json:"method,omitempty"`
	Params  map[string]any  `json:"params,omitempty"`
	Result  map[string]any  `json:"result,omitempty"`
	Error   json.RawMessage `json:"error,omitempty"`
}

// ask sends a command and returns its result. What pages say meanwhile is kept.
func (b *browser) ask(method string, params map[string]any) (map[string]any, error) {
	b.last++
	text, err := json.Marshal(message{ID: b.last, Session: b.session, Method: method, Params: params})
	if err != nil {
		return nil, err
	}
	if _, err := b.to.Write(append(text, 0)); err != nil {
		return nil, err
	}
	for {
		m, err := b.read()
		if err != nil {
			return nil, err
		}
		if m.ID == b.last {
			if m.Error != nil {
				return nil, errors.New(method + ": " + string(m.Error))
			}
			return m.Result, nil
		}
	}
}

func (b *browser) mustAsk(method string, params map[string]any) map[string]any {
	b.t.Helper()
	result, err := b.ask(method, params)
	if err != nil {
		b.t.Fatal(err)
	}
	return result
}

func (b *browser) read() (m message, err error) {
	text, err := b.answers.ReadBytes(0)
	if err != nil {
		return m, fmt.Errorf("the browser is gone: %w", err)
	}
	if err := json.Unmarshal(text[:len(text)-1], &m); err != nil {
		return m, err
	}
	switch m.Method {
	case "Log.entryAdded", "Runtime.exceptionThrown", "Runtime.consoleAPICalled":
		b.said = append(b.said, string(text))
	case "Network.requestWillBeSent":
		request, _ := m.Params["request"].(map[string]any)
		if to, err := url.Parse(fmt.Sprint(request["url"])); err != nil || to.Scheme != "file" {
			b.said = append(b.said, "it fetches "+fmt.Sprint(request["url"]))
		}
	}
	return m, nil
}

// open shows a file and waits until it is there.
func (b *browser) open(path string) {
	b.t.Helper()
	b.mustAsk("Page.navigate", map[string]any{"url": (&url.URL{Scheme: "file", Path: filepath.ToSlash(path)}).String()})
	for {
		m, err := b.read()
		if err != nil {
			b.t.Fatal(err)
		}
		if m.Method == "Page.loadEventFired" {
			return
		}
	}
}

// look sets how the page is looked at.
func (b *browser) look(width int, dark, scripts bool) {
	b.t.Helper()
	scheme := map[bool]string{true: "dark", false: "light"}[dark]
	b.mustAsk("Emulation.setDeviceMetricsOverride", map[string]any{"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": width < 640})
	b.mustAsk("Emulation.setEmulatedMedia", map[string]any{"features": []map[string]string{{"name": "prefers-color-scheme", "value": scheme}}})
	b.mustAsk("Emulation.setScriptExecutionDisabled", map[string]any{"value": !scripts})
}

// eval returns what an expression is in the page. It works where the page's own scripts are turned off, too.
func (b *browser) eval(expression string) any {
	b.t.Helper()
	result := b.mustAsk("Runtime.evaluate", map[string]any{"expression": expression, "returnByValue": true, "awaitPromise": true})
	if e := result["exceptionDetails"]; e != nil {
		b.t.Fatalf("%s: %v", expression, e)
	}
	value, _ := result["result"].(map[string]any)
	return value["value"]
}
