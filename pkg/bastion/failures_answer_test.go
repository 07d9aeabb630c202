package bastion

import (
	"crypto/tls"
	"fmt"
)

// form is the API's error form.
func form(code, status, message string) string {
	return `{"requestId":"r-1","error":{"code":` + code + `,"status":"` + status + `","message":"` + message + `","details":null}}`
}

// refuses is the API's error form under its own status.
func refuses(code int, status, message string) []func(*visit) {
	return says(fmt.Sprint(code, " X"), "", form(fmt.Sprint(code), status, message))
}

// each gives one way for each status.
func each(header, body string, statuses ...int) []func(*visit) {
	var plays []func(*visit)
	for _, status := range statuses {
		plays = append(plays, says(fmt.Sprint(status, " X"), header, body)...)
	}
	return plays
}

const (
	elsewhere = "Location: /v1/regions/cn-north-1/instances\r\n"
	page      = "<html><title>an error</title></html>"
)

// statuses are answers that are not in the API's error form.
var statuses = []failure{
	{peer: "204 or 205", class: InDoubt, plays: each("", "", 204, 205)},
	{peer: "300 to 304, 307 or 308 to its own address or another: never followed", class: InDoubt,
		plays: anyOf(
			each(elsewhere, "", 300, 301, 302, 303, 304, 307, 308),
			each("Location: http://127.0.0.1:1/\r\n", "", 301, 302, 307, 308),
		)},
	{peer: "3xx with a purchase in it", class: InDoubt, ids: "b-1", plays: each(elsewhere, accepted, 300, 302, 307)},
	{peer: "400, 401, 403, 404, 405, 413, 414, 421, 422, 426, 428, 431 or 451 with a page", class: InDoubt,
		plays: each("", page, 400, 401, 403, 404, 405, 413, 414, 421, 422, 426, 428, 431, 451)},
	{peer: "400, 403 or 404 without a body", class: InDoubt, plays: each("", "", 400, 403, 404)},
	{peer: "400 with JSON that isn't the API's", class: InDoubt, plays: anyOf(
		each("", `{"message":"bad request"}`, 400),
		each("", `{"error":"INVALID_ARGUMENT"}`, 400),
		each("", `[{"error":{"code":400,"status":"INVALID_ARGUMENT"}}]`, 400),
	)},
	{peer: "408, as gateways say to idle connections", class: InDoubt, plays: each("Connection: close\r\n", "", 408)},
	{peer: "409, 423 or 424", class: InDoubt, plays: each("", page, 409, 423, 424)},
	{peer: "425, an invitation to say it again", class: InDoubt, plays: each("Retry-After: 0\r\n", "", 425)},
	{peer: "429 of a gateway, Retry-After or not", class: InDoubt, plays: anyOf(each("Retry-After: 1\r\n", page, 429), each("", "", 429))},
	{peer: "499", class: InDoubt, plays: each("", "", 499)},
	{peer: "500, 501, 502, 503, 504, 507, 511, 520 to 526 or 599, before the purchase or after it", class: InDoubt,
		plays: anyOf(
			each("", page, 500, 501, 502, 503, 504, 507, 511, 520, 521, 522, 523, 524, 525, 526, 599),
			each("Retry-After: 1\r\n", "", 500, 503),
		)},
	{peer: "5xx with a purchase in it", class: InDoubt, ids: "b-2 s-2", plays: each("", acceptedAs(2), 500, 502, 503, 504)},
	{peer: "999", class: InDoubt, plays: each("", "", 999)},
}

// forms are answers in the API's error form.
var forms = []failure{
	{peer: "400 INVALID_ARGUMENT, FAILED_PRECONDITION or OUT_OF_RANGE", class: Rejected, plays: anyOf(
		refuses(400, "INVALID_ARGUMENT", "bad az"),
		refuses(400, "FAILED_PRECONDITION", "no address left"),
		refuses(400, "OUT_OF_RANGE", "quantity"),
	)},
	{peer: "404 NOT_FOUND", class: Rejected, plays: refuses(404, "NOT_FOUND", "no such vpc")},
	{peer: "429 QUOTA_EXCEEDED", class: Rejected, plays: refuses(429, "QUOTA_EXCEEDED", "no quota left")},
	{peer: "400 with a known status behind a product's name", class: Rejected,
		plays: anyOf(refuses(400, "BASTION_INVALID_ARGUMENT", "bad"), refuses(400, "CENSOR_ARGUMENT_NOTFOUND", "param"))},
	{peer: "a known status, its code as a text, missing, or in the status' place", class: Rejected,
		plays: anyOf(
			says("400 X", "", form(`"400"`, "INVALID_ARGUMENT", "bad")),
			says("400 X", "", `{"error":{"status":"INVALID_ARGUMENT","message":"bad"}}`),
			says("400 X", "", `{"error":{"code":"INVALID_ARGUMENT","message":"bad"}}`),
		)},
	{peer: "a refusal with HTTP 200", class: Rejected, plays: says("200 OK", "", form("400", "INVALID_ARGUMENT", "bad"))},

	{peer: "429 RATE_LIMIT, Retry-After or not", class: Throttled, plays: anyOf(
		refuses(429, "RATE_LIMIT", "slow down"),
		says("429 X", "Retry-After: 3\r\n", form("429", "RATE_LIMIT", "slow down")),
	)},
	{peer: "a throttle as 400", class: Throttled, plays: refuses(400, "CENSOR_REQUEST_LIMITEXCEEDED", "请求的次数超过了频率限制")},
	{peer: "a throttle with HTTP 200", class: Throttled, plays: says("200 OK", "", form("429", "RATE_LIMIT", ""))},
	{peer: "429 of an unknown status that speaks of too many requests", class: Throttled, plays: refuses(429, "GATEWAY_X", "Too Many Requests")},
	{peer: "429 of an unknown status that speaks of a quota", class: Rejected, plays: refuses(429, "GATEWAY_X", "instance quota exceeded")},
	{peer: "429 of an unknown status that speaks of neither", class: InDoubt, plays: refuses(429, "GATEWAY_X", "no")},
	{peer: "a known 400 that speaks of a limit of requests", class: Throttled, plays: refuses(400, "FAILED_PRECONDITION", "QPS limit reached")},
	{peer: "another status that speaks of too many requests", class: InDoubt,
		plays: anyOf(refuses(400, "PAYMENT_FAILED", "请求过于频繁"), refuses(403, "GATEWAY_X", "too many requests"))},

	{peer: "401 UNAUTHENTICATED, or of an unknown status", class: Denied,
		plays: anyOf(refuses(401, "UNAUTHENTICATED", "who are you"), refuses(401, "GATEWAY_X", "no"))},
	{peer: "403 HTTP_FORBIDDEN, with HTTP 200 as well", class: Denied, plays: anyOf(
		refuses(403, "HTTP_FORBIDDEN", "the signature does not match [gw]"),
		says("200 OK", "", form("403", "HTTP_FORBIDDEN", "no")),
	)},
	{peer: "a refusal of the clock (401 or 403)", class: Denied, plays: anyOf(
		refuses(403, "HTTP_FORBIDDEN", "the request has expired [gw]"),
		refuses(401, "UNAUTHENTICATED", "x-jdcloud-date is out of range"),
	)},
	{peer: "a refusal of the nonce, which was fresh: somebody delivered the request twice", class: InDoubt,
		plays: refuses(403, "HTTP_FORBIDDEN", "please use different noncestr [gw]")},
	{peer: "403 of an unknown status", class: InDoubt, plays: refuses(403, "GATEWAY_X", "no")},

	{peer: "a status that nobody knows, or none", class: InDoubt, plays: anyOf(refuses(400, "SOMETHING_NEW", "hm"), refuses(400, "", "hm"))},
	{peer: "a status that may come after the purchase (ORDER_NOT_FOUND, ORDER_PAY_INVALID_ARGUMENT)", class: InDoubt,
		plays: anyOf(refuses(400, "ORDER_NOT_FOUND", "no such order"), refuses(400, "ORDER_PAY_INVALID_ARGUMENT", "bad"))},
	{peer: "408, 409 or 499, whatever status comes with it", class: InDoubt, plays: anyOf(
		refuses(408, "INVALID_ARGUMENT", "late"),
		refuses(409, "ABORTED", "aborted"),
		refuses(409, "ALREADY_EXISTS", "exists"),
		refuses(499, "CANCELLED", "cancelled"),
	)},
	{peer: "425 of an unknown status", class: InDoubt, plays: refuses(425, "TOO_EARLY", "say it again")},
	{peer: "5xx, whatever status comes with it", class: InDoubt, plays: anyOf(
		refuses(500, "INTERNAL", "oops"),
		refuses(503, "UNAVAILABLE", "late"),
		says("503 X", "", form("429", "RATE_LIMIT", "slow down")),
	)},
	{peer: "a refusal whose code and HTTP status contradict each other", class: InDoubt, plays: anyOf(
		says("400 X", "", form("500", "INVALID_ARGUMENT", "bad")),
		says("500 X", "", form("400", "INVALID_ARGUMENT", "bad")),
		says("304 X", "", form("400", "INVALID_ARGUMENT", "bad")),
	)},
	{peer: "a refusal with something behind it", class: InDoubt, plays: says("400 X", "", form("400", "INVALID_ARGUMENT", "bad")+"x")},
	{peer: "a refusal that is cut off", class: InDoubt, plays: says("400 X", "", form("400", "INVALID_ARGUMENT", "bad")[:60])},
	{peer: "a refusal that says something twice", class: InDoubt, plays: anyOf(
		says("400 X", "", `{"error":{"code":500,"status":"INTERNAL"},"error":{"code":400,"status":"INVALID_ARGUMENT"}}`),
		says("400 X", "", `{"error":{"code":400,"status":"INTERNAL","Status":"INVALID_ARGUMENT"}}`),
	)},
	{peer: "a refusal that names a purchase, wherever in it", class: InDoubt, ids: "b-1", plays: anyOf(
		says("400 X", "", `{"error":{"code":400,"status":"INVALID_ARGUMENT"},"result":{"buyId":"b-1"}}`),
		says("400 X", "", `{"error":{"code":400,"status":"INVALID_ARGUMENT","details":[{"buyId":"b-1"}]}}`),
	)},
}

// successes are answers with a status of 2xx.
var successes = []failure{
	{peer: "the documented answer", bought: true, ids: "b-2 s-2", plays: says("200 OK", "", acceptedAs(2))},
	{peer: "another 2xx", bought: true, ids: "b-1", plays: each("", accepted, 201, 202, 203, 206, 299)},
	{peer: "a buyId alone, or as a number", bought: true, ids: "1", plays: anyOf(
		says("200 OK", "", `{"result":{"buyId":"1"}}`),
		says("200 OK", "", `{"requestId":7,"result":{"buyId":1}}`),
	)},
	{peer: "sourceIds alone, in objects or bare", bought: true, ids: "s-1 s-2", plays: anyOf(
		says("200 OK", "", `{"result":{"buyId":null,"sourceIds":[{"sourceId":"s-1"},{"sourceId":"s-2"}]}}`),
		says("200 OK", "", `{"result":{"sourceIds":["s-1",null,{},{"sourceId":"s-2"}]}}`),
	)},
	{peer: "a number longer than any integer", bought: true, ids: "12345678901234567890 42",
		plays: says("200 OK", "", `{"result":{"buyId":12345678901234567890,"sourceIds":[{"sourceId":42}]}}`)},
	{peer: "ids beside an error", bought: true, ids: "b-1", plays: anyOf(
		says("200 OK", "", `{"error":{"code":429,"status":"RATE_LIMIT"},"result":{"buyId":"b-1"}}`),
		says("200 OK", "", `{"error":{"code":"500","status":"INTERNAL"},"result":{"buyId":"b-1"}}`),
		says("200 OK", "", `{"error":{"code":0,"status":"","message":""},"result":{"buyId":"b-1"}}`),
	)},
	{peer: "ids beside things of a wrong type", bought: true, ids: "b-1 s", plays: says("200 OK", "", `{"requestId":{},"error":[1],"result":{"buyId":"b-1","sourceIds":{"sourceId":"s"}}}`)},
	{peer: "ids, and something behind the answer", bought: true, ids: "b-1", plays: says("200 OK", "", `{"result":{"buyId":"b-1"}} trailing`)},
	{peer: "the same member twice, with one buyId in all", bought: true, ids: "b-1 s-2 s-1",
		plays: says("200 OK", "", `{"result":{"buyId":"b-1","buyId":"b-1","sourceIds":["s-1"],"sourceIds":["s-2"]}}`)},
	{peer: "HTTP/2 offered by ALPN, and not taken", bought: true, ids: "b-1", plays: says("200 OK", "", accepted), via: func(x *failing) {
		offering := goodTLS().Clone()
		offering.NextProtos = []string{"h2", "http/1.1"}
		x.peer = servePeer(x.t, offering, func(v *visit) {
			if v.Conn.(*tls.Conn).ConnectionState().NegotiatedProtocol == "h2" {
				return
			}
			says("200 OK", "", accepted)[0](v)
		})
		x.endpoint = x.peer.url()
	}},
	{peer: "a purchase through a proxy's tunnel", bought: true, ids: "b-1", via: throughProxy,
		plays: tunnel(func(v *visit) { v.say(response("200 OK", "", accepted)) })},

	{peer: "two buyIds", class: InDoubt, ids: "b-1, b-2", plays: anyOf(
		says("200 OK", "", `{"result":{"buyId":"b-1"}}{"result":{"buyId":"b-2"}}`),
		says("200 OK", "", `{"result":{"buyId":"b-1"},"other":{"buyId":"b-2"}}`),
	)},
	{peer: "a buyId that a second member of its name hides", class: InDoubt, ids: "b-1", plays: anyOf(
		says("200 OK", "", `{"result":{"buyId":"b-1"},"result":null}`),
		says("200 OK", "", `{"result":{"buyId":"b-1","buyId":""}}`),
	)},
	{peer: "a buyId outside the result", class: InDoubt, ids: "b-1", plays: anyOf(says("200 OK", "", `{"buyId":"b-1"}`), says("200 OK", "", `{"data":{"result":{"buyId":"b-1"}}}`))},
	{peer: "no body", class: InDoubt, plays: says("200 OK", "", "")},
	{peer: "a page", class: InDoubt, plays: says("200 OK", "Content-Type: text/html\r\n", page)},
	{peer: "null, {}, [] or a text", class: InDoubt, plays: anyOf(
		says("200 OK", "", "null"),
		says("200 OK", "", "{}"),
		says("200 OK", "", "[]"),
		says("200 OK", "", `"ok"`),
	)},
	{peer: "no result, or null", class: InDoubt, plays: anyOf(says("200 OK", "", `{"requestId":"r-1"}`), says("200 OK", "", `{"requestId":"r-1","result":null}`))},
	{peer: "empty or blank ids", class: InDoubt, plays: anyOf(
		says("200 OK", "", `{"result":{"buyId":"","sourceIds":[{"sourceId":""}]}}`),
		says("200 OK", "", `{"result":{"buyId":"  ","sourceIds":[]}}`),
		says("200 OK", "", `{"result":{}}`),
	)},
	{peer: "ids of a wrong type", class: InDoubt, plays: anyOf(
		says("200 OK", "", `{"result":{"buyId":true,"sourceIds":"s-1"}}`),
		says("200 OK", "", `{"result":{"buyId":{"id":"b-1"}}}`),
		says("200 OK", "", `{"result":["b-1"]}`),
	)},
	{peer: "code 0 and no ids", class: InDoubt, plays: says("200 OK", "", `{"error":{"code":0},"result":{}}`)},
	{peer: "an error of the server's", class: InDoubt, plays: anyOf(
		says("200 OK", "", form("500", "INTERNAL", "oops")),
		says("200 OK", "", form(`"500"`, "INTERNAL", "oops")),
	)},
	{peer: "an answer cut off behind its buyId", class: InDoubt, ids: "b-1", plays: says("200 OK", "", `{"result":{"buyId":"b-1","sour`)},
}
