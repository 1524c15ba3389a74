package console

import (
	"bytes"
	"context"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/policy"
	"github.com/servicerules/rulebook/server/live"
	"github.com/servicerules/rulebook/server/record"
	"github.com/servicerules/rulebook/server/service"
)

// visitor looks at the pages with a browser that runs no scripts.
type visitor struct {
	*testing.T
	console *Console
	rules   *live.Rules
	store   *record.Store
	lang    string
	cookies map[string]string
}

// noon is when the pages are looked at.
var noon = time.Date(2025, 6, 20, 4, 0, 0, 0, time.UTC)

// newPages serves a rules file, or the embedded rulebook.
func newPages(t *testing.T, rules string) *visitor {
	t.Helper()
	l, err := live.Open(context.Background(), live.Options{File: rules, Settle: time.Millisecond})
	require.NoError(t, err)
	return newPagesOf(t, l)
}

func newPagesOf(t *testing.T, l *live.Rules) *visitor {
	t.Helper()
	ctx := context.Background()
	store, err := record.Open(ctx, filepath.Join(t.TempDir(), "rulebook.db"), record.Options{})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, store.Close()) })
	served := service.New(l, store, nil)
	t.Cleanup(served.Changes.Close)
	c, err := New(served, Options{
		Cases: os.DirFS(exampleCases), Sample: Sample{os.DirFS(sampleMonth), "2025-06", "gulin"}, Now: func() time.Time { return noon },
	})
	require.NoError(t, err)
	return &visitor{T: t, console: c, rules: l, store: store, lang: "en", cookies: map[string]string{}}
}

func (p *visitor) do(r *http.Request) *http.Response {
	p.Helper()
	r.Header.Set("Accept-Language", p.lang)
	for name, value := range p.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	w := httptest.NewRecorder()
	p.console.ServeHTTP(w, r)
	return w.Result()
}

func (p *visitor) text(r *http.Response) string {
	p.Helper()
	data, err := io.ReadAll(r.Body)
	require.NoError(p, err)
	return string(data)
}

// get is a page that there is.
func (p *visitor) get(path string) string {
	p.Helper()
	r := p.do(httptest.NewRequest(http.MethodGet, path, nil))
	text := p.text(r)
	require.Equal(p, http.StatusOK, r.StatusCode, "%s: %s", path, text)
	return text
}

// send sends a form, and goes where the form is then shown.
func (p *visitor) send(path string, values url.Values) *http.Response {
	p.Helper()
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(values.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := p.do(r)
	if to := w.Header.Get("Location"); strings.HasPrefix(to, path+"?form=") {
		r := httptest.NewRequest(http.MethodGet, to, nil)
		for _, c := range w.Cookies() {
			r.AddCookie(c)
		}
		return p.do(r)
	}
	return w
}

// post is the page that comes of sending a form.
func (p *visitor) post(path string, values url.Values) string {
	p.Helper()
	r := p.send(path, values)
	text := p.text(r)
	require.Equal(p, http.StatusOK, r.StatusCode, "%s: %s", path, text)
	return text
}

// upload sends files: name, content, …
func (p *visitor) upload(month string, files ...string) *http.Response {
	p.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	require.NoError(p, w.WriteField("month", month))
	for i := 0; i+1 < len(files); i += 2 {
		f, err := w.CreateFormFile("tables", files[i])
		require.NoError(p, err)
		_, err = f.Write([]byte(files[i+1]))
		require.NoError(p, err)
	}
	require.NoError(p, w.Close())
	r := httptest.NewRequest(http.MethodPost, "/month", &b)
	r.Header.Set("Content-Type", w.FormDataContentType())
	return p.do(r)
}

func gulin(t *testing.T) *rulebook.Book {
	t.Helper()
	book, err := rulebook.Default()
	require.NoError(t, err)
	return book
}

// serviceDesk is the rulebook of another trade.
const (
	serviceDesk  = "../../examples/rulebooks/service-desk.yaml"
	exampleCases = "../../examples/cases"
	sampleMonth  = "../../examples/data/2025-06"
)

func deskBook(t *testing.T) *rulebook.Book {
	t.Helper()
	book, err := rulebook.Load(serviceDesk)
	require.NoError(t, err)
	return book
}

func question(t *testing.T, b *rulebook.Book, id string) *policy.Question {
	t.Helper()
	q, ok := b.Rulebook().Question(id)
	require.True(t, ok, id)
	return q
}

// copied is a copy of the embedded rules file, to be changed.
func copied(t *testing.T) (path string, text string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "rules.yaml")
	data := gulin(t).Rulebook().Source()
	require.NoError(t, os.WriteFile(path, data, 0o644))
	return path, string(data)
}
