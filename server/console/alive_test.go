package console

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A page that takes longer than the server's times arrives, behind blank
// lines; one that does not is as any other.
func TestAlive(t *testing.T) {
	for _, long := range []bool{false, true} {
		s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			a := &alive{w: w, lang: "en", extend: extender(w, r)}
			a.start(20 * time.Millisecond)
			if long {
				time.Sleep(300 * time.Millisecond)
			}
			if !a.stop() {
				w.WriteHeader(http.StatusTeapot)
			}
			_, _ = io.WriteString(w, "<!doctype html>")
		}))
		s.Config.WriteTimeout = 100 * time.Millisecond
		s.Start()
		resp, err := http.Get(s.URL)
		require.NoError(t, err)
		data, err := io.ReadAll(resp.Body)
		require.NoError(t, err)
		if long {
			assert.Equal(t, http.StatusOK, resp.StatusCode)
			assert.Regexp(t, `^\n+<!doctype html>$`, string(data))
			assert.Equal(t, "text/html; charset=utf-8", resp.Header.Get("Content-Type"))
		} else {
			assert.Equal(t, http.StatusTeapot, resp.StatusCode)
			assert.Equal(t, "<!doctype html>", string(data))
		}
		require.NoError(t, resp.Body.Close())
		s.Close()
	}
}
