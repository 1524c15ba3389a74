package door_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook/server/door"
	"github.com/servicerules/rulebook/server/internal/spool"
	"github.com/servicerules/rulebook/server/internal/tables"
	"github.com/servicerules/rulebook/server/problem"
)

// slowServer takes bodies at a quick pace; its own times for a request and an
// answer are shorter than those of the bodies below.
func slowServer(t *testing.T, h http.HandlerFunc) string {
	t.Helper()
	pace := door.Pace{Stall: time.Second, Grace: 2 * time.Second, Rate: 10_000, Answer: 2 * time.Second}
	s := httptest.NewUnstartedServer(door.New(h, door.Options{Hosts: []string{"127.0.0.1"}, Pace: pace}))
	s.Config.ReadTimeout, s.Config.WriteTimeout, s.Config.ReadHeaderTimeout = 400*time.Millisecond, 400*time.Millisecond, 400*time.Millisecond
	s.Start()
	t.Cleanup(s.Close)
	return s.Listener.Addr().String()
}

// readAll answers with how much it read, or with what went wrong.
func readAll(w http.ResponseWriter, r *http.Request) {
	data, err := io.ReadAll(r.Body)
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		problem.Write(w, r, door.TooSlow())
	case err != nil:
		http.Error(w, "unreadable", http.StatusBadRequest)
	default:
		_, _ = fmt.Fprintf(w, "%d", len(data))
	}
}

// send sends the head of a request with so many bytes of body, and then pieces
// of the body, a while apart; an answer has to come within half a minute.
func send(t *testing.T, address string, length, piece int, apart time.Duration, chunked bool) (status int, body string) {
	t.Helper()
	c, err := net.Dial("tcp", address)
	require.NoError(t, err)
	defer func() { _ = c.Close() }()
	head := fmt.Sprintf("Content-Length: %d", length)
	if chunked {
		head = "Transfer-Encoding: chunked"
	}
	_, err = io.WriteString(c, "POST / HTTP/1.1\r\nHost: 127.0.0.1\r\n"+head+"\r\n\r\n")
	require.NoError(t, err)
	go func() {
		for sent := 0; sent < length; sent += piece {
			text := strings.Repeat("x", min(piece, length-sent))
			if chunked {
				text = fmt.Sprintf("%x\r\n%s\r\n", len(text), text)
			}
			if _, err := io.WriteString(c, text); err != nil {
				return
			}
			time.Sleep(apart)
		}
		if chunked {
			_, _ = io.WriteString(c, "0\r\n\r\n")
		}
	}()
	require.NoError(t, c.SetReadDeadline(time.Now().Add(30*time.Second)))
	resp, err := http.ReadResponse(bufio.NewReader(c), nil)
	require.NoError(t, err)
	defer func() { _ = resp.Body.Close() }()
	data, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return resp.StatusCode, string(data)
}

// What moves on may take long; what stalls, or trickles for long, is cut off
// with 408.
func TestPace(t *testing.T) {
	address := slowServer(t, readAll)
	for name, x := range map[string]struct {
		length, piece int
		apart         time.Duration
		status        int
	}{
		"quick":                  {100_000, 100_000, 0, 200},
		"slow":                   {100_000, 2_000, 40 * time.Millisecond, 200},
		"in large pieces":        {40_000, 8_000, 200 * time.Millisecond, 200},
		"stalled from the start": {100_000, 100_000, 0, 408},
		"stalled later":          {20_000, 10_000, time.Hour, 408},
		"a trickle":              {100_000, 10, 100 * time.Millisecond, 408},
	} {
		for _, chunked := range []bool{false, true} {
			t.Run(fmt.Sprint(name, chunked), func(t *testing.T) {
				t.Parallel()
				length := x.length
				if name == "stalled from the start" {
					x.piece, x.apart = 1, time.Hour
				}
				status, body := send(t, address, length, x.piece, x.apart, chunked)
				assert.Equal(t, x.status, status, body)
				if x.status == 200 {
					assert.Equal(t, fmt.Sprint(length), body)
				} else {
					assert.Contains(t, body, "too_slow")
				}
			})
		}
	}
}

// A handler that works for long after the body, or without one, is not taken
// for one whose caller is gone.
func TestPaceLeavesHandlersTime(t *testing.T) {
	address := slowServer(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		select {
		case <-r.Context().Done():
			http.Error(w, "gone", http.StatusServiceUnavailable)
		case <-time.After(time.Second):
			_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(time.Second))
			_, _ = io.WriteString(w, "done")
		}
	})
	for _, length := range []int{0, 10} {
		status, body := send(t, address, length, 10, 0, false)
		assert.Equal(t, http.StatusOK, status, body)
		assert.Equal(t, "done", body)
	}
}

func TestEncodedBodies(t *testing.T) {
	h := door.New(http.HandlerFunc(readAll), door.Options{Hosts: []string{"example.com"}})
	for encoding, status := range map[string]int{"": 200, "identity": 200, "gzip": 415, "br": 415, "gzip, identity": 415, "x": 415} {
		r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader("{}"))
		if encoding != "" {
			r.Header.Set("Content-Encoding", encoding)
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		assert.Equal(t, status, w.Code, encoding)
	}
}

// What all requests hold together is bounded; what one leaves can be had by
// the next, and what goes to the disk does not count.
func TestBodiesTogetherAreBounded(t *testing.T) {
	const piece = 1 << 20
	leave := make(chan struct{})
	arrived := make(chan error, 100)
	h := door.New(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/spooled" {
			door.Spooled(r.Context())
		}
		_, err := io.Copy(io.Discard, r.Body)
		arrived <- err
		if err == nil && r.URL.Path != "/last" {
			<-leave
		}
	}), door.Options{Hosts: []string{"example.com"}})
	send := func(path string) {
		r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(strings.Repeat("x", piece)))
		h.ServeHTTP(httptest.NewRecorder(), r)
	}
	var all sync.WaitGroup
	for range 24 {
		all.Go(func() { send("/") })
		require.NoError(t, <-arrived)
	}
	for range 10 {
		all.Go(func() { send("/spooled") })
		require.NoError(t, <-arrived)
	}
	send("/last")
	require.ErrorIs(t, <-arrived, door.ErrCrowded)
	close(leave)
	all.Wait()
	send("/last")
	require.NoError(t, <-arrived)
}

// Of a form whose end comes a little after its last table nothing is left over
// while the tables are worked on, however long that takes: what is left would
// count as a caller who stalls, and the answer could be lost.
func TestFormsAreReadToTheirEnd(t *testing.T) {
	room := spool.NewRoom(t.TempDir(), 1<<20)
	address := slowServer(t, func(w http.ResponseWriter, r *http.Request) {
		files, _, err := tables.Read(r.Body, r.Header.Get("Content-Type"), room, 1<<20)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		defer func() { _ = files.Close() }()
		time.Sleep(1500 * time.Millisecond) // longer than a body may stall
		_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(time.Minute))
		_, _ = io.WriteString(w, strings.Join(files.Names(), " "))
	})
	var form strings.Builder
	parts := multipart.NewWriter(&form)
	part, err := parts.CreateFormFile("tables", "requests.csv")
	require.NoError(t, err)
	_, err = io.WriteString(part, "record\nR1\n")
	require.NoError(t, err)
	require.NoError(t, parts.Close())
	c, err := net.Dial("tcp", address)
	require.NoError(t, err)
	defer func() { _ = c.Close() }()
	_, err = fmt.Fprintf(c, "POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: %s\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n", parts.FormDataContentType(), form.Len(), form.String())
	require.NoError(t, err)
	time.Sleep(100 * time.Millisecond)
	_, err = io.WriteString(c, "0\r\n\r\n")
	require.NoError(t, err)
	resp, err := http.ReadResponse(bufio.NewReader(c), nil)
	require.NoError(t, err)
	defer func() { _ = resp.Body.Close() }()
	data, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	assert.Equal(t, "requests.csv", string(data))
	assert.False(t, resp.Close, "the connection stays")
}
