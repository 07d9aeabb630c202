package bastion

import (
	"bytes"
	"encoding/json"
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
	clean     bool            // the body is one JSON object, whole, and nothing behind it

	buyID     string   // all that the body names anywhere, see namedIDs
	sourceIDs []string // the same
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
	a.body, a.cut = io.ReadAll(io.LimitReader(response.Body, MaxAnswer+1))
	if len(a.body) > MaxAnswer {
		a.body, a.cut = a.body[:MaxAnswer], fmt.Errorf("the answer is longer than %d bytes", MaxAnswer)
	}
	a.parse()
	if a.requestID == "" {
		a.requestID = response.Header.Get("x-jdcloud-request-id")
	}
	a.requestID = clip(a.requestID, 256)
	return a
}

// parse reads the API's envelope out of the body as far as there is one.
func (a *answer) parse() {
	a.buyID, a.sourceIDs = namedIDs(a.body)
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
	a.clean = a.cut == nil && err == io.EOF
	a.requestID = string(envelope.RequestID)
	a.result = envelope.Result
	var form apiError
	if json.Unmarshal(envelope.Error, &form) == nil && form != (apiError{}) && form != (apiError{Code: "0"}) {
		a.apiError = &form
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
		Err:        a.cut,
		BuyID:      a.buyID,
		SourceIDs:  a.sourceIDs,
	}
	if a.apiError == nil {
		e.Message = a.describe()
		return e
	}
	e.Code = clip(a.apiError.name(), 128)
	switch {
	case a.namesPurchase():
		e.Message = clip(a.quote("the answer has both an error and a result"), MaxMessage)
	case a.apiError.Message == "":
		e.Message = "the API gave no reason"
	default:
		e.Message = clip(string(a.apiError.Message), MaxMessage)
	}
	return e
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
