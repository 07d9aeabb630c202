package simulator

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"syscall"
)

// A refusal is the API's error form.
type refusal struct {
	code    int
	status  string
	message string
}

func badRequest(format string, args ...any) *refusal {
	return &refusal{http.StatusBadRequest, "INVALID_ARGUMENT", fmt.Sprintf(format, args...)}
}

func forbidden(message string) *refusal {
	return &refusal{http.StatusForbidden, "HTTP_FORBIDDEN", message + " [gw]"}
}

func notFound(what, id string) *refusal {
	return &refusal{http.StatusNotFound, "NOT_FOUND", fmt.Sprintf("%s %.80q is not found", what, id)}
}

// An answer is what goes back to the caller, or what keeps it from getting there.
type answer struct {
	status int
	header http.Header
	body   []byte
	cut    bool  // only half of the body arrives
	lost   error // not nil: nothing arrives; what a caller without a socket sees
}

// dropped is an answer that never arrives.
func dropped(err error) answer { return answer{lost: err} }

// What a caller without a socket sees of a refused dial, and of a call that it gave up.
var (
	errRefusedDial = &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
	errStalled     = errors.New("the caller gave up")
)

// answer makes the API's envelope of a result or a refusal.
func (q request) answer(result any, refused *refusal) answer {
	envelope := map[string]any{"requestId": q.id}
	status := http.StatusOK
	if refused != nil {
		status = refused.code
		envelope["error"] = map[string]any{
			"code": refused.code, "status": refused.status, "message": refused.message, "details": nil,
		}
	} else {
		envelope["result"] = result
	}
	body, err := json.Marshal(envelope)
	if err != nil {
		panic(err) // results are structs of texts and numbers
	}
	return answer{
		status: status,
		header: http.Header{"Content-Type": {"application/json; charset=utf-8"}, "X-Jdcloud-Request-Id": {q.id}},
		body:   body,
	}
}

// page is an answer that isn't the API's.
func page(status int, title string) answer {
	return answer{
		status: status,
		header: http.Header{"Content-Type": {"text/html"}},
		body:   []byte("<html><head><title>" + title + "</title></head><body>" + title + "</body></html>\n"),
	}
}

// send writes the answer to a socket. A lost or cut one ends in a closed connection.
func (a answer) send(w http.ResponseWriter) {
	if a.lost != nil {
		panic(http.ErrAbortHandler)
	}
	for name, values := range a.header {
		w.Header()[name] = values
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(a.body)))
	w.WriteHeader(a.status)
	if a.cut {
		_, _ = w.Write(a.body[:len(a.body)/2])
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}
	_, _ = w.Write(a.body) // the caller left
}

// response gives the answer to a caller without a socket.
func (a answer) response(r *http.Request) (*http.Response, error) {
	if a.lost != nil {
		return nil, a.lost
	}
	var body io.Reader = bytes.NewReader(a.body)
	if a.cut {
		body = io.MultiReader(bytes.NewReader(a.body[:len(a.body)/2]), brokenReader{})
	}
	return &http.Response{
		Status:        strconv.Itoa(a.status) + " " + http.StatusText(a.status),
		StatusCode:    a.status,
		Proto:         "HTTP/1.1",
		ProtoMajor:    1,
		ProtoMinor:    1,
		Header:        a.header,
		Body:          io.NopCloser(body),
		ContentLength: int64(len(a.body)),
		Request:       r,
	}, nil
}

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }
