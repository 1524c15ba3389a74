package console

import (
	"io"
	"net/http"
	"sync"
	"time"
)

// heartbeat is how often a page that takes long shows that it is being worked
// on: what stands between a browser and the server does not wait forever.
const heartbeat = 10 * time.Second

// alive keeps the connection of a page that takes long: it begins the answer
// and sends blank lines, which mean nothing before a page.
type alive struct {
	w      http.ResponseWriter
	lang   string
	extend func()

	ended   chan struct{} // nil before start
	working sync.WaitGroup
	begun   bool
}

// start is called once by what may take long, before it begins.
func (a *alive) start(every time.Duration) {
	a.ended = make(chan struct{})
	a.working.Go(func() {
		beat := time.NewTicker(every)
		defer beat.Stop()
		for {
			select {
			case <-a.ended:
				return
			case <-beat.C:
			}
			a.extend()
			if !a.begun {
				a.begun = true
				pageHeaders(a.w, a.lang)
				a.w.WriteHeader(http.StatusOK)
			}
			if _, err := io.WriteString(a.w, "\n"); err != nil {
				return // nobody is there any more
			}
			_ = http.NewResponseController(a.w).Flush()
		}
	})
}

// stop ends it, and reports whether the answer has begun.
func (a *alive) stop() bool {
	if a.ended == nil {
		return false
	}
	close(a.ended)
	a.working.Wait()
	a.extend()
	return a.begun
}
