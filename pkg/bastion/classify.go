package bastion

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// The API's error statuses and what they mean for a purchase. One that is not here is unknown, and so is what it
// bought: it stays in doubt. Those left out on purpose are ABORTED and CANCELLED, which don't say how far the order
// got, and ALREADY_EXISTS, which may mean that it was bought.
var statusClasses = map[string]Class{
	"RATE_LIMIT":             Throttled, // documented, with 429
	"REQUEST_LIMITEXCEEDED":  Throttled, // documented for sibling products, with a prefix and 400
	"REQUEST_LIMIT_EXCEEDED": Throttled, // not seen
	"TOO_MANY_REQUESTS":      Throttled, // not seen
	"THROTTLED":              Throttled, // not seen
	"THROTTLING":             Throttled, // not seen

	"INVALID_ARGUMENT":    Rejected, // documented, with 400
	"OUT_OF_RANGE":        Rejected, // documented, with 400
	"FAILED_PRECONDITION": Rejected, // documented and seen, with 400
	"NOT_FOUND":           Rejected, // documented, with 404
	"ARGUMENT_NOTFOUND":   Rejected, // documented for a sibling product, with a prefix and 400
	"HTTP_BAD_REQUEST":    Rejected, // not seen
	"HTTP_NOT_FOUND":      Rejected, // not seen
	"QUOTA_EXCEEDED":      Rejected, // documented, with 429: no pause helps
	"QUOTAEXCEEDED":       Rejected, // not seen

	"UNAUTHENTICATED":   Denied, // documented, with 401
	"HTTP_UNAUTHORIZED": Denied, // not seen
	"HTTP_FORBIDDEN":    Denied, // documented and seen, with 403
	"PERMISSION_DENIED": Denied, // not seen
}

// productStatuses also count behind one word, as in CENSOR_INVALID_ARGUMENT: they speak of the request itself. The
// others don't, for they may speak of what was bought: an ORDER_NOT_FOUND can come after the order was made.
var productStatuses = []string{
	"REQUEST_LIMITEXCEEDED", "REQUEST_LIMIT_EXCEEDED", "INVALID_ARGUMENT", "ARGUMENT_NOTFOUND", "QUOTA_EXCEEDED",
}

// quotaStatuses are those of the table that speak of a quota.
var quotaStatuses = []string{"QUOTA_EXCEEDED", "QUOTAEXCEEDED"}

// Words by which a message tells a throttle from a quota where the status does not.
var (
	throttleWords = []string{"too many requests", "throttl", "rate limit", "request limit", "qps", "频率", "频繁", "限流", "流控"}
	quotaWords    = []string{"quota", "配额"}
)

// class says what an answer without a usable result means for the purchase. It is the one table of this kind: any
// doubt must end in InDoubt, for everything else lets somebody spend money again.
func (a answer) class() Class {
	if a.apiError == nil || !a.clean || !a.allIDs().none() {
		return InDoubt // not the API's error form, or one that names a purchase beside its error
	}
	code, refused := a.refusal()
	if !refused {
		return InDoubt
	}
	message := strings.ToLower(string(a.apiError.Message))
	class, known := classOfStatus(a.apiError.name())
	switch {
	case known && class == Rejected:
		return throttleOr(Rejected, code, message)
	case strings.Contains(message, "nonce"):
		// "please use different noncestr" (seen): this copy of the request bought nothing. But the nonce was fresh and
		// random, so something between us and the API must have delivered a copy before, and nobody knows what that did.
		return InDoubt
	case known:
		return class
	case code == http.StatusUnauthorized:
		return Denied // whoever isn't known buys nothing, whatever the status is called
	}
	if code == http.StatusTooManyRequests {
		return throttleOr(InDoubt, code, message)
	}
	return InDoubt
}

// refusal returns the code by which the API refused the call: that of its error form, which may come with HTTP 200 too.
// It is no refusal unless both speak of the caller's fault, in a way that leaves no doubt.
func (a answer) refusal() (code int, ok bool) {
	code, err := strconv.Atoi(string(a.apiError.Code))
	if err != nil {
		code = a.status
	}
	success := a.status/100 == 2
	if !callersFault(code) || !success && !callersFault(a.status) {
		return 0, false
	}
	return code, true
}

// callersFault tells whether a code stands for a request that was turned away. Timeouts, conflicts and cancelled calls
// may have bought before they ended so.
func callersFault(code int) bool {
	const clientClosed = 499
	switch code {
	case http.StatusRequestTimeout, http.StatusConflict, clientClosed:
		return false
	}
	return code >= 400 && code <= 499
}

// classOfStatus looks a status up.
func classOfStatus(status string) (Class, bool) {
	if _, rest, _ := strings.Cut(status, "_"); slices.Contains(productStatuses, rest) {
		status = rest
	}
	class, known := statusClasses[status]
	return class, known
}

// throttleOr tells by the message whether a 400 or 429 is a throttle or a quota. 429 is documented as both, and
// throttles came as 400, so neither code alone says anything. Without a telling word it is otherwise.
func throttleOr(otherwise Class, code int, message string) Class {
	says := func(word string) bool { return strings.Contains(message, word) }
	switch {
	case code != http.StatusTooManyRequests && code != http.StatusBadRequest:
		return otherwise
	case slices.ContainsFunc(quotaWords, says):
		return Rejected
	case slices.ContainsFunc(throttleWords, says):
		return Throttled
	}
	return otherwise
}

// exhausted tells whether a refusal says that a quota is used up: by its status or, where that does not say it, by its
// message. One that speaks of throttles as well may pass, so it says nothing about the next call.
func (a answer) exhausted() bool {
	if a.class() != Rejected {
		return false
	}
	message := strings.ToLower(string(a.apiError.Message))
	says := func(word string) bool { return strings.Contains(message, word) }
	code, _ := a.refusal()
	status := a.apiError.name()
	named := slices.ContainsFunc(quotaStatuses, func(s string) bool { return status == s || strings.HasSuffix(status, "_"+s) })
	told := (code == http.StatusTooManyRequests || code == http.StatusBadRequest) && slices.ContainsFunc(quotaWords, says)
	return (named || told) && !slices.ContainsFunc(throttleWords, says)
}
