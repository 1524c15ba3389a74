// Package problem says what went wrong with a request, as RFC 9457 wants it:
// application/problem+json with a stable code, the place, and what to do
// about it, in Chinese or English.
package problem

import (
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"github.com/servicerules/rulebook/diagnostic"
)

// Text is wording in both languages.
type Text = diagnostic.Text

// Problem is an answer that is an error. It holds nothing of what was sent:
// facts may name people.
type Problem struct {
	Status     int
	Code       string // stable
	Title      Text   // what went wrong
	Remedy     Text   // what to do
	Fact       string // path of the fact concerned
	Line       int    // of the body, from 1; of ask-many the number of the line
	Column     int    // in characters, from 1
	Parameter  string // of the query, or the header
	RetryAfter time.Duration
	Allow      string     // with 405: the methods that there are
	Challenge  string     // with 401: how to authenticate
	All        []*Problem // where there are several of its kind: all of them, itself first
}

// New is a problem with its wording.
func New(status int, code string, title, remedy Text) *Problem {
	return &Problem{Status: status, Code: code, Title: title, Remedy: remedy}
}

// Error is the problem in English.
func (p *Problem) Error() string { return p.Title.EN + " [" + p.Code + "]" }

// Document is a problem as it is sent.
type Document struct {
	Type      string  `json:"type" jsonschema:"names the kind of problem: urn:rulebook:problem: and the code"`
	Title     string  `json:"title" jsonschema:"what went wrong, in the language of the request"`
	Status    int     `json:"status" jsonschema:"the status of HTTP"`
	Code      string  `json:"code" jsonschema:"stable name of the problem"`
	Remedy    string  `json:"remedy,omitempty" jsonschema:"what to do about it"`
	Fact      string  `json:"fact,omitempty" jsonschema:"path of the fact, or member of the body, that was refused"`
	Line      int     `json:"line,omitempty" jsonschema:"line of the body, from 1"`
	Column    int     `json:"column,omitempty" jsonschema:"character of the line, from 1"`
	Parameter string  `json:"parameter,omitempty" jsonschema:"parameter or header concerned"`
	RequestID string  `json:"request_id,omitempty" jsonschema:"names the request in the server's log"`
	Errors    []Error `json:"errors,omitempty" jsonschema:"where several things were refused: all of them, in the order of the body"`
}

// Error is one of several things that were refused.
type Error struct {
	Title  string `json:"title" jsonschema:"what is wrong, in the language of the request"`
	Code   string `json:"code" jsonschema:"stable name of the problem"`
	Remedy string `json:"remedy,omitempty" jsonschema:"what to do about it"`
	Fact   string `json:"fact,omitempty" jsonschema:"path of the fact that was refused"`
	Line   int    `json:"line,omitempty" jsonschema:"line of the body, from 1"`
	Column int    `json:"column,omitempty" jsonschema:"character of the line, from 1"`
}

// In is the problem in a language, for one request.
func (p *Problem) In(lang, requestID string) Document {
	var all []Error
	for _, x := range p.All {
		all = append(all, Error{Title: x.Title.In(lang), Code: x.Code, Remedy: x.Remedy.In(lang), Fact: x.Fact, Line: x.Line, Column: x.Column})
	}
	return Document{
		Errors: all,
		Type:   "urn:rulebook:problem:" + p.Code, Title: p.Title.In(lang), Status: p.Status, Code: p.Code, Remedy: p.Remedy.In(lang),
		Fact: p.Fact, Line: p.Line, Column: p.Column, Parameter: p.Parameter, RequestID: requestID,
	}
}

// Write answers a request with the problem, in the language that it wants.
func Write(w http.ResponseWriter, r *http.Request, p *Problem) {
	body, err := json.Marshal(p.In(Language(r), w.Header().Get("Request-Id")))
	if err != nil {
		http.Error(w, p.Code, p.Status) // a Document can always be written
		return
	}
	h := w.Header()
	h.Set("Content-Type", "application/problem+json")
	h.Set("Cache-Control", "no-store")
	h.Add("Vary", "Accept-Language")
	h.Del("Etag")
	p.Headers(h)
	body = append(body, '\n')
	h.Set("Content-Length", strconv.Itoa(len(body))) // complete at once, whatever is still being sent
	w.WriteHeader(p.Status)
	_, _ = w.Write(body)
}

// Headers sets the headers that go with the problem, however it is shown.
func (p *Problem) Headers(h http.Header) {
	if p.RetryAfter > 0 {
		h.Set("Retry-After", strconv.Itoa(int((p.RetryAfter+time.Second-1)/time.Second)))
	}
	if p.Allow != "" {
		h.Set("Allow", p.Allow)
	}
	if p.Challenge != "" {
		h.Set("WWW-Authenticate", p.Challenge)
	}
}

// Textf formats both wordings with the same arguments.
func Textf(zh, en string, args ...any) Text { return diagnostic.Textf(zh, en, args...) }
