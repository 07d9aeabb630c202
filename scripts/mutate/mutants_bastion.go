package main

import "fmt"

// What answers mean, and when a request counts as not sent.

// statuses are the rows of the table of error statuses.
var statuses = []string{
	"RATE_LIMIT", "REQUEST_LIMITEXCEEDED", "REQUEST_LIMIT_EXCEEDED", "TOO_MANY_REQUESTS", "THROTTLED", "THROTTLING",
	"INVALID_ARGUMENT", "OUT_OF_RANGE", "FAILED_PRECONDITION", "NOT_FOUND", "ARGUMENT_NOTFOUND", "HTTP_BAD_REQUEST",
	"HTTP_NOT_FOUND", "QUOTA_EXCEEDED", "QUOTAEXCEEDED",
	"UNAUTHENTICATED", "HTTP_UNAUTHORIZED", "HTTP_FORBIDDEN", "PERMISSION_DENIED",
}

// unknown are statuses that must not become known: what they bought, nobody knows.
var unknown = []string{"ABORTED", "CANCELLED", "ALREADY_EXISTS", "ORDER_NOT_FOUND", "INTERNAL", "DEADLINE_EXCEEDED"}

// classMutants takes each row out of the table of statuses, and puts in what must not be there.
func classMutants() []list {
	l := list{file: "pkg/bastion/classify.go", tests: []string{bastionTests + " -run EveryStatus|Answers", bastionTests}}
	for _, s := range statuses {
		l.mutants = append(l.mutants, mutant{
			name: "the status " + s,
			edit: edit{old: fmt.Sprintf("\t%q:", s), new: fmt.Sprintf("\t%q:", "NO "+s)},
		})
	}
	for _, s := range unknown {
		l.mutants = append(l.mutants, mutant{
			name: "that nobody knows what " + s + " bought",
			edit: edit{old: "\t\"RATE_LIMIT\":", new: fmt.Sprintf("\t%q: Rejected,\n\t\"RATE_LIMIT\":", s)},
		})
	}
	l.mutants = append(l.mutants, ruleMutants...)
	return []list{l}
}

// ruleMutants are of the rules around the table.
var ruleMutants = []mutant{
	{name: "only the API's error form tells of a refusal", edit: edit{old: "if a.apiError == nil || !a.clean || !a.allIDs().none() {", new: "if a.apiError == nil {\n\t\treturn Rejected\n\t}\n\tif !a.clean || !a.allIDs().none() {"}},
	{name: "an error form must be whole and alone", edit: edit{old: "if a.apiError == nil || !a.clean || !a.allIDs().none() {", new: "if a.apiError == nil || !a.allIDs().none() {"}},
	{name: "an error that names a purchase is no refusal", edit: edit{old: "if a.apiError == nil || !a.clean || !a.allIDs().none() {", new: "if a.apiError == nil || !a.clean {"}},
	{name: "a refusal's codes speak of the caller's fault", edit: edit{old: "\tif !refused {\n\t\treturn InDoubt\n\t}\n", new: "\t_ = refused\n"}},
	{name: "the HTTP status speaks of the caller's fault", edit: edit{old: "if !callersFault(code) || !success && !callersFault(a.status) {", new: "if _ = success; !callersFault(code) {"}},
	{name: "the error's code speaks of the caller's fault", edit: edit{old: "if !callersFault(code) || !success && !callersFault(a.status) {", new: "if !success && !callersFault(a.status) {"}},
	{name: "408 may have bought", edit: edit{old: "case http.StatusRequestTimeout, http.StatusConflict, clientClosed:", new: "case http.StatusConflict, clientClosed:"}},
	{name: "409 may have bought", edit: edit{old: "case http.StatusRequestTimeout, http.StatusConflict, clientClosed:", new: "case http.StatusRequestTimeout, clientClosed:"}},
	{name: "499 may have bought", edit: edit{old: "http.StatusConflict, clientClosed:", new: "http.StatusConflict, clientClosed + 1000:"}},
	{name: "3xx may have bought", edit: edit{old: "return code >= 400 && code <= 499", new: "return code >= 300 && code <= 499"}},
	{name: "5xx may have bought", edit: edit{old: "return code >= 400 && code <= 499", new: "return code >= 400 && code <= 599"}},
	{name: "a refused nonce may have bought", edit: edit{old: "case strings.Contains(message, \"nonce\"):", new: "case false:"}},
	{name: "401 is a refusal of the credentials", edit: edit{old: "case code == http.StatusUnauthorized:", new: "case false:"}},
	{name: "429 is looked into", edit: edit{old: "if code == http.StatusTooManyRequests {\n\t\treturn throttleOr", new: "if false {\n\t\treturn throttleOr"}},
	{name: "429 without a word is not known", edit: edit{old: "return throttleOr(InDoubt, code, message)", new: "return throttleOr(Throttled, code, message)"}},
	{name: "a 400 that throttles is told by its message", edit: edit{old: "return throttleOr(Rejected, code, message)", new: "return Rejected"}},
	{name: "messages tell throttles with 400 and 429 alone", edit: edit{old: "case code != http.StatusTooManyRequests && code != http.StatusBadRequest:", new: "case false:"}},
	{name: "a quota is told by its message", edit: edit{old: "case slices.ContainsFunc(quotaWords, says):", new: "case false:"}},
	{name: "a throttle is told by its message", edit: edit{old: "case slices.ContainsFunc(throttleWords, says):", new: "case false:"}},
	{name: "only product statuses count behind a word", edit: edit{old: "slices.Contains(productStatuses, rest) {", new: "rest != \"\" {"}},
	{name: "product statuses count behind a word", edit: edit{old: "slices.Contains(productStatuses, rest) {", new: "false {"}},
	{name: "what no row names is in doubt", edit: edit{old: "\t\treturn throttleOr(InDoubt, code, message)\n\t}\n\treturn InDoubt", new: "\t\treturn throttleOr(InDoubt, code, message)\n\t}\n\treturn Rejected"}},
}

var bastionMutants = []list{
	{"pkg/bastion/error.go", []string{bastionTests}, []mutant{
		{name: "the zero class is the cautious one", edit: edit{old: "\tInDoubt   Class = iota // it may have bought: never make the call again\n\tNotSent               ", new: "\tNotSent Class = iota\n\tInDoubt "}},
	}},
	{"pkg/bastion/create.go", []string{bastionTests}, []mutant{
		{name: "only a 2xx says that it bought", edit: edit{old: "if a.status/100 != 2 || a.ids.none() || len(all.buys) > 1 {", new: "if a.ids.none() || len(all.buys) > 1 {"}},
		{name: "a purchase has an id", edit: edit{old: "if a.status/100 != 2 || a.ids.none() || len(all.buys) > 1 {", new: "if a.status/100 != 2 || len(all.buys) > 1 {"}},
		{name: "a purchase has one buyId", edit: edit{old: "if a.status/100 != 2 || a.ids.none() || len(all.buys) > 1 {", new: "if a.status/100 != 2 || a.ids.none() {"}},
	}},
	{"pkg/bastion/create.go", []string{bastionTests + " -run Named|Answer", bastionTests}, []mutant{
		{name: "an answer that names an earlier purchase is none", edit: edit{old: "case !first:", new: "case !first && false:"}},
		{name: "such an answer's ids lead nobody to that purchase", edit: edit{old: "return CreateInstanceResult{}, a.repeated(k)", new: "return CreateInstanceResult{}, a.failure(k)"}},
		{name: "a doubtful answer's ids are remembered too", edit: edit{file: "pkg/bastion/create.go", old: "first := c.claims.claim(a.allIDs()); {", new: "first := !bought || c.claims.claim(a.allIDs()); {"}},
		{name: "buyIds are remembered", edit: edit{file: "pkg/bastion/named.go", old: "c.seen[\"buy \"+id] = true", new: "_ = id"}},
		{name: "sourceIds are remembered", edit: edit{file: "pkg/bastion/named.go", old: "c.seen[\"source \"+id] = true", new: "_ = id"}},
	}},
	{"pkg/bastion/answer.go", []string{bastionTests}, []mutant{
		{name: "a body that broke off is not whole", edit: edit{old: "a.clean = a.cut == nil && err == io.EOF", new: "a.clean = err == io.EOF"}},
		{name: "a body with something behind it is not whole", edit: edit{old: "a.clean = a.cut == nil && err == io.EOF", new: "a.clean = a.cut == nil && err != io.ErrNoProgress"}},
		{name: "a body that says two things is not clean", edit: edit{old: " && !repeatsMember(a.body)", new: ""}},
		{name: "an answer's body is bounded", edit: edit{old: "io.LimitReader(r, MaxAnswer+1)", new: "io.LimitReader(r, 64*MaxAnswer)"}},
		{name: "a pause that is asked for is bounded", edit: edit{old: "min(seconds, maxRetryAfter.Seconds())", new: "seconds"}},
	}},
	{"pkg/bastion/delivery.go", []string{bastionTests}, []mutant{
		{name: "a sealed connection takes no byte", edit: edit{old: "\tif c.sealed {\n", new: "\tif false {\n"}},
		{name: "proof seals the connection", edit: edit{old: "\tc.sealed = true\n", new: ""}},
		{name: "bytes that left are proof", edit: edit{old: "return c.writing == 0 && c.written == mark", new: "return c.writing == 0"}},
		{name: "a write under way counts as one that happened", edit: edit{old: "return c.writing == 0 && c.written == mark", new: "return c.written == mark"}},
		{name: "written bytes are counted", edit: edit{old: "\tc.written += int64(n)\n", new: ""}},
		{name: "a connection that is not ours proves nothing", edit: edit{old: "if p.conn == nil || !p.conn.seal(p.mark) {", new: "if p.conn != nil && !p.conn.seal(p.mark) {"}},
		{name: "every connection that the request was put on counts", edit: edit{old: "\td.places = append(d.places, p)\n", new: "\td.places = []place{p}\n"}},
		{name: "of a foreign transport only a failed dial is proof", edit: edit{old: "return ours || isDialError(err)", new: "return ours || err != nil"}},
		{name: "a failed dial is proof", edit: edit{old: "op.Op == \"dial\"", new: "op.Op == \"\""}},
		{name: "no dial but a failed one", edit: edit{old: "return errors.As(err, &op) && op.Op == \"dial\"", new: "return errors.As(err, &op)"}},
		{name: "connections are watched", edit: edit{old: "if conn, ok := metered(info.Conn); ok {", new: "if conn, ok := metered(info.Conn); ok && false {"}},
	}},
	{"pkg/bastion/client.go", []string{bastionTests}, []mutant{
		{name: "a call without an answer is in doubt", edit: edit{old: "class := InDoubt\n", new: "class := NotSent\n"}},
		{name: "a call with no byte sent may be made again", edit: edit{old: "\t\t\tclass = NotSent\n", new: ""}},
		{name: "a call takes no longer than its bound", edit: edit{old: "ctx, cancel := context.WithTimeoutCause(ctx, c.timeout, late)", new: "ctx, cancel := context.WithTimeoutCause(ctx, 1000*c.timeout, late)"}},
		{name: "what can't be in an address is refused", edit: edit{old: "if !plainRegion.MatchString(k.region) {", new: "if false {"}},
	}},
	{"pkg/bastion/transport.go", []string{bastionTests}, []mutant{
		{name: "connections of ours are metered", edit: edit{old: "return &meteredConn{Conn: conn}, nil", new: "return conn, nil"}},
		{name: "no connection carries two purchases", edit: edit{old: "\tt.buying.MaxIdleConnsPerHost = -1 ", new: "\t"}},
		{name: "TLS connections made ahead verify the server's certificate", edit: edit{old: "config := t.buying.TLSClientConfig.Clone()\n", new: "config := t.buying.TLSClientConfig.Clone()\n\tconfig.InsecureSkipVerify = true\n"}},
		{name: "TLS connections made ahead are to the server of that name", edit: edit{old: "if config.ServerName, _, err = net.SplitHostPort(address); err != nil {", new: "if config.ServerName = \"127.0.0.1\"; err != nil {"}},
		{name: "a TLS handshake is bounded", edit: edit{old: "context.WithTimeoutCause(ctx, tlsTimeout, late)", new: "context.WithTimeoutCause(ctx, 100*tlsTimeout, late)"}},
		{name: "a connection is not left open by a handshake that failed", edit: edit{old: "\t\t_ = conn.Close()\n\t\tif context.Cause", new: "\t\tif context.Cause"}},
		{name: "connections made ahead are metered, those of TLS too", edit: edit{old: "\tsecured := tls.Client(conn, config)\n", new: "\tsecured := tls.Client(struct{ net.Conn }{conn}, config)\n"}},
		{name: "TLS is 1.2 at least", edit: edit{old: "tls.VersionTLS12", new: "tls.VersionTLS10"}},
		{name: "no more connections than calls in flight", edit: edit{old: "\t\tMaxConnsPerHost:        parallelism,\n", new: ""}},
	}},
	{"pkg/bastion/spare.go", []string{bastionTests}, []mutant{
		{name: "no connection is used that waited too long", edit: edit{old: "time.AfterFunc(spareAge,", new: "time.AfterFunc(100*spareAge,"}},
		{name: "no connection is used that leads elsewhere", edit: edit{old: "if oldest.expiry.Stop() && oldest.address == address {", new: "if oldest.expiry.Stop() {"}},
		{name: "a connection is given to one call", edit: edit{old: "\t\t\tconn = oldest.conn\n", new: "\t\t\tconn, s.ready = oldest.conn, append(s.ready, oldest)\n"}},
		{name: "connections made ahead are bounded", edit: edit{old: " && s.making+len(s.ready) < s.limit", new: ""}},
		{name: "connections are made ahead only while calls follow each other", edit: edit{old: " && now.Sub(s.last) < spareAge", new: ""}},
		{name: "a connection that is ready too late is closed", edit: edit{old: "\tcase s.closed:\n\t\t_ = conn.Close()\n", new: ""}},
		{name: "connections that nobody needs are closed", edit: edit{old: "\t\t_ = waiting.conn.Close()\n", new: ""}},
	}},
}
