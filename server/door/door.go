// Package door is what a request passes before anything is done for it: who
// asks, how often, from where, and how much of it is read.
package door

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"time"

	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	"github.com/servicerules/rulebook/server/people"
	"github.com/servicerules/rulebook/server/problem"
)

// Options say whom to let in.
type Options struct {
	// Tokens are the credentials of programs, People the accounts by which people
	// sign in; nil for none. Where there are neither, everybody is let in: for a
	// server that only its own machine can reach.
	Tokens *Tokens
	People *people.Store
	// BehindProxy says that a proxy is before the server, which says in
	// X-Forwarded-For, as the last one, from where a request comes.
	BehindProxy bool
	// Hosts are the names, without port, by which the server may be called.
	Hosts []string
	// Secure says that requests come by TLS, here or at a proxy before.
	Secure bool
	Logger *slog.Logger // nil for none
	// Page answers with a problem as a page where a person asked for one, and
	// reports whether it did; nil where there are no pages.
	Page func(http.ResponseWriter, *http.Request, *problem.Problem) bool
	// Pace is how slow a body may be; zero for UsualPace.
	Pace Pace
	// Served is told of every request that was answered; it may be nil.
	Served func(route string, status int, took time.Duration)
	// Tracer makes a span of each request; nil for none.
	Tracer trace.Tracer
	// Callers reads the trace that a caller is in; nil where those are not carried on.
	Callers propagation.TextMapPropagator
}

// New puts the door before a handler, whose routes say by Require what a
// caller must be allowed to do.
func New(inside http.Handler, o Options) http.Handler {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Served == nil {
		o.Served = func(string, int, time.Duration) {}
	}
	origin := http.NewCrossOriginProtection()
	origin.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		write(w, r, problem.New(http.StatusForbidden, "cross_origin",
			problem.Text{ZH: "请求来自另一个网站", EN: "the request comes from another site"},
			problem.Text{ZH: "从本服务自己的页面发送", EN: "send it from the server's own pages"}))
	}))
	h := o.paced(noted(inside))
	h = o.known(h)
	h = origin.Handler(h)
	h = o.called(h)
	h = sized(h)
	h = o.headers(h)
	return o.logged(received(bounded(h)))
}

// inFlight is how many requests are worked on at once.
const inFlight = 1024

// bounded refuses what is more than the program can hold. Whether it is well
// may always be asked.
func bounded(next http.Handler) http.Handler {
	places := make(chan struct{}, inFlight)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		select {
		case places <- struct{}{}:
			defer func() { <-places }()
		default:
			if r.URL.Path != "/healthz" && r.URL.Path != "/readyz" {
				p := problem.New(http.StatusServiceUnavailable, "busy", problem.Text{ZH: "请求太多", EN: "there are too many requests"},
					problem.Text{ZH: "稍后再试", EN: "try again later"})
				p.RetryAfter = time.Second
				write(w, r, p)
				return
			}
		}
		next.ServeHTTP(w, r)
	})
}

// What a request may say before its body.
const (
	HeadSize    = 16 << 10 // bytes of the address and the headers together
	addressSize = 8 << 10
)

// sized refuses an address or headers that are too long.
func sized(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n := len(r.RequestURI)
		if n > addressSize {
			write(w, r, problem.New(http.StatusRequestURITooLong, "address_too_long", problem.Textf("地址超过 %d 字节", "the address is longer than %d bytes", addressSize),
				problem.Text{ZH: "从短一些的地址开始，如 /ask；内容放在请求正文里发送", EN: "begin at a shorter one, such as /ask; send what is long in the body of a request"}))
			return
		}
		for name, values := range r.Header {
			for _, v := range values {
				n += len(name) + len(": \r\n") + len(v)
			}
		}
		if n > HeadSize {
			write(w, r, problem.New(http.StatusRequestHeaderFieldsTooLarge, "headers_too_large", problem.Textf("请求头超过 %d 字节", "the headers are larger than %d bytes", HeadSize),
				problem.Text{ZH: "去掉用不着的请求头；在浏览器里删除本站的 Cookie", EN: "leave out headers that are not needed; in a browser, delete the cookies of this site"}))
			return
		}
		next.ServeHTTP(w, r)
	})
}

// visit is what is known of a request; the layers fill it in.
type visit struct {
	id     string
	caller *Caller
	route  string
	page   func(http.ResponseWriter, *http.Request, *problem.Problem) bool

	accounts bool // people may sign in
	noting   func(who people.Who, about, details string) error
	address  string // from where the request comes

	stranger bool // called the server by a name that it does not have
}

type visitKey struct{}

func visitOf(ctx context.Context) *visit {
	if v, ok := ctx.Value(visitKey{}).(*visit); ok {
		return v
	}
	return &visit{}
}

// RequestID names the request in logs and problems, "" outside the door.
func RequestID(ctx context.Context) string { return visitOf(ctx).id }

// write answers with a problem: as a page to a person, as JSON to a program.
func write(w http.ResponseWriter, r *http.Request, p *problem.Problem) {
	if page := visitOf(r.Context()).page; page != nil && page(w, r, p) {
		return
	}
	problem.Write(w, r, p)
}

func newID() string {
	var b [8]byte
	_, _ = rand.Read(b[:]) // it does not fail
	return hex.EncodeToString(b[:])
}

// answerWriter notes how a request was answered.
type answerWriter struct {
	http.ResponseWriter
	status int
	bytes  int64
	before func(status int) // the headers are sent; nil for nothing to do
}

func (w *answerWriter) WriteHeader(status int) {
	if w.status == 0 && status >= http.StatusOK {
		w.status = status
		if w.before != nil {
			w.before(status)
		}
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *answerWriter) Write(b []byte) (int, error) {
	if w.status == 0 {
		w.WriteHeader(http.StatusOK)
	}
	n, err := w.ResponseWriter.Write(b)
	w.bytes += int64(n)
	return n, err
}

// Unwrap lets http.ResponseController reach the connection.
func (w *answerWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// logged gives the request an id, writes a line about it, and answers for
// what goes wrong inside. What is logged is ours: the route and not the path,
// no query, no body.
func (o Options) logged(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		started := time.Now()
		v := &visit{id: newID(), page: o.Page}
		a := &answerWriter{ResponseWriter: w}
		w.Header().Set("Request-Id", v.id)
		ctx, ended := o.traced(r, v)
		r = r.WithContext(context.WithValue(ctx, visitKey{}, v))
		defer func() {
			failure := recover()
			begun := a.status != 0
			if failure != nil && failure != http.ErrAbortHandler {
				o.Logger.ErrorContext(r.Context(), "a request failed inside", "request", v.id, "route", v.route, "failure", kindOf(failure))
				if !begun {
					write(a, r, problem.New(http.StatusInternalServerError, "internal",
						problem.Text{ZH: "服务器内部出错", EN: "something went wrong in the server"},
						problem.Text{ZH: "把 request_id 告诉管理员", EN: "tell the operator the request_id"}))
				}
			}
			took := time.Since(started)
			o.Served(v.route, a.status, took)
			name := ""
			if v.caller != nil {
				name = v.caller.Name
			}
			o.Logger.Log(r.Context(), levelOf(a.status), "request", "request", v.id, "method", method(r.Method), "route", v.route, "status", a.status,
				"bytes", a.bytes, "took", took, "caller", name)
			if failure != nil && begun {
				ended(0) // what was begun is cut off, whatever status it began with
			} else {
				ended(a.status)
			}
			if failure != nil && (failure == http.ErrAbortHandler || begun) {
				panic(http.ErrAbortHandler) // the answer is cut off: close the connection
			}
		}()
		next.ServeHTTP(a, r)
	})
}

// levelOf is how much a request matters to who reads the log.
func levelOf(status int) slog.Level {
	switch {
	case status >= http.StatusInternalServerError:
		return slog.LevelError
	case status >= http.StatusBadRequest:
		return slog.LevelInfo
	}
	return slog.LevelDebug
}

// method is a method that there is: what is logged is not the caller's to say.
func method(m string) string {
	known := []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions}
	if slices.Contains(known, m) {
		return m
	}
	return "other"
}

// noted notes which route served the request.
func noted(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() { visitOf(r.Context()).route = r.Pattern }()
		next.ServeHTTP(w, r)
	})
}

// policy of the pages: everything from here, nothing inline, nothing framed.
const contentPolicy = "default-src 'none'; script-src 'self'; " + ownStyles + "; img-src 'self'; font-src 'self'; connect-src 'self'; " +
	"form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

const ownStyles = "style-src 'self'"

// AllowStyles lets a page add styles that carry a nonce, as its editor does; scripts
// and everything else are as before. Headers are those of the answer, which the door
// has set.
func AllowStyles(h http.Header) (nonce string) {
	const policy = "Content-Security-Policy"
	nonce = rand.Text()
	h.Set(policy, strings.Replace(h.Get(policy), ownStyles, ownStyles+" 'nonce-"+nonce+"'", 1))
	return nonce
}

func (o Options) headers(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", contentPolicy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
		if o.Secure {
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		next.ServeHTTP(w, r)
	})
}

// called lets through what calls the server by one of its names, so that no
// site can have a browser reach it under a name of its own.
func (o Options) called(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// A probe comes by address. It learns how the server is, and no more
		// than anybody.
		if probe := r.URL.Path == "/healthz" || r.URL.Path == "/readyz"; probe && !slices.Contains(o.Hosts, hostName(r.Host)) {
			visitOf(r.Context()).stranger = true
		} else if !slices.Contains(o.Hosts, hostName(r.Host)) {
			write(w, r, problem.New(http.StatusMisdirectedRequest, "unknown_host",
				problem.Text{ZH: "本服务不叫这个名字", EN: "the server is not known by this name"},
				problem.Text{ZH: "启动时用 --host 写上允许的名字", EN: "start it with --host and the name to allow"}))
			return
		}
		next.ServeHTTP(w, r)
	})
}

// hostName is the host of "host:port", in lower case and without brackets.
func hostName(hostPort string) string {
	host, _, err := net.SplitHostPort(hostPort)
	if err != nil {
		host = hostPort
	}
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	if a, err := netip.ParseAddr(strings.Trim(host, "[]")); err == nil {
		return a.String()
	}
	return host
}

// kindOf tells the type of a failure only: its text may hold what was sent.
func kindOf(failure any) string {
	if err, ok := failure.(error); ok {
		return fmt.Sprintf("error %T", err)
	}
	return fmt.Sprintf("%T", failure)
}
