package api_test

import (
	"bufio"
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook/server/api"
	"github.com/servicerules/rulebook/server/live"
)

func (s *server) events(query string) (out api.Events) {
	s.t.Helper()
	got := s.get("/v1/events" + query)
	require.Equal(s.t, http.StatusOK, got.status, got.body)
	assert.NotContains(s.t, got.body, "null")
	decode(s.t, got.body, &out)
	return out
}

// Events are read page by page, from now on, of some types; waiting ends with the
// next one, or with none.
func TestEventFeed(t *testing.T) {
	s := serve(t, live.Options{})
	begin := s.events("")
	assert.Empty(t, begin.Events)
	first := s.ask("time_limit.request", "?record=1", install)
	require.Equal(t, http.StatusCreated, first.status)
	s.ask("time_limit.request", "?record=1", install)
	s.send(http.MethodPost, first.header.Get("Location")+"/steps", "application/json", `{"kind":"objection","by":"王小明","reason":"x"}`)

	all := s.events("?after=" + begin.Next)
	require.Len(t, all.Events, 3)
	assert.Equal(t, "decision.recorded", all.Events[0].Type)
	assert.Equal(t, first.header.Get("Decision-Id"), all.Events[0].Data.Record)
	assert.Equal(t, "objection", all.Events[2].Data.Kind)
	assert.NotContains(t, s.get("/v1/events").body, "王小明", "no names")
	var paged []api.Event
	for at := ""; ; {
		page := s.events("?limit=1&after=" + at)
		if len(page.Events) == 0 {
			assert.Equal(t, all.Next, page.Next)
			break
		}
		paged, at = append(paged, page.Events...), page.Next
	}
	assert.Equal(t, all.Events, paged)
	steps := s.events("?type=step.recorded&limit=1")
	assert.Len(t, steps.Events, 1)
	assert.Equal(t, all.Next, s.events("?after=now").Next)
	assert.Empty(t, s.events("?type=overdue&type=due_soon").Events)

	began := time.Now()
	assert.Empty(t, s.events("?wait=1&after="+all.Next).Events)
	assert.GreaterOrEqual(t, time.Since(began), time.Second)
	go func() {
		time.Sleep(50 * time.Millisecond)
		s.ask("time_limit.request", "?record=1", install)
	}()
	began = time.Now()
	assert.Len(t, s.events("?wait=30&after="+all.Next).Events, 1)
	assert.Less(t, time.Since(began), 10*time.Second)

	for query, code := range map[string]string{"?after=x": "bad_parameter", "?type=x": "bad_parameter", "?limit=0": "bad_parameter", "?limit=1001": "bad_parameter", "?wait=-1": "bad_parameter", "?wait=51": "bad_parameter"} {
		assert.Equal(t, code, s.get("/v1/events"+query).problem(t).Code, query)
	}
	other := serve(t, live.Options{})
	assert.Equal(t, "cursor_gone", other.get("/v1/events?after="+all.Next).problem(t).Code)
	assert.Equal(t, http.StatusGone, other.get("/v1/events", "Last-Event-ID", all.Next).status)
}

// A stream goes on as things happen, and where it was cut off.
func TestEventStream(t *testing.T) {
	s := serve(t, live.Options{})
	stream := func(last string) (lines *bufio.Scanner, end func()) {
		t.Helper()
		ctx, cancel := context.WithCancel(t.Context())
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL+"/v1/events", nil)
		require.NoError(t, err)
		r.Header.Set("Accept", "text/event-stream")
		if last != "" {
			r.Header.Set("Last-Event-ID", last)
		}
		resp, err := s.Client().Do(r)
		require.NoError(t, err)
		require.Equal(t, http.StatusOK, resp.StatusCode)
		require.Equal(t, "text/event-stream", resp.Header.Get("Content-Type"))
		return bufio.NewScanner(resp.Body), func() {
			cancel()
			_ = resp.Body.Close()
		}
	}
	next := func(lines *bufio.Scanner) (id, event, data string) {
		t.Helper()
		for lines.Scan() {
			name, text, _ := strings.Cut(lines.Text(), ": ")
			switch {
			case name == "id":
				id = text
			case name == "event":
				event = text
			case name == "data":
				data = text
			case lines.Text() == "" && event != "":
				return id, event, data
			}
		}
		t.Fatal("the stream ended")
		return
	}
	lines, end := stream("")
	s.ask("time_limit.request", "?record=1", install)
	cursor, event, data := next(lines)
	assert.Equal(t, "decision.recorded", event)
	var e api.Event
	decode(t, data, &e)
	assert.Equal(t, "decision.recorded", e.Type)
	assert.Equal(t, s.events("").Next, cursor)
	s.ask("time_limit.request", "?record=1", install)
	_, _, second := next(lines)
	end()
	s.ask("time_limit.request", "?record=1", install)
	lines, end = stream(cursor)
	defer end()
	_, _, again := next(lines)
	assert.Equal(t, second, again)
	_, _, third := next(lines)
	assert.NotEqual(t, second, third)
}
