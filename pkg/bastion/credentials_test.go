package bastion

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const theSecret = `s3cr3t%(access_key)s#;\`

func home(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, ".jdc"), 0o700); err != nil {
		t.Fatal(err)
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, ".jdc", name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

const profiles = `[default]
access_key = AKDEFAULT
secret_key = ` + theSecret + `
region_id = cn-north-1
endpoint = www.jdcloud-api.com
scheme = https
timeout = 20

[prod]
access_key = AKPROD
secret_key = prod-secret
endpoint = bastion.internal.example.com
scheme = https

[plain]
access_key = AKPLAIN
secret_key = plain-secret
endpoint = bastion.internal.example.com
scheme = http

[half]
access_key = AKHALF
`

func TestLoadCredentials(t *testing.T) {
	env := []string{"PATH=/bin", "JDCLOUD_ACCESS_KEY=AKENV", "JDCLOUD_SECRET_KEY=env-secret", "JDCLOUD_SECURITY_TOKEN=tok"}
	tests := []struct {
		name                         string
		environ                      []string
		files                        map[string]string
		profile                      string
		access, secret, token, where string
	}{
		{"environment", env, nil, "", "AKENV", "env-secret", "tok", ""},
		{"environment before the file", env, map[string]string{"config": profiles}, "", "AKENV", "env-secret", "tok", ""},
		{"named profile before the environment", env, map[string]string{"config": profiles}, "prod",
			"AKPROD", "prod-secret", "", "https://bastion.internal.example.com/v1"},
		{"default profile", nil, map[string]string{"config": profiles}, "", "AKDEFAULT", theSecret, "", ""},
		{"profile in use", nil, map[string]string{"config": profiles, "current": "prod\n"}, "",
			"AKPROD", "prod-secret", "", "https://bastion.internal.example.com/v1"},
		{"empty variables count as unset", []string{"JDCLOUD_ACCESS_KEY=", "JDCLOUD_SECRET_KEY="}, map[string]string{"config": profiles}, "",
			"AKDEFAULT", theSecret, "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, err := LoadCredentials(tt.environ, home(t, tt.files), tt.profile)
			if err != nil {
				t.Fatal(err)
			}
			secret, token := c.secret()
			if c.accessKey != tt.access || secret != tt.secret || token != tt.token || c.Endpoint().String() != tt.where {
				t.Errorf("access key %q, secret %q, token %q, endpoint %q", c.accessKey, secret, token, c.Endpoint())
			}
		})
	}
}

func TestLoadCredentialsRefuses(t *testing.T) {
	config := map[string]string{"config": profiles}
	tests := []struct {
		name    string
		environ []string
		files   map[string]string
		profile string
		want    string
	}{
		{"none anywhere", nil, nil, "", "no credentials"},
		{"only an access key", []string{"JDCLOUD_ACCESS_KEY=AK"}, config, "", "set JDCLOUD_SECRET_KEY too"},
		{"only a secret key", []string{"JDCLOUD_SECRET_KEY=" + theSecret}, config, "", "set JDCLOUD_ACCESS_KEY too"},
		{"only a token", []string{"JDCLOUD_SECURITY_TOKEN=" + theSecret}, config, "", "set JDCLOUD_ACCESS_KEY too"},
		{"a malformed access key", []string{"JDCLOUD_ACCESS_KEY=A K", "JDCLOUD_SECRET_KEY=" + theSecret}, config, "", "the access key from the environment"},
		{"a malformed token", []string{"JDCLOUD_ACCESS_KEY=AK", "JDCLOUD_SECRET_KEY=" + theSecret, "JDCLOUD_SECURITY_TOKEN=a b"}, config, "", "the security token from the environment"},
		{"an unknown profile", nil, config, "staging", `has no profile "staging"`},
		{"a profile in use that is gone", nil, map[string]string{"config": profiles, "current": "gone\n"}, "", `has no profile "gone"`},
		{"a profile without a file", nil, nil, "prod", `profile "prod": there is no`},
		{"half a profile", nil, config, "half", "lacks access_key or secret_key"},
		{"plain http to a host", nil, config, "plain", "plain http is for loopback"},
		{"no INI at all", nil, map[string]string{"config": "[default]\n" + theSecret + "\n"}, "", "is not an INI file"},
		{"an endless file", nil, map[string]string{"config": strings.Repeat("#", maxProfileFile+1)}, "", "is larger than 1 MiB"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := LoadCredentials(tt.environ, home(t, tt.files), tt.profile)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%v; want %q", err, tt.want)
			}
			if err != nil && strings.Contains(err.Error(), "s3cr3t") {
				t.Errorf("the error tells the secret: %v", err)
			}
		})
	}
}

// TestAnOpenProfileFileIsRefused: what others can read, they have; what they can write, they choose whom it buys from.
func TestAnOpenProfileFileIsRefused(t *testing.T) {
	for _, mode := range []os.FileMode{0o644, 0o640, 0o604, 0o622, 0o444} {
		dir := home(t, map[string]string{"config": profiles})
		path := filepath.Join(dir, ".jdc", "config")
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		linked := home(t, nil)
		if err := os.Symlink(path, filepath.Join(linked, ".jdc", "config")); err != nil {
			t.Fatal(err)
		}
		for _, dir := range []string{dir, linked} {
			_, err := LoadCredentials(nil, dir, "")
			var refused *ProfileError
			if !errors.As(err, &refused) || !strings.Contains(err.Error(), fmt.Sprintf("mode is %04o", mode)) ||
				!strings.Contains(refused.Hint(), "chmod 600") || !strings.Contains(refused.Hint(), EnvSecretKey) {
				t.Errorf("%04o: %v", mode, err)
			}
			if _, err := LoadCredentials([]string{"JDCLOUD_ACCESS_KEY=AKENV", "JDCLOUD_SECRET_KEY=env"}, dir, ""); err != nil {
				t.Errorf("%04o, with the environment: %v", mode, err)
			}
		}
	}
}

// A plan needs no credentials, so that there are none must be told from credentials that are wrong.
func TestNoCredentialsAreToldFromWrongOnes(t *testing.T) {
	others := "[prod]\naccess_key = AKPROD\nsecret_key = prod-secret\n"
	tests := []struct {
		name    string
		files   map[string]string
		profile string
		none    bool
	}{
		{"no file", nil, "", true},
		{"an empty file", map[string]string{"config": ""}, "", true},
		{"no default profile", map[string]string{"config": others}, "", true},
		{"no default profile, an empty current", map[string]string{"config": others, "current": "\n"}, "", true},
		{"a missing profile in use", map[string]string{"config": others, "current": "gone"}, "", false},
		{"a missing profile that is named", map[string]string{"config": others}, "default", false},
	}
	for _, tt := range tests {
		dir := home(t, tt.files)
		_, err := LoadCredentials(nil, dir, tt.profile)
		if err == nil || errors.Is(err, ErrNoCredentials) != tt.none {
			t.Errorf("%s: %v; none: %t", tt.name, err, tt.none)
		}
		if config := filepath.Join(dir, ".jdc", "config"); tt.files != nil && !strings.Contains(fmt.Sprint(err), config) {
			t.Errorf("%s: %v does not name %s", tt.name, err, config)
		}
	}
}

func TestCredentialsTellNoSecret(t *testing.T) {
	c, err := NewCredentials("AKEXAMPLE", theSecret, "the-"+theSecret+"-token")
	if err != nil {
		t.Fatal(err)
	}
	client, err := New(Options{Credentials: c})
	if err != nil {
		t.Fatal(err)
	}
	nested := struct{ inner Credentials }{c}
	var out bytes.Buffer
	for _, v := range []any{c, &c, nested, &nested, []Credentials{c}, *client, client, Options{Credentials: c}} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x"} {
			fmt.Fprintf(&out, verb+"\n", v)
		}
		text, _ := json.Marshal(v)
		out.Write(text)
		slog.New(slog.NewJSONHandler(&out, nil)).Info("x", "v", v)
		slog.New(slog.NewTextHandler(&out, nil)).Info("x", "v", v)
	}
	hexed := fmt.Sprintf("%x", "s3cr3t")
	if s := out.String(); strings.Contains(s, "s3cr3t") || strings.Contains(s, hexed) {
		t.Errorf("a secret was printed:\n%s", s)
	}
	if got := c.String(); got != "access key AKEX… from the program" {
		t.Errorf("%q", got)
	}
}

func TestAccountIsStable(t *testing.T) {
	a, _ := NewCredentials("AKEXAMPLE", "one", "")
	b, _ := NewCredentials("AKEXAMPLE", "two", "token")
	other, _ := NewCredentials("AKOTHER", "one", "")
	if a.Account() != "f748a1096b43" { // states on disk are bound to it
		t.Errorf("the fingerprint changed: %s", a.Account())
	}
	if a.Account() != b.Account() || a.Account() == other.Account() {
		t.Errorf("%s, %s, %s", a.Account(), b.Account(), other.Account())
	}
}
