package canary_test

import (
	"bytes"
	"compress/gzip"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jdcloud-api/jdcloud-sdk-go/core"
	"pgregory.net/rapid"

	"github.com/bastion-fleet/bastion-fleet/internal/canary"
)

// leaks are the ways in which programs write what they should not.
var leaks = map[string]func(secret string) string{
	"plain":       func(s string) string { return s },
	"json":        func(s string) string { text, _ := json.Marshal(map[string]string{"key": s}); return string(text) },
	"base64":      func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) },
	"base64 url":  func(s string) string { return base64.URLEncoding.EncodeToString([]byte(s)) },
	"hex":         func(s string) string { return hex.EncodeToString([]byte(s)) },
	"%X":          func(s string) string { return fmt.Sprintf("%X", s) },
	"% x":         func(s string) string { return fmt.Sprintf("% x", s) },
	"%q":          func(s string) string { return fmt.Sprintf("%q", s) },
	"%v of bytes": func(s string) string { return fmt.Sprint([]byte(s)) },
	"%#v":         func(s string) string { return fmt.Sprintf("%#v", []byte(s)) },
	"a query":     func(s string) string { return url.Values{"key": {s}}.Encode() },
	"a path":      func(s string) string { return url.PathEscape(s) },
	"basic auth":  func(s string) string { return base64.StdEncoding.EncodeToString([]byte("user:" + s)) },
	"packed":      pack,
}

func pack(s string) string {
	var packed bytes.Buffer
	zip := gzip.NewWriter(&packed)
	_, _ = zip.Write([]byte(s))
	_ = zip.Close()
	return packed.String()
}

// TestEveryLeakIsFound plants each secret in each form in the middle of other text.
func TestEveryLeakIsFound(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		before, after := rapid.String().Draw(rt, "before"), rapid.String().Draw(rt, "after")
		if what := canary.Find([]byte(before + after)); what != "" {
			rt.Fatalf("%s in nothing", what)
		}
		for _, secret := range []string{canary.SecretKey, canary.SecurityToken} {
			for name, leak := range leaks {
				around := rapid.StringOfN(rapid.RuneFrom([]rune("ab:")), 0, 5, -1).Draw(rt, "around") // moves what base64 writes
				if canary.Find([]byte(before+leak(around+secret+around)+after)) == "" {
					rt.Errorf("as %s it is not found", name)
				}
			}
		}
	})
}

// TestAuthorizationIsFound: the header comes from the vendor's signer.
func TestAuthorizationIsFound(t *testing.T) {
	signer := core.NewSigner(core.Credential{AccessKey: "AK", SecretKey: canary.SecretKey}, core.NewDummyLogger())
	request, err := http.NewRequest(http.MethodGet, "https://bastion.invalid/v1/regions/cn-north-1/bastions", nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := signer.Sign(request, strings.NewReader(""), "bastion", "cn-north-1", time.Now()); err != nil {
		t.Fatal(err)
	}
	if header := request.Header.Get("Authorization"); canary.Find([]byte("> "+header)) == "" {
		t.Errorf("not found: %s", header)
	}
}

// TestSigningKeysAreFound derives today's keys as the signature's definition says.
func TestSigningKeysAreFound(t *testing.T) {
	key := []byte("JDCLOUD2" + canary.SecretKey)
	for _, step := range []string{time.Now().UTC().Format("20060102"), "cn-east-2", "bastion", "jdcloud2_request"} {
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte(step))
		key = mac.Sum(nil)
		if got := canary.Find([]byte("debug: " + hex.EncodeToString(key))); got != "a signing key in hexadecimal" {
			t.Errorf("the key of %s: %q", step, got)
		}
	}
}

func TestFindInFiles(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"state.db": "x" + canary.SecretKey, "runs/1.ndjson": `{"message":"` + canary.SecurityToken + `"}`, "a.plan": "plan\n" + pack(canary.SecretKey),
		".jdc/config": "secret_key = " + canary.SecretKey, "clean": "nothing", "empty": "",
	} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got, err := canary.FindInFiles(dir, ".jdc/config")
	want := []string{"a.plan: the secret key, packed", "runs/1.ndjson: the security token", "state.db: the secret key"}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v\n%s", err, diff)
	}
}
