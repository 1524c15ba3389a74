package api_test

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/jsonschema-go/jsonschema"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook/server/live"
)

// What is said to be too large is refused before it is sent, at every address
// that takes a body.
func TestTooLargeIsNotWaitedFor(t *testing.T) {
	s := serve(t, live.Options{})
	for path, media := range map[string]string{
		"/v1/questions/time_limit.request/ask": "application/json", "/v1/rules/check": "application/yaml", "/v1/review": "application/json",
		"/v1/review?": "multipart/form-data; boundary=x",
	} {
		c, err := net.Dial("tcp", s.Listener.Addr().String())
		require.NoError(t, err)
		started := time.Now()
		_, err = fmt.Fprintf(c, "POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Type: %s\r\nContent-Length: 100000000000\r\n\r\n", path, media)
		require.NoError(t, err)
		require.NoError(t, c.SetReadDeadline(time.Now().Add(20*time.Second)))
		resp, err := http.ReadResponse(bufio.NewReader(c), nil)
		require.NoError(t, err, path)
		assert.Equal(t, http.StatusRequestEntityTooLarge, resp.StatusCode, path)
		assert.Less(t, time.Since(started), 5*time.Second, path)
		_ = resp.Body.Close()
		_ = c.Close()
	}
}

// A list is empty only where what was looked for could be there.
func TestFiltersOfTheList(t *testing.T) {
	s := serve(t, live.Options{})
	require.Equal(t, http.StatusCreated, s.ask("time_limit.request", "?record=1", install).status)
	for query, want := range map[string]string{
		"question=time_limit.request": "", "question=accountability.trigger": "", "verdict=late": "", "verdict=undetermined": "", "verdict=not_in_scope": "",
		"question=time_limit.request&verdict=late": "", "question=time_limit.requests": "time_limit.request", "question=": "/v1/questions", "question=x": "/v1/questions",
		"verdict=lat": "late", "verdict=": "allowed", "question=accountability.trigger&verdict=accountabel": "accountable",
	} {
		got := s.get("/v1/decisions?" + query)
		if want == "" {
			assert.Equal(t, http.StatusOK, got.status, "%s: %s", query, got.body)
			continue
		}
		d := got.problem(t)
		assert.Equal(t, http.StatusBadRequest, got.status, query)
		assert.Equal(t, "bad_parameter", d.Code, query)
		assert.Contains(t, d.Remedy, want, query)
	}
}

// Lists are lists and moments are moments, in all that is described.
func TestOpenAPIIsPlain(t *testing.T) {
	d := description(t)
	moments := 0
	var look func(where string, s *jsonschema.Schema)
	look = func(where string, s *jsonschema.Schema) {
		if s == nil {
			return
		}
		assert.NotContains(t, s.Types, "null", where)
		if s.Format == "date-time" {
			moments++
		}
		last := where[strings.LastIndexByte(where, '.')+1:]
		if last == "as_of" || last == "at" || last == "recorded_at" {
			assert.Equal(t, "date-time", s.Format, where)
		}
		for name, p := range s.Properties {
			look(where+"."+name, p)
		}
		look(where+"[]", s.Items)
		look(where+".*", s.AdditionalProperties)
	}
	for name, s := range d.Components.Schemas {
		look(name, s)
	}
	assert.Greater(t, moments, 5)
}

// Two programs may say different things of the same rules, so that an ETag
// names both.
func TestETagsNameTheProgram(t *testing.T) {
	s := serve(t, live.Options{})
	for _, path := range []string{"/v1/questions", "/v1/questions/time_limit.request", "/v1/articles", "/v1/readings", "/v1/calendar/add?from=2025-01-20&days=1"} {
		tag := s.get(path).header.Get("Etag")
		assert.Contains(t, tag, s.rules.Current().SHA256+"-", path)
		assert.Equal(t, http.StatusNotModified, s.get(path, "If-None-Match", tag).status)
		assert.Equal(t, http.StatusOK, s.get(path, "If-None-Match", `"`+s.rules.Current().SHA256+`"`).status, "of another program")
	}
	assert.Equal(t, `"`+s.rules.Current().SHA256+`"`, s.get("/v1/rules").header.Get("Etag"), "a text is the same by any program")
}
