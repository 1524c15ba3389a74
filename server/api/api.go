// Package api is version 1 of the interface over HTTP. Every operation stands
// in one table, from which both the routes and the description at
// /openapi.json are made.
//
// It is net/http and no framework: bodies of questions are described by the
// rulebook and not by Go types, the library reads them more strictly than a
// framework would, and streams need the connection. What types there are
// become JSON Schema by google/jsonschema-go.
//
// # Rules of the interface
//
// Bodies and answers are JSON in UTF-8, read strictly: no unknown and no
// duplicate keys, nothing behind the value, bounded depth and size. Parameters
// that are not known are refused, and so are methods and media types. What
// goes wrong is application/problem+json, worded by Accept-Language in Chinese
// or English, with a stable code, and never with what was sent.
package api

import (
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/server/door"
	"github.com/servicerules/rulebook/server/internal/spool"
	"github.com/servicerules/rulebook/server/people"
	"github.com/servicerules/rulebook/server/problem"
	"github.com/servicerules/rulebook/server/service"
)

// Options fit the interface into a program.
type Options struct {
	// Guard lets callers through by permission: door.Require behind a door. With
	// nil everybody may do everything, for a program that has a guard of its
	// own before it.
	Guard func(people.Permission, http.Handler) http.Handler
	// Metrics serves /metrics; nil for none.
	Metrics http.Handler
	// Stopping is closed when the server is about to end: long answers are
	// then brought to an end. It may be nil.
	Stopping <-chan struct{}
	// Tokens tells why the token file, as it stands now, is not in use; nil for
	// nothing to tell.
	Tokens func() error
	// PrivateWebhooks says that webhooks may be sent to the own network, and
	// without TLS.
	PrivateWebhooks bool
	// Heartbeat is how often an answer that takes long shows that it is being
	// worked on; 0 means 10 seconds.
	Heartbeat time.Duration
}

// Limits of a request.
const (
	MaxFacts  = 64 << 10 // bytes of the facts of one question, and of a line of ask-many
	MaxDraft  = 1 << 20  // bytes of a draft of the rules
	MaxReview = 64 << 20 // bytes of a month of records
)

type api struct {
	*service.Service
	options   Options
	open      bool // without a guard
	described func() ([]byte, error)
}

// operation is one thing that can be asked for.
type operation struct {
	method  string
	path    string // as in net/http: "/v1/questions/{id}"
	id      string
	summary string
	needs   people.Permission
	query   []parameter
	headers []parameter
	body    []body // empty for none
	answers []answer
	handle  func(w http.ResponseWriter, r *http.Request) error
}

type parameter struct {
	name, doc string
	repeated  bool
	schema    any      // a Go value whose type says what it is
	words     []string // that it may be; nil for any
}

type body struct {
	media  string
	limit  int64
	schema any // nil for text and streams
	doc    string
	stream bool // the limit is that of a line
}

// tooLarge refuses a body that is larger than it may be, with what to do about it.
func (b body) tooLarge() *problem.Problem {
	switch b.schema.(type) {
	case map[string]any:
		return tooManyFacts()
	case ChangeToTake:
		return tooLongStep()
	}
	return tooLarge(b.limit)
}

type answer struct {
	status int
	media  string
	schema any // nil for text and streams
	doc    string
}

// New is the handler of /v1/, /openapi.json, /healthz, /readyz and /metrics.
func New(s *service.Service, o Options) http.Handler {
	if o.Heartbeat == 0 {
		o.Heartbeat = 10 * time.Second
	}
	a := &api{Service: s, options: o, open: o.Guard == nil, described: sync.OnceValues(OpenAPI)}
	if a.open {
		o.Guard = func(_ people.Permission, h http.Handler) http.Handler { return h }
	}
	mux := http.NewServeMux()
	served := map[string]bool{}
	for _, op := range a.operations() {
		served[op.path] = true
		mux.Handle(op.method+" "+op.path, o.Guard(op.needs, a.serve(op)))
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, pattern := mux.Handler(r)
		// A path that is served itself is not one with a wildcard, whatever the
		// method: GET /v1/decisions/verify asks for no decision.
		_, path, _ := strings.Cut(pattern, " ")
		if pattern == "" || served[r.URL.Path] && path != r.URL.Path {
			problem.Write(w, r, notServed(mux, served, r))
			return
		}
		mux.ServeHTTP(w, r)
	})
}

// Routes are all addresses of the interface, and what each needs.
func Routes() []people.Route {
	var all []people.Route
	for _, op := range (&api{}).operations() {
		all = append(all, people.Route{Pattern: op.method + " " + op.path, Needs: op.needs})
	}
	return all
}

// notServed tells an address that there is not from a method that it does not
// take.
func notServed(mux *http.ServeMux, fixed map[string]bool, r *http.Request) *problem.Problem {
	var known []string
	for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodDelete} {
		other := r.Clone(r.Context())
		other.Method = method
		_, pattern := mux.Handler(other)
		if _, path, _ := strings.Cut(pattern, " "); pattern != "" && (path == r.URL.Path || strings.Contains(path, "{") && !fixed[r.URL.Path]) {
			known = append(known, method)
		}
	}
	if len(known) == 0 {
		return problem.New(http.StatusNotFound, "unknown_path", problem.Text{ZH: "没有这个地址", EN: "there is nothing at this address"},
			problem.Text{ZH: "全部地址见 /openapi.json", EN: "/openapi.json lists what there is"})
	}
	allow := strings.Join(known, ", ")
	p := problem.New(http.StatusMethodNotAllowed, "wrong_method", problem.Text{ZH: "此地址不接受这个方法", EN: "this address does not take the method"},
		problem.Textf("用 %s", "use %s", allow))
	p.Allow = allow
	return p
}

// serve checks what can be checked of every request, and writes what went
// wrong.
func (a *api) serve(op operation) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		err := op.check(r)
		if err == nil {
			err = op.handle(w, r)
		}
		if err != nil {
			problem.Write(w, r, a.problemOf(err))
		}
	})
}

func (op *operation) check(r *http.Request) error {
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return problem.New(http.StatusBadRequest, "bad_query", problem.Text{ZH: "查询参数写法有误", EN: "the query is not written correctly"},
			problem.Text{ZH: "按 URL 编码书写", EN: "encode it as URLs are"})
	}
	var names []string
	for _, p := range op.query {
		names = append(names, p.name)
		if values := query[p.name]; len(values) > 1 && !p.repeated {
			return badParameter(p.name, problem.Text{ZH: "参数只能给一次", EN: "the parameter may be given once"}, problem.Text{ZH: "删去一个", EN: "remove one"})
		}
	}
	for name := range query {
		if !slices.Contains(names, name) {
			return unknownParameter(name, names)
		}
	}
	if len(op.body) == 0 {
		return op.bodiless(r)
	}
	media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || !slices.ContainsFunc(op.body, func(b body) bool { return b.media == media }) {
		var known []string
		for _, b := range op.body {
			known = append(known, b.media)
		}
		return problem.New(http.StatusUnsupportedMediaType, "wrong_media_type", problem.Text{ZH: "不接受这种 Content-Type", EN: "this Content-Type is not taken"},
			problem.Textf("写 Content-Type: %s", "send Content-Type: %s", strings.Join(known, ", ")))
	}
	// What is said to be too large is not waited for. A stream is bounded by
	// its lines.
	for _, b := range op.body {
		if b.media == media && !b.stream && r.ContentLength > b.limit {
			return b.tooLarge()
		}
	}
	return nil
}

// bodiless refuses a body that says something where none is taken: whoever
// sent it believes that it had an effect. An empty object says nothing.
func (op *operation) bodiless(r *http.Request) error {
	if op.method != http.MethodPost || r.Body == nil {
		return nil
	}
	const enough = 1 << 10 // to see whether anything is said
	data, err := io.ReadAll(io.LimitReader(r.Body, enough+1))
	if err != nil {
		return bodyError(err, enough)
	}
	if said := strings.TrimSpace(string(data)); len(data) <= enough && (said == "" || said == "{}") {
		return nil
	}
	remedy := problem.Text{ZH: "不带请求内容", EN: "send no body"}
	if len(op.query) > 0 {
		var names []string
		for _, p := range op.query {
			names = append(names, p.name)
		}
		list := strings.Join(names, ", ")
		remedy = problem.Textf("不带请求内容；%s 写成查询参数", "send no body; %s are written as parameters of the query", list)
	}
	return problem.New(http.StatusBadRequest, "unexpected_body", problem.Text{ZH: "此地址不收请求内容", EN: "this address takes no body"}, remedy)
}

func badParameter(name string, title, remedy problem.Text) *problem.Problem {
	p := problem.New(http.StatusBadRequest, "bad_parameter", title, remedy)
	p.Parameter = name
	return p
}

func unknownParameter(name string, known []string) *problem.Problem {
	title := problem.Text{ZH: "没有这个查询参数", EN: "there is no such parameter"}
	remedy := problem.Text{ZH: "此地址不收参数", EN: "this address takes no parameters"}
	if len(known) > 0 {
		list := strings.Join(known, ", ")
		remedy = problem.Textf("可写：%s", "allowed: %s", list)
		if near := diagnostic.Nearest(name, known); near != "" {
			remedy = problem.Textf("是否指 %s？可写：%s", "did you mean %s? Allowed: %s", near, list)
		}
	}
	return problem.New(http.StatusBadRequest, "unknown_parameter", title, remedy)
}

// read reads a body of bounded size, all of it, before anything is done.
func read(w http.ResponseWriter, r *http.Request, limit int64) ([]byte, error) {
	data, err := io.ReadAll(http.MaxBytesReader(w, r.Body, limit))
	if err != nil {
		return nil, bodyError(err, limit)
	}
	return data, nil
}

// isTooLarge reports whether a body is larger than it may be.
func isTooLarge(err error) bool {
	var p *problem.Problem
	return errors.As(err, &p) && p.Status == http.StatusRequestEntityTooLarge
}

// bodyError says why a body could not be read. Errors that are not the body's
// are left as they are.
func bodyError(err error, limit int64) error {
	var large *http.MaxBytesError
	var disk *spool.DiskError
	switch {
	case errors.As(err, &large):
		return tooLarge(limit)
	case errors.Is(err, os.ErrDeadlineExceeded):
		return door.TooSlow()
	case errors.Is(err, door.ErrCrowded):
		return door.Crowded()
	case errors.Is(err, spool.ErrFull), errors.As(err, &disk):
		return err
	}
	return unreadable()
}

// tooManyFacts is about the facts of one question, which cannot be asked in pieces.
func tooManyFacts() *problem.Problem {
	p := tooLarge(MaxFacts)
	p.Remedy = problem.Text{ZH: "只发这个问题收取的事实", EN: "send only the facts that the question takes"}
	return p
}

func tooLarge(limit int64) *problem.Problem {
	remedy := problem.Text{ZH: "删减内容", EN: "send less"}
	switch limit {
	case MaxReview:
		remedy = problem.Text{ZH: "按月、按部门或按表分批发送", EN: "send the tables by month, by unit or table by table"}
	}
	return problem.New(http.StatusRequestEntityTooLarge, "too_large", problem.Textf("内容超过 %d 字节", "the body is larger than %d bytes", limit), remedy)
}

func unreadable() *problem.Problem {
	return problem.New(http.StatusBadRequest, "unreadable_body", problem.Text{ZH: "没有收完请求内容", EN: "the body did not arrive completely"},
		problem.Text{ZH: "重新发送", EN: "send it again"})
}

// sendFresh answers with what may be otherwise the next time, or in another language.
func sendFresh(w http.ResponseWriter, status int, v any) error {
	data, err := marshal(v)
	if err != nil {
		return err
	}
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Add("Vary", "Accept-Language")
	return writeJSON(w, status, data)
}

func writeJSON(w http.ResponseWriter, status int, data []byte) error {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", fmt.Sprint(len(data)))
	w.WriteHeader(status)
	_, _ = w.Write(data) // nobody is there to be told
	return nil
}
