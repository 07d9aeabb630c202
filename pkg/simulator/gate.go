package simulator

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"slices"
	"strings"
	"time"
)

// The signature, as the API describes it.
const (
	algorithm   = "JDCLOUD2-HMAC-SHA256"
	signingEnd  = "jdcloud2_request"
	service     = "bastion"
	signingTime = "20060102T150405Z"
	maxSkew     = 15 * time.Minute // the API's own is unknown
)

// A gate lets signed calls in, each once.
type gate struct {
	accessKey, secretKey string
	keys                 map[string][]byte // derived signing keys by date and region
	nonces               nonces
}

func newGate(accessKey, secretKey string) gate {
	return gate{accessKey: accessKey, secretKey: secretKey, keys: map[string][]byte{}}
}

// A signature is an Authorization header taken apart.
type signature struct {
	accessKey, date, region, service, end string
	headers                               []string
	digest                                string
}

func parseSignature(authorization string) (signature, bool) {
	rest, ok := strings.CutPrefix(authorization, algorithm+" ")
	if !ok || len(authorization) > 4096 {
		return signature{}, false
	}
	var s signature
	for part := range strings.SplitSeq(rest, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		switch name {
		case "Credential":
			scope := strings.Split(value, "/")
			if len(scope) != 5 {
				return signature{}, false
			}
			s.accessKey, s.date, s.region, s.service, s.end = scope[0], scope[1], scope[2], scope[3], scope[4]
		case "SignedHeaders":
			s.headers = strings.Split(value, ";")
		case "Signature":
			s.digest = value
		}
	}
	return s, s.accessKey != "" && s.digest != "" && len(s.headers) > 0
}

// check returns why a call is turned away, or nil. It must be called once a call: it remembers the nonce.
func (g *gate) check(r *http.Request, host, region string, body []byte, now time.Time) *refusal {
	s, ok := parseSignature(r.Header.Get("Authorization"))
	if !ok {
		return &refusal{http.StatusUnauthorized, "UNAUTHENTICATED", "the request is not signed [gw]"}
	}
	date, nonce := r.Header.Get("X-Jdcloud-Date"), r.Header.Get("X-Jdcloud-Nonce")
	at, err := time.Parse(signingTime, date)
	switch {
	case s.accessKey != g.accessKey:
		return forbidden("the access key is unknown")
	case s.service != service || s.end != signingEnd || s.region != region || !strings.HasPrefix(date, s.date):
		return forbidden("the credential's scope does not fit the request")
	case err != nil || at.Sub(now).Abs() > maxSkew:
		return forbidden("the request's date is missing or too far from now")
	case len(nonce) == 0 || len(nonce) > 128:
		return forbidden("the nonce is missing or too long")
	case !slices.IsSorted(s.headers) || !signsAll(s.headers, r.Header):
		return forbidden("host, date, nonce and token must be among the signed headers, in alphabetical order")
	case !hmac.Equal([]byte(s.digest), []byte(g.sign(s, date, canonical(r, host, s.headers, body)))):
		return forbidden("the signature does not match")
	case !g.nonces.fresh(nonce, now):
		return forbidden("please use different noncestr")
	}
	return nil
}

// signsAll tells whether the headers that must be signed are.
func signsAll(signed []string, header http.Header) bool {
	must := []string{"host", "x-jdcloud-date", "x-jdcloud-nonce"}
	if header.Get("X-Jdcloud-Security-Token") != "" {
		must = append(must, "x-jdcloud-security-token")
	}
	for _, name := range must {
		if !slices.Contains(signed, name) {
			return false
		}
	}
	return true
}

// canonical is the request in the form that is signed.
func canonical(r *http.Request, host string, headers []string, body []byte) string {
	var s strings.Builder
	s.WriteString(r.Method + "\n" + r.URL.EscapedPath() + "\n" + r.URL.RawQuery + "\n")
	for _, name := range headers {
		value := host
		if name != "host" {
			value = strings.Join(r.Header.Values(name), ",")
		}
		s.WriteString(name + ":" + squeeze(value) + "\n")
	}
	sum := sha256.Sum256(body)
	s.WriteString("\n" + strings.Join(headers, ";") + "\n" + hex.EncodeToString(sum[:]))
	return s.String()
}

// squeeze leaves one space where there are several, and none at the ends.
func squeeze(s string) string {
	s = strings.Trim(s, " ")
	for strings.Contains(s, "  ") {
		s = strings.ReplaceAll(s, "  ", " ")
	}
	return s
}

func (g *gate) sign(s signature, date, canonical string) string {
	scope := strings.Join([]string{s.date, s.region, s.service, s.end}, "/")
	sum := sha256.Sum256([]byte(canonical))
	toSign := strings.Join([]string{algorithm, date, scope, hex.EncodeToString(sum[:])}, "\n")
	return hex.EncodeToString(mac(g.key(s.date, s.region), toSign))
}

// key derives the signing key of a day and region, and keeps it.
func (g *gate) key(date, region string) []byte {
	id := date + "/" + region
	if key, known := g.keys[id]; known {
		return key
	}
	key := []byte("JDCLOUD2" + g.secretKey)
	for _, part := range []string{date, region, service, signingEnd} {
		key = mac(key, part)
	}
	if len(g.keys) >= 1000 {
		clear(g.keys)
	}
	g.keys[id] = key
	return key
}

func mac(key []byte, text string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(text))
	return h.Sum(nil)
}

// nonces remembers the nonces of late: at least those of the last generation, at most twice maxNonces.
type nonces struct {
	current, previous map[[16]byte]struct{}
	since             time.Time // when current began
}

const (
	maxNonces = 1 << 18
	// nonceAge is how long a signature may be in use: as much early as late.
	nonceAge = 2 * maxSkew
)

// fresh tells whether the nonce is new, and remembers it.
func (n *nonces) fresh(nonce string, now time.Time) bool {
	if n.current == nil || len(n.current) >= maxNonces || now.Sub(n.since) > nonceAge {
		n.previous, n.current, n.since = n.current, map[[16]byte]struct{}{}, now
	}
	sum := sha256.Sum256([]byte(nonce))
	id := [16]byte(sum[:16])
	if _, used := n.current[id]; used {
		return false
	}
	if _, used := n.previous[id]; used {
		return false
	}
	n.current[id] = struct{}{}
	return true
}
