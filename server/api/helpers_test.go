package api_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/server/api"
	"github.com/servicerules/rulebook/server/live"
	"github.com/servicerules/rulebook/server/problem"
	"github.com/servicerules/rulebook/server/record"
	"github.com/servicerules/rulebook/server/service"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// server is the interface, served over HTTP to its own machine.
type server struct {
	*httptest.Server
	t     *testing.T
	rules *live.Rules
	store *record.Store
}

func serve(t *testing.T, o live.Options) *server {
	t.Helper()
	return serveBy(t, o, record.Options{})
}

func serveBy(t *testing.T, o live.Options, kept record.Options) *server {
	t.Helper()
	rules, err := live.Open(t.Context(), o)
	require.NoError(t, err)
	store, err := record.Open(t.Context(), filepath.Join(t.TempDir(), "test.db"), kept)
	require.NoError(t, err)
	s := &server{t: t, rules: rules, store: store}
	served := service.New(rules, store, nil)
	s.Server = httptest.NewServer(api.New(served, api.Options{}))
	t.Cleanup(func() {
		s.Server.Close()
		served.Changes.Close()
		require.NoError(t, store.Close())
	})
	return s
}

// reply is an answer, read to its end.
type reply struct {
	status int
	header http.Header
	body   string
}

func (s *server) send(method, path, media, body string, header ...string) reply {
	s.t.Helper()
	r, err := http.NewRequestWithContext(s.t.Context(), method, s.URL+path, strings.NewReader(body))
	require.NoError(s.t, err)
	if media != "" {
		r.Header.Set("Content-Type", media)
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	resp, err := s.Client().Do(r)
	require.NoError(s.t, err)
	defer func() { _ = resp.Body.Close() }()
	data, err := io.ReadAll(resp.Body)
	require.NoError(s.t, err)
	return reply{resp.StatusCode, resp.Header, string(data)}
}

func (s *server) get(path string, header ...string) reply {
	s.t.Helper()
	return s.send(http.MethodGet, path, "", "", header...)
}

func (s *server) ask(question, query, facts string, header ...string) reply {
	s.t.Helper()
	return s.send(http.MethodPost, "/v1/questions/"+question+"/ask"+query, "application/json", facts, header...)
}

// problemOf is the problem that a reply is.
func (r reply) problem(t *testing.T) problem.Document {
	t.Helper()
	require.Equal(t, "application/problem+json", r.header.Get("Content-Type"), r.body)
	var d problem.Document
	decode(t, r.body, &d)
	require.Equal(t, r.status, d.Status)
	require.NotEmpty(t, d.Title)
	require.NotEmpty(t, d.Remedy)
	require.Equal(t, "urn:rulebook:problem:"+d.Code, d.Type)
	return d
}

// decode reads JSON whose every key has a place.
func decode(t *testing.T, text string, into any) {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(text))
	d.DisallowUnknownFields()
	require.NoError(t, d.Decode(into), text)
}

// toJSON writes facts from YAML as JSON.
func toJSON(n *source.Node) string {
	if n == nil {
		return "null"
	}
	switch n.Kind {
	case source.Map:
		parts := make([]string, 0, len(n.Entries))
		for _, e := range n.Entries {
			parts = append(parts, quote(e.Key.Text)+":"+toJSON(e.Value))
		}
		return "{" + strings.Join(parts, ",") + "}"
	case source.Seq:
		parts := make([]string, 0, len(n.Items))
		for _, x := range n.Items {
			parts = append(parts, toJSON(x))
		}
		return "[" + strings.Join(parts, ",") + "]"
	case source.Scalar:
		if n.Style == source.Plain && n.Text == "~" {
			return "null"
		}
		if n.Style == source.Plain && json.Valid([]byte(n.Text)) {
			return n.Text
		}
		return quote(n.Text)
	}
	return "null"
}

func quote(s string) string {
	text, err := json.Marshal(s)
	if err != nil {
		panic(err)
	}
	return string(text)
}
