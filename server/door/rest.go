package door

import (
	"errors"
	"io"
	"net/http"
	"os"
	"strings"
	"time"
)

// What is read of a body after its request was refused, so that a client that
// sends all of it before it looks for the answer finds the answer, and not a
// connection that was reset under it.
const (
	restBytes  = 256 << 20
	restTime   = 2 * time.Minute
	restStall  = 5 * time.Second // without a byte
	restAtOnce = 128             // requests; what is sent beyond them is cut off

	shortBytes = 64 << 10 // a rest that is waited for before the answer,
	shortTime  = 200 * time.Millisecond
)

// rest is a body that knows whether it was read to its end.
type rest struct {
	io.ReadCloser
	control *http.ResponseController
	request *http.Request
	begun   bool
	err     error // with which it ended
}

func (b *rest) Read(p []byte) (int, error) {
	b.begun = true
	n, err := b.ReadCloser.Read(p)
	if err != nil {
		b.err = err
	}
	return n, err
}

// received takes the rest of a body whose request was refused before all of it
// had been read: the answer goes out at once, what is still sent is thrown
// away, within bounds, and then the connection is closed. (Closing a connection
// on which data arrives has the system reset it, and the client may then never
// see the answer; using it again could take the rest of a body for another
// request.) Where only a little is left, as of most requests, that is read
// first, and the connection stays. HTTP/2 ends one stream without touching the
// others and needs none of this.
func received(next http.Handler) http.Handler {
	places := make(chan struct{}, restAtOnce)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a, known := w.(*answerWriter)
		if !known || r.ProtoMajor != 1 || r.Body == nil || r.Body == http.NoBody {
			next.ServeHTTP(w, r)
			return
		}
		body := &rest{ReadCloser: r.Body, control: http.NewResponseController(w), request: r}
		r.Body = body
		left := false
		a.before = func(status int) {
			if left = status >= http.StatusMultipleChoices && !body.ended(status); left {
				w.Header().Set("Connection", "close")
			}
		}
		next.ServeHTTP(w, r)
		if !left || body.err != nil || body.waits() {
			return
		}
		select {
		case places <- struct{}{}:
			defer func() { <-places }()
		default:
			return
		}
		if body.control.Flush() == nil {
			_ = body.control.SetWriteDeadline(time.Now().Add(restTime + restStall)) // for the end of the answer
			body.throwAway(restBytes, restTime, restStall)
		}
	})
}

// waits reports whether the client sends nothing before it is asked to, which
// reading does.
func (b *rest) waits() bool {
	return !b.begun && strings.EqualFold(b.request.Header.Get("Expect"), "100-continue")
}

// ended reports whether all of the body has been read. It reads what is most
// likely short and has arrived: a short body, and what follows the end of what
// was understood of one that was taken.
func (b *rest) ended(status int) bool {
	short := b.request.ContentLength >= 0 && b.request.ContentLength <= shortBytes
	if b.err == nil && !b.waits() && (short || status < http.StatusBadRequest) {
		b.throwAway(shortBytes, shortTime, shortTime)
		if errors.Is(b.err, os.ErrDeadlineExceeded) {
			b.err = nil // it may still come
		}
	}
	return errors.Is(b.err, io.EOF)
}

// throwAway reads the body to its end, or to the end of patience.
func (b *rest) throwAway(most int64, within, stall time.Duration) {
	until := time.Now().Add(within)
	buffer := make([]byte, 16<<10)
	for b.err == nil && most > 0 {
		at := time.Now().Add(stall)
		if at.After(until) {
			at = until
		}
		if b.control.SetReadDeadline(at) != nil {
			return
		}
		n, err := b.Read(buffer)
		most -= int64(n)
		if errors.Is(err, io.EOF) {
			_ = b.control.SetReadDeadline(time.Time{})
		}
	}
}
