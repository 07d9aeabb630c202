package simulator

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// A request is a call on its way through the simulator.
type request struct {
	ctx       context.Context
	id        string
	serial    uint64
	operation operation
	region    string
	target    string // what the path names: a sourceId, a bid or an instanceId
	url       *url.URL
	body      []byte
	refused   *refusal
}

// An operation of the API answers a call, however long that takes.
type operation func(*Simulator, request) answer

// result makes an operation of a function that runs under the lock.
func result(f func(*Simulator, request) (any, *refusal)) operation {
	return func(s *Simulator, q request) answer {
		s.mu.Lock()
		value, refused := f(s, q)
		s.mu.Unlock()
		return delay(q, s.latency(q), q.answer(value, refused))
	}
}

// operations by method and path below the region; * stands for a name.
var operations = map[string]operation{
	"POST instances":                      (*Simulator).createInstance,
	"GET order/*":                         result((*Simulator).describeSourceID),
	"GET bastions":                        result((*Simulator).describeBastions),
	"GET bastion/*":                       result((*Simulator).describeBastion),
	"PATCH bastion/*":                     result((*Simulator).updateBastionDesc),
	"GET instance/*":                      result((*Simulator).describeInstance),
	"DELETE instance/*":                   result((*Simulator).deleteInstance),
	"POST instances/*:modifyInstanceSpec": result((*Simulator).modifyInstanceSpec),
	"POST instances/*:modifyInstanceExpireOrStart": result((*Simulator).modifyInstanceExpireOrStart),
	"PATCH instance/*/publicAccess":                result((*Simulator).setInstancePublicAccess),
	"POST instance/*/zero":                         result((*Simulator).setInstanceZeroEnable),
	"GET sign":                                     result((*Simulator).describeSign),
	"GET pins":                                     result((*Simulator).describePins),
}

// admit finds the operation and checks the signature.
func (s *Simulator) admit(r *http.Request, host string, body []byte) request {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.serial++
	q := request{id: fmt.Sprintf("req-%s-%d", s.prefix, s.serial), serial: s.serial, url: r.URL, body: body}
	name, known := "", false
	q.region, name, q.target = splitPath(r.URL.EscapedPath())
	if q.region != "" {
		q.operation, known = operations[r.Method+" "+name]
	}
	if !known {
		q.refused = &refusal{http.StatusNotFound, "HTTP_NOT_FOUND", "no operation has this method and path [gw]"}
	} else {
		q.refused = s.gate.check(r, host, q.region, body, time.Now())
	}
	switch {
	case q.refused != nil:
		s.counters.Refused++
	case r.Method == http.MethodGet:
		s.counters.Reads++
	}
	return q
}

// splitPath takes /v1/regions/{region}/… apart. The second part of what follows is a name, which may end in :action.
func splitPath(escaped string) (region, shape, target string) {
	parts := strings.Split(strings.TrimPrefix(escaped, "/"), "/")
	if len(parts) < 4 || len(parts) > 6 || parts[0] != "v1" || parts[1] != "regions" {
		return "", "", ""
	}
	for i, part := range parts {
		plain, err := url.PathUnescape(part)
		if err != nil || plain == "" || len(plain) > 256 {
			return "", "", ""
		}
		parts[i] = plain
	}
	region, parts = parts[2], parts[3:]
	if len(parts) > 1 {
		id, action, acts := strings.Cut(parts[1], ":")
		target, parts[1] = id, "*"
		if acts {
			parts[1] += ":" + action
		}
	}
	return region, strings.Join(parts, "/"), target
}
