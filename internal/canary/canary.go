// Package canary finds secrets where they do not belong. Tests run with the credentials of this package, whose texts
// occur nowhere else, and look for them afterwards in everything that was printed and written.
package canary

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strings"
	"time"
)

// The credentials. Each holds what URLs, JSON and base64 write in another way.
const (
	SecretKey     = "c4n4ry/+secret=key&"
	SecurityToken = "c4n4ry/+token=a&b="
)

// A sign is a form in which a secret, or what is derived from it, can be written.
type sign struct {
	what string
	text []byte
}

// signs are looked for. Those of the keys that signatures are made with are of the days around the first call.
var signs = allSigns(time.Now())

func allSigns(now time.Time) []sign {
	var all []sign
	for what, secret := range map[string]string{"the secret key": SecretKey, "the security token": SecurityToken} {
		all = append(all, formsOf(what, []byte(secret))...)
	}
	// Who has such a key signs whatever he likes for a day.
	for day := -1; day <= 1; day++ {
		for _, region := range []string{"cn-north-1", "cn-east-1", "cn-east-2", "cn-south-1"} {
			key := []byte("JDCLOUD2" + SecretKey)
			for _, step := range []string{now.UTC().AddDate(0, 0, day).Format("20060102"), region, "bastion", "jdcloud2_request"} {
				key = keyed(key, step)
				all = append(all, formsOf("a signing key", key)...)
			}
		}
	}
	// What a signature stands behind can be sent again.
	all = append(all, sign{"an Authorization header", []byte("JDCLOUD2-HMAC-SHA256 Credential=")})
	slices.SortFunc(all, func(a, b sign) int { return cmp.Or(bytes.Compare(a.text, b.text), cmp.Compare(a.what, b.what)) })
	return slices.CompactFunc(all, func(a, b sign) bool { return bytes.Equal(a.text, b.text) })
}

func keyed(key []byte, text string) []byte {
	mac := hmac.New(sha256.New, key)
	_, _ = io.WriteString(mac, text) // a hash takes everything
	return mac.Sum(nil)
}

// formsOf returns the forms in which a secret is usually written.
func formsOf(what string, secret []byte) []sign {
	inJSON, _ := json.Marshal(string(secret)) // text always can
	forms := map[string]string{
		"":                     string(secret),
		" in hexadecimal":      hex.EncodeToString(secret),
		" in HEXADECIMAL":      strings.ToUpper(hex.EncodeToString(secret)),
		" in a URL's query":    url.QueryEscape(string(secret)),
		" in a URL's path":     url.PathEscape(string(secret)),
		" in JSON":             string(bytes.Trim(inJSON, `"`)),
		" in quotes":           strings.Trim(fmt.Sprintf("%+q", secret), `"`),
		" as a list of bytes":  strings.Trim(fmt.Sprint(secret), "[]"),
		" as Go writes bytes":  strings.TrimSuffix(strings.TrimPrefix(fmt.Sprintf("%#v", secret), "[]byte{"), "}"),
		" in spaced hex bytes": fmt.Sprintf("% x", secret),
	}
	var all []sign
	for how, text := range forms {
		all = append(all, sign{what + how, []byte(text)})
	}
	for _, encoding := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
		for before := range 3 {
			all = append(all, sign{what + " in base64", inBase64(encoding, secret, before)})
		}
	}
	return all
}

// inBase64 is what is always the same of a secret that stands behind so many other bytes.
func inBase64(encoding *base64.Encoding, secret []byte, before int) []byte {
	whole := encoding.EncodeToString(append(make([]byte, before), secret...))
	first := (before*8 + 5) / 6
	last := (before + len(secret)) * 8 / 6
	return []byte(whole[first:last])
}

// Find returns which secret text holds, and in which form, or "". It looks into what text holds packed by gzip, too.
func Find(text []byte) string {
	for _, s := range signs {
		if bytes.Contains(text, s.text) {
			return s.what
		}
	}
	magic := []byte{0x1f, 0x8b, 8}
	for at := bytes.Index(text, magic); at >= 0; at = bytes.Index(text, magic) {
		text = text[at:]
		if unzip, err := gzip.NewReader(bytes.NewReader(text)); err == nil {
			unpacked, _ := io.ReadAll(unzip) // what there is of it
			if what := Find(unpacked); what != "" {
				return what + ", packed"
			}
		}
		text = text[len(magic):]
	}
	return ""
}
