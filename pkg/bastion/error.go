package bastion

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

// Class says what a failed call means. The zero value is the cautious one. Classes speak of purchases: of a call that
// only reads, InDoubt means that there was no usable answer, and it may simply be made again.
type Class uint8

// The classes.
const (
	InDoubt   Class = iota // it may have bought: never make the call again
	NotSent                // no byte of the request left, and none will
	Throttled              // the API, in its error form, asked to slow down: nothing bought
	Rejected               // the API, in its error form, said no, or the arguments can't be sent: nothing bought
	Denied                 // the API, in its error form, refused the credentials: nothing bought, nothing will be
)

var classNames = [...]string{
	InDoubt: "in doubt", NotSent: "not sent", Throttled: "throttled", Rejected: "rejected", Denied: "denied",
}

func (c Class) String() string { return classNames[c] }

// MaxMessage bounds Error.Message, in bytes.
const MaxMessage = 1024

// An Error is why a call gave no result. Every error that a Client's call returns is one. Its texts come from the API
// or the network and may hold control characters; they never hold a secret or a signature.
type Error struct {
	Op         string // createInstance, describeSourceId, describeBastion, describeBastions
	Region     string
	Class      Class
	HTTPStatus int           // 0: no answer
	Code       string        // the API's error status, such as HTTP_FORBIDDEN, or its code; empty outside its error form
	Message    string        // at most MaxMessage bytes
	RequestID  string        // the API's name for the call; what its support asks for
	RetryAfter time.Duration // how long the API asked to wait; 0: it did not say
	Exhausted  bool          // with Rejected: a quota is used up, so that the same call for another order would fail too
	Err        error         // what the network said, if it did

	// What an answer named that did not plainly say that it bought; with InDoubt alone. It is no proof of a purchase, but
	// must not be lost: it may be the only thread to one.
	BuyID     string   // several are parted by ", ", at most MaxNamedIDs; a text of 1 to 256 bytes each
	SourceIDs []string // at most MaxNamedIDs, each once
}

// Error says what was called, what came back and what it means where that is not plain.
func (e *Error) Error() string {
	var s strings.Builder
	fmt.Fprintf(&s, "%s in %s: ", e.Op, e.Region)
	if e.HTTPStatus != 0 {
		fmt.Fprintf(&s, "HTTP %d: ", e.HTTPStatus)
	}
	if e.Code != "" {
		fmt.Fprintf(&s, "%s: ", e.Code)
	}
	s.WriteString(e.Message)
	if e.RequestID != "" {
		fmt.Fprintf(&s, " (request %s)", e.RequestID)
	}
	return s.String()
}

// Unwrap gives what the network said.
func (e *Error) Unwrap() error { return e.Err }

// name keeps the ids of an answer that did not plainly say that it bought, as far as they are bounded and checked.
func (e *Error) name(ids namedIDs) {
	e.BuyID = strings.Join(plain(ids.buys), ", ")
	e.SourceIDs = plain(ids.sources)
}

// clip cuts s to max bytes at a rune's border and says that it did.
func clip(s string, max int) string {
	const more = "…"
	if len(s) <= max {
		return s
	}
	cut := max - len(more)
	for cut > 0 && !utf8.RuneStart(s[cut]) {
		cut--
	}
	return s[:cut] + more
}
