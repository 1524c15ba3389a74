package door

import (
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"sync/atomic"
	"time"

	"github.com/servicerules/rulebook/server/problem"
)

// Pace says how slow a body may be. It may take as long as it needs, as long as it moves on. What is bounded
// is how long nothing of it comes, and how slow it is all in all: Grace and
// then a second for each Rate bytes.
type Pace struct {
	Stall  time.Duration // without a byte
	Grace  time.Duration // before the rate counts
	Rate   int64         // bytes a second, at least
	Answer time.Duration // for the answer to be taken, from the last byte on
}

// UsualPace is that of a server: a body of 64 KiB takes at most 46 seconds,
// one of 64 MiB may take hours.
var UsualPace = Pace{Stall: 10 * time.Second, Grace: 30 * time.Second, Rate: 4 << 10, Answer: time.Minute}

// TooSlow is the refusal of a body that does not move on.
func TooSlow() *problem.Problem {
	return problem.New(http.StatusRequestTimeout, "too_slow",
		problem.Text{ZH: "请求内容到得太慢，或中途停了", EN: "the body came too slowly, or not to its end"},
		problem.Text{ZH: "检查网络后重新发送；大的分批发", EN: "check the connection and send it again; send what is large in pieces"})
}

// paced is a body that is read at its pace.
type paced struct {
	io.ReadCloser
	pace     Pace
	control  *http.ResponseController
	began    time.Time
	extended time.Time // the time for the answer
	received int64
	limited  bool // the server limits the time of answers
	off      bool

	all  *atomic.Int64 // bytes of all bodies that are held; nil where this one is not
	held int64
}

// heldBytes is how much the bodies of all requests at a time may take that are
// read into memory; each is bounded by its route.
const heldBytes = 24 << 20

// ErrCrowded says that the bodies of other requests take all that there is for
// them.
var ErrCrowded = errors.New("too much is being sent at once")

// Crowded is the refusal.
func Crowded() *problem.Problem {
	p := problem.New(http.StatusTooManyRequests, "busy", problem.Text{ZH: "同时发送的内容太多", EN: "too much is being sent at once"},
		problem.Text{ZH: "稍后再试", EN: "try again later"})
	p.RetryAfter = time.Second
	return p
}

func (p *paced) Read(b []byte) (int, error) {
	if p.off {
		return p.ReadCloser.Read(b)
	}
	now := time.Now()
	if p.began.IsZero() {
		p.began = now
	}
	until := p.began.Add(p.pace.Grace + time.Duration(float64(p.received)/float64(p.pace.Rate)*float64(time.Second)))
	if stalled := now.Add(p.pace.Stall); stalled.Before(until) {
		until = stalled
	}
	if !until.After(now) {
		return 0, os.ErrDeadlineExceeded
	}
	_ = p.control.SetReadDeadline(until)
	p.extend(now, until)
	n, err := p.ReadCloser.Read(b)
	p.received += int64(n)
	if p.all != nil {
		p.held += int64(n)
		if p.all.Add(int64(n)) > heldBytes {
			return 0, ErrCrowded
		}
	}
	switch {
	case errors.Is(err, io.EOF):
		_ = p.control.SetReadDeadline(time.Time{}) // see forever
		p.extended = time.Time{}
		p.extend(time.Now(), time.Now())
	case err != nil && !time.Now().Before(until):
		err = os.ErrDeadlineExceeded // also where another layer words it otherwise
	}
	return n, err
}

// extend gives the answer its time, counted from the last byte on.
func (p *paced) extend(now, until time.Time) {
	if p.limited && now.Sub(p.extended) > time.Second {
		p.extended = now
		_ = p.control.SetWriteDeadline(until.Add(p.pace.Answer))
	}
}

// forever takes the time away that there is for reading a request: where it
// runs out after the body, the server takes the caller for gone and ends what
// is being done for him.
func forever(w http.ResponseWriter) { _ = http.NewResponseController(w).SetReadDeadline(time.Time{}) }

type pacedKey struct{}

// Unpaced leaves the times of a body to the handler, for a stream.
func Unpaced(ctx context.Context) {
	if p, ok := ctx.Value(pacedKey{}).(*paced); ok {
		p.off, p.all = true, nil
	}
}

// Spooled says that the body is not held in memory.
func Spooled(ctx context.Context) {
	if p, ok := ctx.Value(pacedKey{}).(*paced); ok {
		p.all = nil
	}
}

// paced gives bodies their times, and refuses those that are encoded: nothing
// here decodes them.
func (o Options) paced(next http.Handler) http.Handler {
	pace := o.Pace
	if pace == (Pace{}) {
		pace = UsualPace
	}
	var held atomic.Int64
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for _, encoding := range r.Header.Values("Content-Encoding") {
			if encoding != "" && encoding != "identity" {
				p := problem.New(http.StatusUnsupportedMediaType, "encoded",
					problem.Text{ZH: "不接受压缩或编码过的内容", EN: "an encoded body is not taken"},
					problem.Text{ZH: "不压缩发送，去掉 Content-Encoding", EN: "send it as it is, without Content-Encoding"})
				p.Parameter = "Content-Encoding"
				w.Header().Set("Accept-Encoding", "identity")
				write(w, r, p)
				return
			}
		}
		if r.Body == nil || r.Body == http.NoBody {
			forever(w)
		} else {
			p := &paced{ReadCloser: r.Body, pace: pace, control: http.NewResponseController(w), all: &held}
			defer func() { held.Add(-p.held) }()
			if server, ok := r.Context().Value(http.ServerContextKey).(*http.Server); ok {
				p.limited = server.WriteTimeout > 0
			}
			r = r.WithContext(context.WithValue(r.Context(), pacedKey{}, p))
			r.Body = p
		}
		next.ServeHTTP(w, r)
	})
}
