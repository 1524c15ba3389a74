package door

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"time"
)

// What is read of a body after its request was answered, so that a client that
// sends all of it before it looks for the answer finds the answer, and not a
// connection that was reset under it.
const (
	restBytes   = 256 << 20
	restTime    = 2 * time.Minute
	restStall   = 5 * time.Second // without a byte
	restAtOnce  = 128             // requests; what is sent beyond them is cut off as before
	restReadBuf = 32 << 10
)

// rest is a body that knows whether it was read to its end.
type rest struct {
	io.ReadCloser
	begun bool
	err   error // with which it ended
}

func (b *rest) Read(p []byte) (int, error) {
	b.begun = true
	n, err := b.ReadCloser.Read(p)
	if err != nil {
		b.err = err
	}
	return n, err
}

// received takes the rest of a body that was answered before all of it had
// been read: the answer goes out at once, and what is still sent is thrown
// away, within bounds. (Closing a connection on which data arrives has the
// system reset it, and the client may then never see the answer.) HTTP/2 ends
// one stream without touching the others and needs none of this.
func received(next http.Handler) http.Handler {
	places := make(chan struct{}, restAtOnce)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ProtoMajor != 1 || r.Body == nil || r.Body == http.NoBody {
			next.ServeHTTP(w, r)
			return
		}
		body := &rest{ReadCloser: r.Body}
		r.Body = body
		control := http.NewResponseController(w)
		// Else the server itself would read on before it begins to answer.
		if err := control.EnableFullDuplex(); err != nil {
			next.ServeHTTP(w, r)
			return
		}
		next.ServeHTTP(w, r)
		waits := !body.begun && strings.EqualFold(r.Header.Get("Expect"), "100-continue") // it sends nothing unless asked to
		a, known := w.(*answerWriter)
		if body.err != nil || waits || known && a.status < http.StatusMultipleChoices {
			return // a stream that was answered ended where it was meant to
		}
		select {
		case places <- struct{}{}:
			defer func() { <-places }()
		default:
			return
		}
		if control.Flush() == nil {
			throwAway(control, body.ReadCloser)
		}
	})
}

// throwAway reads a body to its end, or to the end of patience.
func throwAway(control *http.ResponseController, body io.Reader) {
	until := time.Now().Add(restTime)
	_ = control.SetWriteDeadline(until.Add(restStall)) // for the end of the answer
	buffer := make([]byte, restReadBuf)
	for left := int64(restBytes); left > 0; {
		at := time.Now().Add(restStall)
		if at.After(until) {
			at = until
		}
		if control.SetReadDeadline(at) != nil {
			return
		}
		n, err := body.Read(buffer)
		left -= int64(n)
		if errors.Is(err, io.EOF) {
			_ = control.SetReadDeadline(time.Time{})
		}
		if err != nil {
			return
		}
	}
}
