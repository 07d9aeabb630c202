package bastion

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// maxExcerpt bounds what a message quotes of a body, in bytes. It is enough for an envelope's ids.
const maxExcerpt = 640

// maxRetryAfter bounds how long an answer may ask to wait.
const maxRetryAfter = time.Hour

// An answer is what came back on a call.
type answer struct {
	status     int
	retryAfter time.Duration
	body       []byte // at most MaxAnswer bytes
	cut        error  // why body is not all of the answer; nil when it is

	requestID string
	apiError  *apiError       // nil: no error form
	result    json.RawMessage // nil: no JSON, or none in it
	ids       namedIDs        // the result's, as the API gives them
	clean     bool            // the body is one JSON object, whole, nothing behind it, and no member of it twice
}

// An apiError is the API's error form.
type apiError struct {
	Code    text `json:"code"` // seen as a number; may be a text
	Status  text `json:"status"`
	Message text `json:"message"`
}

// readAnswer takes an answer in, whatever it is.
func readAnswer(response *http.Response, now time.Time) answer {
	a := answer{
		status:     response.StatusCode,
		retryAfter: parseRetryAfter(response.Header.Get("Retry-After"), now),
	}
	a.body, a.cut = readBody(response)
	a.parse()
	if a.requestID == "" {
		a.requestID = response.Header.Get("x-jdcloud-request-id")
	}
	a.requestID = clip(a.requestID, 256)
	return a
}

// readBody returns at most MaxAnswer bytes of the body, and why that is not all of it.
func readBody(response *http.Response) (body []byte, cut error) {
	if response.StatusCode == http.StatusSwitchingProtocols {
		// What follows has no end but the connection's, and no deadline.
		return nil, errors.New("the peer changed to another protocol")
	}
	body, cut = readUpToMax(response.Body)
	if !bytes.HasPrefix(body, gzipMagic) {
		return body, cut
	}
	// Nobody asked for it, but the ids in it count.
	unpack, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		return body, cmp.Or(cut, err)
	}
	unpacked, err := readUpToMax(unpack)
	return unpacked, cmp.Or(cut, err)
}

var gzipMagic = []byte{0x1f, 0x8b}

func readUpToMax(r io.Reader) ([]byte, error) {
	text, err := io.ReadAll(io.LimitReader(r, MaxAnswer+1))
	if len(text) > MaxAnswer {
		return text[:MaxAnswer], fmt.Errorf("the answer is longer than %d bytes", MaxAnswer)
	}
	return text, err
}

// parse reads the API's envelope out of the body as far as there is one.
func (a *answer) parse() {
	a.body = bytes.TrimPrefix(a.body, []byte("\ufeff"))
	var envelope struct {
		RequestID text            `json:"requestId"`
		Error     json.RawMessage `json:"error"`
		Result    json.RawMessage `json:"result"`
	}
	dec := json.NewDecoder(bytes.NewReader(a.body))
	if dec.Decode(&envelope) != nil {
		return
	}
	_, err := dec.Token()
	a.clean = a.cut == nil && err == io.EOF && !repeatsMember(a.body)
	a.requestID = string(envelope.RequestID)
	a.result = envelope.Result
	a.ids = readIDs(a.result)
	var form apiError
	if json.Unmarshal(envelope.Error, &form) == nil && form != (apiError{}) && form != (apiError{Code: "0"}) {
		a.apiError = &form
	}
}

// repeatsMember tells whether an object in the JSON text has two members of one name. encoding/json takes the last one,
// others the first, so that it says different things to different readers.
func repeatsMember(text []byte) bool {
	dec := json.NewDecoder(bytes.NewReader(text))
	var open []map[string]bool // the names of each open object; nil for an array
	name := false              // a member's name comes next
	for {
		token, err := dec.Token()
		if err != nil {
			return false
		}
		switch token {
		case json.Delim('{'):
			open = append(open, map[string]bool{})
		case json.Delim('['):
			open = append(open, nil)
		case json.Delim('}'), json.Delim(']'):
			open = open[:len(open)-1]
		default:
			if text, ok := token.(string); ok && name {
				text = strings.ToLower(text) // as encoding/json matches them
				if open[len(open)-1][text] {
					return true
				}
				open[len(open)-1][text] = true
				name = false
				continue
			}
		}
		name = len(open) > 0 && open[len(open)-1] != nil
	}
}

// failure makes the error of a call whose answer gave no result.
func (a answer) failure(k call) *Error {
	e := &Error{
		Op:         k.op,
		Region:     k.region,
		Class:      a.class(),
		HTTPStatus: a.status,
		RequestID:  a.requestID,
		RetryAfter: a.retryAfter,
		Exhausted:  a.exhausted(),
		Err:        a.cut,
	}
	e.name(a.allIDs())
	if a.apiError == nil {
		e.Message = a.describe()
		return e
	}
	e.Code = clip(a.apiError.name(), 128)
	switch {
	case !a.allIDs().none():
		e.Message = clip(a.quote("the answer has both an error and a result"), MaxMessage)
	case a.apiError.Message == "":
		e.Message = "the API gave no reason"
	default:
		e.Message = clip(string(a.apiError.Message), MaxMessage)
	}
	return e
}

// repeated makes the error of a call whose answer names what an earlier call of this client bought. It is not the answer
// to this call, so that its ids must lead nobody to take that purchase for this call's.
func (a answer) repeated(k call) *Error {
	return &Error{
		Op: k.op, Region: k.region, Class: InDoubt, HTTPStatus: a.status, RequestID: a.requestID, Err: a.cut,
		Message: clip(a.quote("the answer names what an earlier call bought"), MaxMessage),
	}
}

// describe says what came back in place of the API's own words.
func (a answer) describe() string {
	switch {
	case len(a.body) == 0 && a.cut == nil:
		return "the answer is empty"
	case a.cut != nil:
		return a.quote(fmt.Sprintf("the answer broke off (%v)", a.cut))
	case !a.clean:
		return a.quote("the answer is not the API's")
	}
	return a.quote("the answer has neither a result nor an error")
}

// quote adds the body to what is said of it, for it may hold a buyId that is found nowhere else.
func (a answer) quote(what string) string {
	body := strings.ToValidUTF8(clip(string(a.body), maxExcerpt), "?")
	return clip(what, MaxMessage-maxExcerpt-2) + ": " + body
}

// name is the error's status; an error without one goes by its code.
func (e apiError) name() string {
	if e.Status != "" {
		return string(e.Status)
	}
	return string(e.Code)
}

// parseRetryAfter reads a Retry-After header: seconds, or a date. Anything else, and the past, is 0.
func parseRetryAfter(value string, now time.Time) time.Duration {
	value = strings.TrimSpace(value)
	if seconds, err := strconv.ParseFloat(value, 64); err == nil {
		if !(seconds > 0) {
			return 0
		}
		return time.Duration(min(seconds, maxRetryAfter.Seconds()) * float64(time.Second))
	}
	at, err := http.ParseTime(value)
	if err != nil {
		return 0
	}
	return min(max(at.Sub(now), 0), maxRetryAfter)
}
