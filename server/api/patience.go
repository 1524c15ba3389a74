package api

import (
	"net/http"
	"time"
)

const (
	lineTime = 30 * time.Second // for the next line to arrive
	takeTime = 60 * time.Second // for the caller to take what is answered
)

// patience extends the times of a long request step by step: what moves on may
// take as long as it likes.
type patience struct {
	control *http.ResponseController
	usual   time.Duration // that the server allows for writing, 0 for no limit
}

func patienceFor(w http.ResponseWriter, r *http.Request) patience {
	p := patience{control: http.NewResponseController(w)}
	if server, ok := r.Context().Value(http.ServerContextKey).(*http.Server); ok {
		p.usual = server.WriteTimeout
	}
	return p
}

func (p patience) read()  { _ = p.control.SetReadDeadline(time.Now().Add(lineTime)) }
func (p patience) write() { _ = p.control.SetWriteDeadline(time.Now().Add(takeTime)) }

// unblock ends a read that waits for the caller.
func (p patience) unblock() { _ = p.control.SetReadDeadline(time.Now()) }

// forever takes the time for reading away: where it runs out after the body,
// the server takes the caller for gone.
func (p patience) forever() { _ = p.control.SetReadDeadline(time.Time{}) }

// restore leaves the connection to the next request as the server had it; for
// reading the server sees to that.
func (p patience) restore() {
	if p.usual == 0 {
		_ = p.control.SetWriteDeadline(time.Time{})
	}
}

// patient is a writer that extends the time each time some of it is taken.
type patient struct {
	http.ResponseWriter
	patience
}

func (w patient) Write(b []byte) (int, error) {
	w.patience.write()
	return w.ResponseWriter.Write(b)
}
