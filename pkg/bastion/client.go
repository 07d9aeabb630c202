package bastion

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/jdcloud-api/jdcloud-sdk-go/core"

	"github.com/bastion-fleet/bastion-fleet/pkg/failpoint"
)

const (
	// DefaultParallelism is the number of connections of a Client that names none.
	DefaultParallelism = 32
	// DefaultTimeout bounds a call of a Client that names no bound. It is long: a create that is given up is in doubt.
	DefaultTimeout = 60 * time.Second
	// MaxAnswer bounds the body of an answer, in bytes. What is longer is not read to its end.
	MaxAnswer = 1 << 20
)

// signingService is the API's name within a signature's scope.
const signingService = "bastion"

// Options set a Client up.
type Options struct {
	Endpoint    Endpoint // zero: DefaultEndpoint
	Credentials Credentials
	Parallelism int           // calls at a time, each a connection; a further one waits. 0: DefaultParallelism
	Timeout     time.Duration // of one call, from waiting for a connection to the answer's last byte. 0: DefaultTimeout
	UserAgent   string        // empty: bastion-fleet

	// Transport carries the calls in place of the Client's own HTTP transport. Of calls that fail in it only those whose
	// error is a failed dial (a *net.OpError with Op "dial") count as not sent. It must never send a request twice.
	Transport http.RoundTripper
}

// A Client calls the API. It is safe for concurrent use, and never makes a call twice by itself.
type Client struct {
	endpoint    Endpoint
	credentials Credentials
	timeout     time.Duration
	userAgent   string
	transport   http.RoundTripper
	claims      *claims
}

// New returns a client.
func New(o Options) (*Client, error) {
	if o.Credentials.secret == nil {
		return nil, ErrNoCredentials
	}
	if o.Parallelism < 0 || o.Timeout < 0 {
		return nil, errors.New("parallelism and timeout of a client must not be negative")
	}
	c := &Client{
		endpoint:    o.Endpoint,
		credentials: o.Credentials,
		timeout:     o.Timeout,
		userAgent:   o.UserAgent,
		transport:   o.Transport,
		claims:      &claims{seen: make(map[string]bool)},
	}
	if c.endpoint == (Endpoint{}) {
		c.endpoint = defaultEndpoint
	}
	if c.timeout == 0 {
		c.timeout = DefaultTimeout
	}
	if c.userAgent == "" {
		c.userAgent = "bastion-fleet"
	}
	if o.Parallelism == 0 {
		o.Parallelism = DefaultParallelism
	}
	if c.transport == nil {
		c.transport = newTransport(o.Parallelism, c.timeout)
	}
	return c, nil
}

var defaultEndpoint = func() Endpoint {
	e, err := ParseEndpoint(DefaultEndpoint)
	if err != nil {
		panic(err)
	}
	return e
}()

// Endpoint is where the client's calls go.
func (c *Client) Endpoint() Endpoint { return c.endpoint }

// Close closes the idle connections.
func (c *Client) Close() {
	if t, ok := c.transport.(interface{ CloseIdleConnections() }); ok {
		t.CloseIdleConnections()
	}
}

// A call is one request before it is signed.
type call struct {
	op     string
	method string
	region string
	path   []string // below /regions/{region}, unescaped
	query  url.Values
	body   []byte
}

// fail makes the error of a call that has no answer.
func (k call) fail(class Class, err error) *Error {
	return &Error{Op: k.op, Region: k.region, Class: class, Message: clip(err.Error(), MaxMessage), Err: err}
}

// send makes the call once. Its error is of a call that has no answer.
func (c *Client) send(ctx context.Context, k call) (answer, *Error) {
	if err := k.check(); err != nil {
		return answer{}, k.fail(Rejected, err)
	}
	late := fmt.Errorf("no answer within %v: %w", c.timeout, context.DeadlineExceeded)
	ctx, cancel := context.WithTimeoutCause(ctx, c.timeout, late)
	defer cancel()
	if err := ctx.Err(); err != nil {
		return answer{}, k.fail(NotSent, err)
	}
	var d delivery
	request, err := c.signed(d.watch(ctx), k)
	if err != nil {
		return answer{}, k.fail(NotSent, err)
	}
	failpoint.Here("call-signed")
	// The transport, not an http.Client: that would follow redirects and wrap errors.
	response, err := c.transport.RoundTrip(request)
	if err != nil {
		class := InDoubt
		if d.nothingSent(c.transport, err) {
			class = NotSent
		}
		return answer{}, k.fail(class, err)
	}
	failpoint.Here("answer-begun")
	defer response.Body.Close()
	a := readAnswer(response, time.Now())
	failpoint.Here("answer-read")
	return a, nil
}

// plainRegion is what a region's name may look like: it stands unescaped in the signature's scope.
var plainRegion = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`)

// check refuses what can't be put into an address.
func (k call) check() error {
	if !plainRegion.MatchString(k.region) {
		return fmt.Errorf("%.40q is not a region: write it like cn-north-1", k.region)
	}
	for _, part := range k.path {
		if part == "" || part == "." || part == ".." || len(part) > 256 {
			return fmt.Errorf("%.40q can't be part of a call's address, which takes 1 to 256 bytes other than . and .. there", part)
		}
	}
	return nil
}

// signed builds the request and signs it with a fresh nonce. Nothing that is signed may be changed afterwards, and
// nothing that lets net/http send a request again may be set: no GetBody, no Idempotency-Key.
func (c *Client) signed(ctx context.Context, k call) (*http.Request, error) {
	request, err := http.NewRequestWithContext(ctx, k.method, c.address(k), nil)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/json") // on reads too, as the vendor's clients do
	request.Header.Set("User-Agent", c.userAgent)
	if token := c.credentials.securityToken(); token != "" {
		request.Header.Set("x-jdcloud-security-token", token)
	}
	if k.body != nil {
		request.Body = io.NopCloser(bytes.NewReader(k.body))
		request.ContentLength = int64(len(k.body))
	}
	signer := core.NewSigner(c.credentials.forSigner(), core.NewDummyLogger())
	if _, err := signer.Sign(request, bytes.NewReader(k.body), signingService, k.region, time.Now()); err != nil {
		return nil, errors.New("the request can't be signed") // the signer's own words may hold the canonical request
	}
	return request, nil
}

// address escapes everything but letters, digits and -._~, as the signature wants it.
func (c *Client) address(k call) string {
	var s strings.Builder
	s.WriteString(c.endpoint.String())
	for _, part := range append([]string{"regions", k.region}, k.path...) {
		s.WriteByte('/')
		s.WriteString(core.EscapePath(part, true))
	}
	if len(k.query) > 0 {
		s.WriteByte('?')
		s.WriteString(strings.ReplaceAll(k.query.Encode(), "+", "%20")) // Encode sorts
	}
	return s.String()
}
