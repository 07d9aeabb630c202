package bastion

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net"
	"strings"
	"time"
)

// The parts of a good answer, for the peers that break it off.
const (
	statusLine   = "HTTP/1.1 200 OK\r\n"
	answerHeader = "Content-Type: application/json\r\nContent-Length: 57\r\n\r\n"
)

// broken are the ways in which a connection ends or hangs.
var broken = []failure{
	{peer: "resets the connection before it accepts it", class: InDoubt, or: true, via: resetBeforeAccept},
	{peer: "resets it when it has accepted it", class: InDoubt, or: true, plays: one((*visit).reset)},
	{peer: "resets it after the request's first byte", class: InDoubt, plays: resetAfter(func(v *visit) { v.read(1) })},
	{peer: "resets it within the request's header", class: InDoubt, plays: resetAfter(func(v *visit) { v.read(100) })},
	{peer: "resets it after the request's header", class: InDoubt, plays: resetAfter((*visit).header)},
	{peer: "resets it within the request's body", class: InDoubt, plays: resetAfter(func(v *visit) { v.header(); v.read(20) })},
	{peer: "resets it after the request", class: InDoubt, plays: resetAfter((*visit).request)},
	{peer: "resets it within the status line", class: InDoubt, plays: resetAfter(saying(statusLine[:10]))},
	{peer: "resets it after the status line", class: InDoubt, plays: resetAfter(saying(statusLine))},
	{peer: "resets it within the answer's header", class: InDoubt, plays: resetAfter(saying(statusLine + answerHeader[:20]))},
	{peer: "resets it after the answer's header", class: InDoubt, plays: resetAfter(saying(statusLine + answerHeader))},
	{peer: "resets it within the answer's body, behind the buyId", class: InDoubt, ids: "b-1",
		plays: resetAfter(saying(statusLine + answerHeader + accepted[:42]))},
	{peer: "resets it after the answer's last byte", bought: true, ids: "b-1",
		plays: resetAfter(saying(statusLine + answerHeader + accepted))},

	{peer: "closes the connection when it has accepted it", class: InDoubt, or: true, plays: one(func(*visit) {})},
	{peer: "closes it within the request", class: InDoubt, plays: one(func(v *visit) { v.read(100) })},
	{peer: "closes it after the request", class: InDoubt, plays: one((*visit).request)},
	{peer: "closes it within the answer's header", class: InDoubt, plays: one(saying(statusLine + answerHeader[:40]))},
	{peer: "closes it after the answer's header", class: InDoubt, plays: one(saying(statusLine + answerHeader))},
	{peer: "closes it within the buyId", class: InDoubt, plays: one(saying(statusLine + answerHeader + accepted[:38]))},
	{peer: "closes it behind the buyId", class: InDoubt, ids: "b-1", plays: one(saying(statusLine + answerHeader + accepted[:42]))},
	{peer: "closes it before the answer's last brace", class: InDoubt, ids: "b-1",
		plays: one(saying(statusLine + answerHeader + accepted[:56]))},

	{peer: "never reads the request", class: InDoubt, or: true, plays: one(func(v *visit) {
		v.peer.giveUp()
		<-v.peer.left
	})},
	{peer: "never answers", class: InDoubt, timed: true, plays: hangAfter((*visit).request)},
	{peer: "hangs within the request", class: InDoubt, timed: true, plays: hangAfter(func(v *visit) { v.read(100) })},
	{peer: "hangs after the status line", class: InDoubt, timed: true, plays: hangAfter(saying(statusLine))},
	{peer: "hangs within the answer's header", class: InDoubt, timed: true, plays: hangAfter(saying(statusLine + answerHeader[:40]))},
	{peer: "hangs within the answer's body, behind the buyId", class: InDoubt, ids: "b-1",
		timed: true, plays: hangAfter(saying(statusLine + answerHeader + accepted[:42]))},
	{peer: "hangs after an answer without a length", bought: true, ids: "b-1", timed: true, plays: hangAfter(saying(statusLine + "\r\n" + accepted))},
	{peer: "sends the answer byte by byte and never ends it", class: InDoubt, timed: true, plays: one(func(v *visit) {
		v.request()
		v.say(statusLine + "\r\n")
		v.peer.wg.Go(func() { _, _ = io.Copy(io.Discard, v.in) })
		for range 100 {
			v.say(" ")
			time.Sleep(time.Second)
		}
	})},
	{peer: "sends the header byte by byte and never ends it", class: InDoubt, timed: true, plays: one(func(v *visit) {
		v.request()
		v.say(statusLine)
		v.peer.wg.Go(func() { _, _ = io.Copy(io.Discard, v.in) })
		for range 100 {
			v.say("x")
			time.Sleep(time.Second)
		}
	})},
}

// paddedLine is a line of a header, 1 KiB long.
var paddedLine = "X-Pad: " + strings.Repeat("x", 1015) + "\r\n"

func saying(text string) func(*visit) {
	return func(v *visit) { v.request(); v.say(text) }
}

func resetAfter(play func(*visit)) []func(*visit) {
	return one(func(v *visit) { play(v); v.reset() })
}

func hangAfter(play func(*visit)) []func(*visit) {
	return one(func(v *visit) { play(v); v.hang() })
}

// resetBeforeAccept makes the kernel reset a connection that waits to be accepted.
func resetBeforeAccept(x *failing) {
	x.peer.stop()
	l, err := net.Listen("tcp", x.peer.Addr().String())
	if err != nil {
		x.t.Fatal(err)
	}
	dial := x.transport.dial
	x.transport.dial = func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := dial(ctx, network, address)
		l.Close()
		return conn, err
	}
}

// odd are the answers that are HTTP in an odd way, or not at all.
var odd = []failure{
	{peer: "speaks another protocol", class: InDoubt, plays: anyOf(raw("SSH-2.0-OpenSSH_9.9\r\n"), raw("\x00\x00\x12\x04\x00\x00\x00\x00\x00"))},
	{peer: "answers with a status of two or four digits, or none", class: InDoubt,
		plays: anyOf(
			raw("HTTP/1.1 20 OK\r\n\r\n"+accepted),
			raw("HTTP/1.1 2000 OK\r\n\r\n"+accepted),
			raw("HTTP/1.1 OK\r\n\r\n"+accepted),
		)},
	{peer: "answers in HTTP/1.0", bought: true, ids: "b-1", plays: raw("HTTP/1.0 200 OK\r\n\r\n" + accepted)},
	{peer: "answers with a header line without a colon", class: InDoubt, plays: raw(statusLine + "Content\r\n\r\n" + accepted)},
	{peer: "answers with more than 64 KiB of header, up to 10 MB", class: InDoubt, plays: anyOf(
		raw(statusLine+strings.Repeat(paddedLine, 80)+"\r\n"+accepted),
		raw(statusLine+strings.Repeat(paddedLine, 10<<10)+"\r\n"+accepted),
	)},

	{peer: "says a greater length than that of a whole answer", bought: true, ids: "b-1", plays: raw(statusLine + "Content-Length: 999\r\n\r\n" + accepted)},
	{peer: "says a greater length than that of a whole refusal", class: InDoubt,
		plays: raw("HTTP/1.1 400 Bad Request\r\nContent-Length: 999\r\n\r\n" + form("400", "INVALID_ARGUMENT", "bad"))},
	{peer: "says a smaller length than the answer's", class: InDoubt, ids: "b-1", plays: raw(statusLine + "Content-Length: 50\r\n\r\n" + accepted)},
	{peer: "says a length that is negative or no number", class: InDoubt,
		plays: anyOf(
			raw(statusLine+"Content-Length: -1\r\n\r\n"+accepted),
			raw(statusLine+"Content-Length: many\r\n\r\n"+accepted),
		)},
	{peer: "says two different lengths", class: InDoubt, plays: raw(statusLine + "Content-Length: 57\r\nContent-Length: 58\r\n\r\n" + accepted)},
	{peer: "says the same length twice", bought: true, ids: "b-1", plays: raw(statusLine + "Content-Length: 57\r\nContent-Length: 57\r\n\r\n" + accepted)},
	{peer: "says no length and closes", bought: true, ids: "b-1", plays: raw(statusLine + "\r\n" + accepted)},
	{peer: "sends chunks, beside a length", bought: true, ids: "b-1",
		plays: raw(statusLine + "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n" + chunked(accepted) + "0\r\n\r\n")},
	{peer: "sends chunks without the last one", bought: true, ids: "b-1", plays: raw(statusLine + "Transfer-Encoding: chunked\r\n\r\n" + chunked(accepted))},
	{peer: "sends a refusal in chunks without the last one", class: InDoubt,
		plays: raw("HTTP/1.1 400 Bad Request\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked(form("400", "INVALID_ARGUMENT", "bad")))},
	{peer: "sends a chunk of a broken size", class: InDoubt, plays: raw(statusLine + "Transfer-Encoding: chunked\r\n\r\nzz\r\n" + accepted)},
	{peer: "sends another transfer encoding", class: InDoubt, plays: raw(statusLine + "Transfer-Encoding: gzip\r\n\r\n" + accepted)},

	{peer: "answers 100, 102 or 103 before the answer", bought: true, ids: "b-1",
		plays: raw("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </>\r\n\r\n" + response("200 OK", "", accepted))},
	{peer: "answers 100 and nothing else", class: InDoubt, timed: true, plays: hangAfter(saying("HTTP/1.1 100 Continue\r\n\r\n"))},
	{peer: "answers 1xx without end", class: InDoubt, plays: one(func(v *visit) {
		v.request()
		for range 10_000 {
			v.say("HTTP/1.1 103 Early Hints\r\n\r\n")
		}
	})},
	{peer: "changes to another protocol (101) and is silent", class: InDoubt, timed: true,
		plays: anyOf(
			one(func(v *visit) {
				v.request()
				v.say("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
				<-v.peer.left
			}),
			raw("HTTP/1.1 101 Switching Protocols\r\n\r\n"),
		)},

	{peer: "packs the answer with gzip, unasked", bought: true, ids: "b-1", plays: says("200 OK", "Content-Encoding: gzip\r\n", packed(accepted))},
	{peer: "packs it without saying so", bought: true, ids: "b-1", plays: says("200 OK", "", packed(accepted))},
	{peer: "says that the answer is packed when it is not", bought: true, ids: "b-1", plays: says("200 OK", "Content-Encoding: gzip\r\n", accepted)},
	{peer: "packs a refusal", class: Rejected, plays: says("400 Bad Request", "Content-Encoding: gzip\r\n", packed(form("400", "INVALID_ARGUMENT", "bad")))},
	{peer: "packs a refusal and cuts its end off", class: InDoubt, plays: says("400 Bad Request", "Content-Encoding: gzip\r\n",
		packed(form("400", "INVALID_ARGUMENT", "bad"))[:80])},
	{peer: "packs 10 MB of nothing", class: InDoubt, plays: says("200 OK", "Content-Encoding: gzip\r\n", packed(strings.Repeat(" ", 10<<20)))},
	{peer: "packs it in a way that nobody asked for (br, deflate)", class: InDoubt, plays: says("200 OK", "Content-Encoding: br\r\n", "\x8b\x1c\x80{")},
	{peer: "begins the answer with a byte order mark", bought: true, ids: "b-1", plays: says("200 OK", "", "\ufeff"+accepted)},
	{peer: "answers in UTF-16", class: InDoubt, plays: says("200 OK", "", "\xff\xfe"+strings.Join(strings.Split(accepted, ""), "\x00")+"\x00")},
	{peer: "refuses in words of another charset (GBK)", class: Rejected,
		plays: says("400 Bad Request", "Content-Type: application/json; charset=gbk\r\n", form("400", "INVALID_ARGUMENT", "\xb2\xce\xca\xfd\xb4\xed\xce\xf3"))},

	{peer: "sends 10 MB, the ids first", bought: true, ids: "b-1", plays: says("200 OK", "", accepted+strings.Repeat(" ", 10<<20))},
	{peer: "sends 10 MB, the ids last", class: InDoubt, plays: says("200 OK", "", `{"pad":"`+strings.Repeat("x", 10<<20)+`",`+accepted[1:])},
	{peer: "sends 10 MB of a refusal", class: InDoubt, plays: says("400 Bad Request", "", form("400", "INVALID_ARGUMENT", strings.Repeat("x", 10<<20)))},

	{peer: "answers twice at once", bought: true, ids: "b-1", plays: raw(response("200 OK", "", accepted) + response("200 OK", "", acceptedAs(2)))},
	{peer: "refuses and then accepts in one body", class: InDoubt, ids: "b-1", plays: says("400 Bad Request", "", form("400", "INVALID_ARGUMENT", "bad")+accepted)},
	{peer: "answers 503 before it has read anything", class: InDoubt, or: true, plays: one(func(v *visit) {
		v.say(response("503 Service Unavailable", "Connection: close\r\n", ""))
		v.request()
	})},
}

func chunked(text string) string { return fmt.Sprintf("%x\r\n%s\r\n", len(text), text) }

func packed(text string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = w.Write([]byte(text))
	_ = w.Close()
	return b.String()
}
