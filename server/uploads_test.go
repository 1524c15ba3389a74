package server

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/servicerules/rulebook/internal/testsize"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const argsVariable = "RULEBOOK_TEST_SERVE"

// TestServeAsProcess is no test: it is the server, in the process that
// startProcess starts.
func TestServeAsProcess(t *testing.T) {
	args, ok := os.LookupEnv(argsVariable)
	if !ok {
		return
	}
	limitMemory()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	os.Exit(run(ctx, strings.Split(args, "\x1f"), os.Stdout, os.Stderr, nil))
}

// startProcess runs the server as a process of its own, whose memory can be
// told from that of the tests.
func startProcess(t *testing.T, args ...string) (s *running, pid int) {
	t.Helper()
	args = append([]string{"--addr", "127.0.0.1:0", "--db", filepath.Join(t.TempDir(), "test.db")}, args...)
	c := exec.Command(os.Args[0], "-test.run=^TestServeAsProcess$")
	c.Env = append(os.Environ(), argsVariable+"="+strings.Join(args, "\x1f"))
	s = &running{t: t, stdout: &output{}, stderr: &output{}, ended: true, client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 200}}}
	c.Stdout, c.Stderr = s.stdout, s.stderr
	require.NoError(t, c.Start())
	ended := make(chan error, 1)
	go func() { ended <- c.Wait() }()
	t.Cleanup(func() {
		_ = c.Process.Signal(os.Interrupt)
		select {
		case err := <-ended:
			assert.NoError(t, err, s.stderr)
		case <-time.After(60 * time.Second):
			t.Error("the server does not end")
			_ = c.Process.Kill()
		}
		s.client.CloseIdleConnections()
	})
	require.Eventually(t, func() bool {
		m := opened.FindStringSubmatch(s.stdout.String())
		if m != nil {
			s.url = m[1]
		}
		return m != nil
	}, 60*time.Second, time.Millisecond, "%s", s.stderr)
	return s, c.Process.Pid
}

// resident is what a process has in memory, in bytes, and the most it ever
// had.
func resident(t *testing.T, pid int) (now, peak int64) {
	t.Helper()
	f, err := os.Open(fmt.Sprintf("/proc/%d/status", pid))
	require.NoError(t, err)
	defer func() { _ = f.Close() }()
	in := bufio.NewScanner(f)
	for in.Scan() {
		fields := strings.Fields(in.Text())
		if len(fields) < 2 {
			continue
		}
		n, _ := strconv.ParseInt(fields[1], 10, 64)
		switch fields[0] {
		case "VmRSS:":
			now = n << 10
		case "VmHWM:":
			peak = n << 10
		}
	}
	return now, peak
}

// table writes about so many bytes of rows, made as they are sent.
func table(w io.Writer, kind string, seed, size int) error {
	out := bufio.NewWriter(w)
	n := 0
	line := func(format string, args ...any) {
		m, _ := fmt.Fprintf(out, format, args...)
		n += m
	}
	switch kind {
	case "requests":
		line("record,request.kind,request.severity,request.received_at,request.completed_at,request.direct,#remark\n")
		for i := 0; n < size; i++ {
			line("R%d-%d,fault,ordinary,2025-06-%02dT08:00:00+08:00,2025-06-%02dT%02d:00:00+08:00,S%d,a remark that nobody reads\n", seed, i, 1+i%20, 2+i%25, i%24, i%50)
		}
	case "open": // every one is overdue, lacks facts, and is listed
		line("record,request.kind,request.severity,request.received_at\n")
		for i := 0; n < size; i++ {
			line("R%d-%d,complaint_reply,,2025-06-%02dT08:00:00+08:00\n", seed, i, 1+i%20)
		}
	case "nonsense":
		line("record,request.kind\n")
		for i := 0; n < size; i++ {
			line("%d,%d\n", i, i)
		}
	case "short":
		line("record\n")
		for i := 0; n < size; i++ {
			line("%x\n", i)
		}
	}
	return out.Flush()
}

// upload sends a form with one table, made while it is sent.
func (r *running) upload(path, kind string, seed, size int, accept string) (int, int64, error) {
	in, out := io.Pipe()
	form := multipart.NewWriter(out)
	go func() {
		part, err := form.CreateFormFile("tables", "requests.csv")
		if err == nil {
			err = table(part, kind, seed, size)
		}
		if err == nil {
			err = form.WriteField("month", "2025-06")
		}
		if err == nil {
			err = form.Close()
		}
		_ = out.CloseWithError(err)
	}()
	req, err := http.NewRequest(http.MethodPost, r.url+path, in)
	if err != nil {
		return 0, 0, err
	}
	req.Header.Set("Content-Type", form.FormDataContentType())
	req.Header.Set("Accept", accept)
	resp, err := r.client.Do(req)
	if err != nil {
		return 0, 0, err
	}
	defer func() { _ = resp.Body.Close() }()
	n, err := io.Copy(io.Discard, resp.Body)
	return resp.StatusCode, n, err
}

// Ten uploads at a time of 50 MB each, of whatever: the server stays small,
// says clearly what it does not take, and answers others meanwhile. The
// ordinary run sends a fraction of that.
func TestUploadsAreBounded(t *testing.T) {
	testsize.NotAtTheDesk(t)
	t.Parallel()
	if _, err := os.Stat("/proc/self/status"); err != nil {
		t.Log("there is no /proc to read memory from")
		return
	}
	// What is counted is rows: short ones are many in few bytes.
	sizes := testsize.Pick([]int{20_000}, []int{60_000}, []int{16_000_000, 50_000_000})
	short := testsize.Pick(8000, 8000, 0) // how many short ones; of the longest as many as of the others
	const parallel, most = 10, 512 << 20
	s, pid := startProcess(t)
	start, _ := resident(t, pid)
	var mu sync.Mutex
	var waits []time.Duration
	stop := make(chan struct{})
	var others sync.WaitGroup
	others.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
			}
			started := time.Now()
			resp, body, err := s.try(http.MethodPost, askPath+"?record=1", "application/json", install)
			mu.Lock()
			if waits = append(waits, time.Since(started)); err != nil || resp.StatusCode != http.StatusCreated {
				t.Errorf("others are not answered: %v %s", err, body)
			}
			mu.Unlock()
			time.Sleep(5 * time.Millisecond)
		}
	})
	statuses := map[string]int{}
	type sending struct{ path, kind, accept string }
	all := []sending{
		{"/v1/review", "requests", "application/json"}, {"/v1/review", "open", "application/json"}, {"/v1/review", "open", "text/plain"},
		{"/month", "open", "text/html"}, {"/v1/review", "nonsense", "application/json"}, {"/v1/review", "short", "application/json"},
	}
	for k := range len(sizes) * len(all) {
		x, size := all[k%len(all)], sizes[k/len(all)]
		if short > 0 && (x.kind == "short" || x.kind == "nonsense") {
			size = short
		}
		started := time.Now()
		var clients sync.WaitGroup
		for i := range parallel {
			clients.Go(func() {
				status, n, err := s.upload(x.path, x.kind, i, size, x.accept)
				mu.Lock()
				defer mu.Unlock()
				what := strconv.Itoa(status)
				statuses[what]++
				if err != nil || !slices.Contains([]string{"200", "413", "429"}, what) {
					t.Errorf("%s %s: %s %v", x.path, x.kind, what, err)
				}
				if x.path == "/month" && n > 2<<20 {
					t.Errorf("a page of %d bytes", n)
				}
			})
		}
		clients.Wait()
		now, peak := resident(t, pid)
		t.Logf("%-10s %-8s %d × %d MB in %.1f s: %v; resident %d MB, at most %d MB", x.path, x.kind, parallel, size/1_000_000, time.Since(started).Seconds(), statuses, now>>20, peak>>20)
		clear(statuses)
		assert.Less(t, peak, int64(most), x.kind)
	}
	close(stop)
	others.Wait()
	slices.Sort(waits)
	t.Logf("others: %d asked and recorded, p50 %v, p99 %v, longest %v", len(waits), waits[len(waits)/2], waits[len(waits)*99/100], waits[len(waits)-1])
	now, _ := resident(t, pid)
	t.Logf("resident at the start %d MB, at the end %d MB", start>>20, now>>20)
	assert.Less(t, now, int64(256<<20), "memory is given back")
}
