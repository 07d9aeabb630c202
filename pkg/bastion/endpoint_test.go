package bastion

import (
	"strings"
	"testing"
)

func TestParseEndpoint(t *testing.T) {
	for text, want := range map[string]string{
		"https://bastion.jdcloud-api.com":      "https://bastion.jdcloud-api.com/v1",
		"https://Bastion.JDcloud-API.com/v1/":  "https://bastion.jdcloud-api.com/v1",
		"HTTPS://bastion.jdcloud-api.com:443/": "https://bastion.jdcloud-api.com/v1",
		" https://gw.example.com:8443/a/v2 ":   "https://gw.example.com:8443/a/v2",
		"http://127.0.0.1:8080":                "http://127.0.0.1:8080/v1",
		"http://localhost:80":                  "http://localhost/v1",
		"http://[::1]:9000/v1":                 "http://[::1]:9000/v1",
	} {
		got, err := ParseEndpoint(text)
		if err != nil || got.String() != want {
			t.Errorf("%q: %q, %v; want %q", text, got, err, want)
		}
	}
	for text, want := range map[string]string{
		"":                                "must begin with https://",
		"bastion.jdcloud-api.com":         "must begin with https://",
		"ftp://gw.example.com":            "must begin with https://",
		"http://bastion.jdcloud-api.com":  "plain http is for loopback",
		"http://127.0.0.1.example.com":    "plain http is for loopback",
		"http://10.0.0.1":                 "plain http is for loopback",
		"https://":                        "no usable host",
		"https://bäst.example.com":        "no usable host",
		"https://[fe80::1%25eth0]":        "no usable host",
		"https://gw.example.com/v1?a=b":   "without ? and #",
		"https://gw.example.com/v1?":      "without ? and #",
		"https://gw.example.com/v1#a":     "without ? and #",
		"https://gw.example.com/a b":      "letters, digits",
		"https://gw.example.com/a//b":     "letters, digits",
		"https://u:pass@gw.example.com":   "must not hold a user",
		"https://u:pass@gw.example.com:x": "not a URL",
	} {
		_, err := ParseEndpoint(text)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "pass@") {
			t.Errorf("%q: %v; want %q", text, err, want)
		}
	}
}
