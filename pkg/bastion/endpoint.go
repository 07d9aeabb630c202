package bastion

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"regexp"
	"strings"
)

// DefaultEndpoint is where the API is documented to be.
const DefaultEndpoint = "https://bastion.jdcloud-api.com/v1"

// An Endpoint is where calls go: scheme, host and the path's first part. It is comparable; the zero value is none.
type Endpoint struct{ scheme, host, path string }

// String is the endpoint as a URL without a slash at its end, the same for all spellings of one place. It holds no
// secret.
func (e Endpoint) String() string {
	if e == (Endpoint{}) {
		return ""
	}
	return e.scheme + "://" + e.host + e.path
}

var (
	// Names and paths that the transport sends as they are: a host that it rewrote would not be the signed one.
	plainHost = regexp.MustCompile(`^[A-Za-z0-9._-]+(:[0-9]{1,5})?$|^\[[0-9A-Fa-f:.]+\](:[0-9]{1,5})?$`)
	plainPath = regexp.MustCompile(`^(/[A-Za-z0-9._~-]+)*$`)
)

// ParseEndpoint reads a URL such as DefaultEndpoint. Without a path it gets /v1. Plain http is for loopback alone:
// anywhere else it would show every order, and let anybody change it.
func ParseEndpoint(s string) (Endpoint, error) {
	u, err := url.Parse(strings.TrimSpace(s))
	if err != nil {
		// The error repeats the text, which may hold a password.
		return Endpoint{}, errors.New("the endpoint is not a URL: write it like " + DefaultEndpoint)
	}
	if u.User != nil {
		return Endpoint{}, errors.New("the endpoint must not hold a user or password: credentials come from the environment or ~/.jdc/config")
	}
	e := Endpoint{
		scheme: strings.ToLower(u.Scheme),
		host:   strings.ToLower(u.Host),
		path:   strings.TrimRight(u.EscapedPath(), "/"),
	}
	if e.path == "" {
		e.path = "/v1"
	}
	switch {
	case e.scheme != "https" && e.scheme != "http":
		return Endpoint{}, fmt.Errorf("the endpoint %.200q must begin with https://, as %s does", s, DefaultEndpoint)
	case !plainHost.MatchString(e.host):
		return Endpoint{}, fmt.Errorf("the endpoint %.200q has no usable host name", s)
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return Endpoint{}, fmt.Errorf("the endpoint %.200q must end with its path, without ? and #", s)
	case !plainPath.MatchString(e.path):
		return Endpoint{}, fmt.Errorf("the endpoint %.200q may hold only letters, digits and -._~ between the slashes of its path", s)
	case e.scheme == "http" && !loopback(u.Hostname()):
		return Endpoint{}, fmt.Errorf("the endpoint %.200q must use https: plain http is for loopback addresses (127.0.0.1, ::1, localhost)", s)
	}
	e.host = strings.TrimSuffix(e.host, map[string]string{"https": ":443", "http": ":80"}[e.scheme])
	return e, nil
}

func loopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}
