// Package console is the page of the server: asking, a month's review, the
// rules, the decisions on record. Everything is rendered on the server and
// works without scripts; the scripts only make it quicker. Nothing is fetched
// from elsewhere.
//
// The package knows the forms of rules (deadlines, ladders, indicators) and
// nothing of what they are about: labels, words, facts and questions are the
// rulebook's.
package console

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"html/template"
	"io/fs"
	"log/slog"
	"net/http"
	"net/url"
	"path"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/servicerules/rulebook/server/door"
	"github.com/servicerules/rulebook/server/people"
	"github.com/servicerules/rulebook/server/problem"
	"github.com/servicerules/rulebook/server/provider"
	"github.com/servicerules/rulebook/server/service"
)

//go:embed templates static
var files embed.FS

// Options fit the pages into a program. Each may be left out.
type Options struct {
	// Guard lets callers through by permission, as in package api; with nil
	// everybody may do everything.
	Guard func(people.Permission, http.Handler) http.Handler

	People *people.Store // accounts by which people sign in; nil for none
	// Provider is an identity provider at which people sign in; nil for none.
	Provider *provider.Provider
	Cases    fs.FS            // example cases to fill forms with; nil for none
	Sample   Sample           // a month of records to try
	Secure   bool             // requests come by TLS, here or at a proxy before
	Now      func() time.Time // nil for time.Now
	Logger   *slog.Logger     // nil for none
}

// Sample is a month of records to try. It is offered where the rules are those
// that it is made for.
type Sample struct {
	Tables   fs.FS // nil for none
	Month    string
	Rulebook string // id
}

// Console serves the pages.
type Console struct {
	service   *service.Service
	people    *people.Store      // nil where nobody signs in
	provider  *provider.Provider // nil where people sign in here alone
	sample    Sample
	secure    bool
	now       func() time.Time
	log       *slog.Logger
	templates map[string]map[string]*template.Template // by language and page
	static    map[string]asset
	mux       *http.ServeMux
	served    []people.Route
	unserved  http.Handler
	cases     *cases
	reviews   shelf[*month]  // made last, so that a page can be looked at again, printed and saved
	uploads   shelf[*upload] // that wait for somebody to say how they are read
	books     *books
	former    former
	forms     *forms
	drafts    *forms
	trying    turns
}

// New makes a console. It fails where its own templates are wrong, or where an
// example case cannot be read.
func New(s *service.Service, o Options) (*Console, error) {
	c := &Console{service: s, people: o.People, provider: o.Provider, sample: o.Sample, secure: o.Secure, now: o.Now, log: o.Logger, mux: http.NewServeMux()}
	if c.now == nil {
		c.now = time.Now
	}
	if c.log == nil {
		c.log = slog.New(slog.DiscardHandler)
	}
	var err error
	if c.cases, err = newCases(o.Cases); err != nil {
		return nil, err
	}
	c.books, c.forms, c.drafts = newBooks(), newForms(keptFormBytes), newForms(keptDraftBytes)
	c.trying = make(turns, runtime.GOMAXPROCS(0))
	if err := c.loadAssets(); err != nil {
		return nil, err
	}
	if err := c.loadTemplates(); err != nil {
		return nil, err
	}
	if o.Guard == nil {
		o.Guard = func(_ people.Permission, h http.Handler) http.Handler { return h }
	}
	c.routes(o.Guard)
	c.unserved = o.Guard(people.Known, http.HandlerFunc(c.notServed))
	return c, nil
}

func (c *Console) routes(guard func(people.Permission, http.Handler) http.Handler) {
	handle := func(pattern string, needs people.Permission, h http.HandlerFunc) {
		c.mux.Handle(pattern, guard(needs, h))
		c.served = append(c.served, people.Route{Pattern: pattern, Needs: needs})
	}
	page := func(pattern string, needs people.Permission, h func(*http.Request, *page) (int, error)) {
		handle(pattern, needs, func(w http.ResponseWriter, r *http.Request) { c.serve(w, r, h) })
	}
	page("GET /{$}", people.ReadRules, c.state)
	page("GET /state/{list}", people.SeeRecords, c.stateListed)
	page("GET /ask", people.ReadRules, c.questions)
	page("GET /ask/{question}", people.Ask, c.ask)
	page("POST /ask/{question}", people.Ask, c.ask)
	page("GET /ask/{question}/what-if", people.Ask, c.firm)
	page("GET /month", people.Ask, c.monthStart)
	page("POST /month", people.Ask, c.monthUpload)
	page("GET /month/{review}", people.Ask, c.monthReview)
	page("GET /month/{upload}/tables", people.Ask, c.monthTables)
	page("POST /month/{upload}/tables", people.Ask, c.monthTables)
	page("GET /month/{review}/record", people.Record, c.monthRecord)
	page("POST /month/{review}/record", people.Record, c.monthRecord)
	page("GET /rules", people.ReadRules, c.rules)
	page("GET /rules/readings", people.ReadRules, c.readings)
	page("POST /rules/readings", people.DecideReadings, c.decideReading)
	page("GET /rules/draft", people.Draft, c.draft)
	page("POST /rules/draft", people.Draft, c.draft)
	page("GET /rules/changes", people.ReadRules, c.changes)
	page("GET /rules/changes/new", people.Draft, c.changeEditor)
	page("POST /rules/changes/new", people.Draft, c.changeEditor)
	page("GET /rules/changes/{number}", people.ReadRules, c.change)
	page("GET /rules/changes/{number}/edit", people.Draft, c.changeEditor)
	page("POST /rules/changes/{number}/edit", people.Draft, c.changeEditor)
	page("POST /rules/changes/{number}/steps", people.ReadRules, c.changeStep)
	handle("GET /rules/changes/{number}/study", people.ReadRules, c.changeStudy)
	page("POST /rules/changes/{number}/study", people.ReadRules, c.studyAgain)
	handle("POST /rules/editor/findings", people.Draft, c.edited(c.editorFound))
	handle("POST /rules/editor/fixes", people.Draft, c.edited(c.editorFixes))
	handle("POST /rules/editor/completions", people.Draft, c.edited(c.editorCompletions))
	page("GET /rules/history", people.ReadRules, c.history)
	page("GET /decisions", people.SeeRecords, c.decisions)
	page("GET /decisions/{id}", people.SeeRecords, c.decision)
	page("POST /decisions/{id}/steps", people.Note, c.step)
	page("POST /decisions/{id}/erasure", people.Erase, c.eraseDecision)
	page("POST /month/{review}/erasure", people.Erase, c.eraseMonth)
	page("GET /decisions/{id}/paper", people.SeeRecords, c.paper)
	page("GET /matters/{id}", people.SeeRecords, c.matter)
	page("POST /decisions/verify", people.Verify, c.verify)
	if c.people != nil {
		page("GET /sign-in", people.Anybody, c.signInPage)
		page("POST /sign-in", people.Anybody, c.signIn)
		page("GET /sign-in/provider", people.Anybody, c.toProvider)
		page("GET "+provider.BackPath, people.Anybody, c.fromProvider)
		page("POST /sign-out", people.Anybody, c.signOut)
		page("GET /link/{key}", people.Anybody, c.link)
		page("POST /link/{key}", people.Anybody, c.link)
		page("GET /account", people.Known, c.account)
		page("POST /account", people.Known, c.account)
		page("GET /people", people.ManagePeople, c.peoplePage)
		page("POST /people", people.ManagePeople, c.peoplePage)
		page("GET /people/{id}", people.ManagePeople, c.person)
		page("POST /people/{id}", people.ManagePeople, c.person)
		page("GET /access", people.SeeAccess, c.access)
	}
	handle("GET /decisions/{id}/steps", people.SeeRecords, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/decisions/"+url.PathEscape(r.PathValue("id"))+"#steps", http.StatusSeeOther)
	})
	handle("GET /decisions.csv", people.Export, c.decisionsCSV)
	handle("GET /decisions/verify", people.SeeRecords, http.RedirectHandler("/decisions", http.StatusSeeOther).ServeHTTP)
	handle("GET /month/{review}/{file}", people.Ask, c.monthCSV)
	handle("GET /banner", people.ReadRules, c.bannerPart)
	handle("GET /static/{file}", people.Anybody, c.serveStatic)
}

// Routes are all addresses of pages, and what each needs.
func (c *Console) Routes() []people.Route { return slices.Clone(c.served) }

// ServeHTTP serves the pages: everything that is not the interface for
// programs.
func (c *Console) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if c.choose(w, r) {
		return
	}
	if _, pattern := c.mux.Handler(r); pattern == "" {
		c.unserved.ServeHTTP(w, r)
		return
	}
	c.mux.ServeHTTP(w, r)
}

// notServed says, as a page, that there is nothing at the address, or that the
// address does not take the method.
func (c *Console) notServed(w http.ResponseWriter, r *http.Request) {
	var allowed []string
	for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodPost} {
		other := r.Clone(r.Context())
		other.Method = method
		if _, pattern := c.mux.Handler(other); pattern != "" {
			allowed = append(allowed, method)
		}
	}
	if len(allowed) == 0 {
		c.serve(w, r, c.notFound)
		return
	}
	p := problem.New(http.StatusMethodNotAllowed, "wrong_method", problem.Text{ZH: "此地址不接受这个方法", EN: "this address does not take the method"},
		problem.Text{ZH: "从页面上的链接和按钮继续；程序用 /openapi.json 所列的接口", EN: "go on by the links and buttons of the pages; programs use what /openapi.json lists"})
	p.Allow = strings.Join(allowed, ", ")
	c.Problem(w, r, p)
}

// page is what every page has, with what is its own in Data.
type page struct {
	Name string // of the template
	Lang string
	// Languages are those of the rulebook, which the page can be had in.
	Languages []string
	Theme     string // "light", "dark", or "" for what the device prefers
	Title     string
	Nav       string // the entry of the menu that the page belongs to
	Path      string // with the query, to come back to
	Book      string
	SHA256    string
	Banner    *banner
	Editor    bool // the page has an editor, and its styles the nonce
	Nonce     string
	Form      string // id of the form that the switches send along, "" for none
	Again     string // the address to load instead of sending once more what was sent
	Wide      bool
	Accounts  bool   // people sign in
	SignedIn  string // what whoever is signed in is called
	Data      any

	context  context.Context // of the request
	viewer   *viewer
	extend   func() // gives what takes long the time for its answer anew
	alive    *alive
	location string // to go to instead

	retryAfter time.Duration // when it may be tried again
	empty      bool          // there is nothing to show
	cookies    []*http.Cookie
}

// May reports whether whoever looks at the page may do something.
func (p *page) May(what people.Permission) bool { return door.May(p.context, what) }

func (p *page) pick(zh, en string) string { return p.viewer.pick(zh, en) }

// serve runs a page's handler and renders what it made. Nothing of an error is
// shown but what people can use; it may hold facts, so it is not logged
// either.
func (c *Console) serve(w http.ResponseWriter, r *http.Request, h func(*http.Request, *page) (int, error)) {
	p := c.newPage(r)
	p.extend = extender(w, r)
	p.alive = &alive{w: w, lang: p.Lang, extend: p.extend}
	status, err := h(r, p)
	if err == nil && p.viewer.named && p.location == "" {
		_, path, _ := strings.Cut(r.Pattern, " ")
		err = door.Looked(r.Context(), r.PathValue("id"), path)
	}
	begun := p.alive.stop()
	if err != nil {
		status = c.failed(r, p, err)
	}
	if begun { // with 200: what went wrong stands on the page
		status = 0
	}
	for _, cookie := range p.cookies {
		http.SetCookie(w, cookie)
	}
	if p.location != "" {
		http.Redirect(w, r, p.location, http.StatusSeeOther)
		return
	}
	if p.retryAfter > 0 {
		(&problem.Problem{RetryAfter: p.retryAfter}).Headers(w.Header())
	}
	if p.empty {
		w.WriteHeader(status)
		return
	}
	c.render(w, p, status)
}

// answerTime is how long an answer may take to be sent, from the latest sign
// of life on.
const answerTime = time.Minute

// extender extends the time of an answer, where the server limits it.
func extender(w http.ResponseWriter, r *http.Request) func() {
	server, ok := r.Context().Value(http.ServerContextKey).(*http.Server)
	if !ok || server.WriteTimeout == 0 {
		return func() {}
	}
	control := http.NewResponseController(w)
	return func() { _ = control.SetWriteDeadline(time.Now().Add(answerTime)) }
}

func (c *Console) newPage(r *http.Request) *page {
	rules := c.service.Rules.Current()
	p := &page{context: r.Context(), Lang: c.langOf(r), Theme: themeOf(r), Path: r.URL.RequestURI(), SHA256: rules.SHA256}
	if r.Method != http.MethodGet {
		p.Path = r.URL.Path
		p.Again = r.URL.EscapedPath()
	}
	p.viewer = &viewer{asks: rules.Book, book: rules.Book.Rulebook(), lang: p.Lang, masked: !p.May(people.SeePersonal)}
	p.Book = p.viewer.book.Title.In(p.Lang)
	p.Banner = c.newBanner(p.Lang)
	p.Languages = p.viewer.book.Languages
	if p.Accounts = c.people != nil; p.Accounts {
		caller := door.CallerOf(r.Context())
		p.SignedIn = cmp.Or(caller.Who().Title, caller.Who().Name)
		if caller == nil { // to whom nobody knows it tells nothing of the rules
			p.Book, p.SHA256, p.Banner = "", "", nil
		}
	}
	return p
}

func (c *Console) render(w http.ResponseWriter, p *page, status int) {
	t := c.templates[ofEngine(p.Lang)][p.Name]
	if t == nil {
		http.Error(w, "no template "+p.Name, http.StatusInternalServerError)
		return
	}
	if p.Editor {
		p.Nonce = door.AllowStyles(w.Header())
	}
	var b bytes.Buffer
	if err := t.ExecuteTemplate(&b, "base.html", p); err != nil {
		c.log.Error("page not rendered", "page", p.Name, "err", kindOf(err))
		http.Error(w, p.pick("页面出错", "the page failed"), http.StatusInternalServerError)
		return
	}
	if status != 0 {
		pageHeaders(w, p.Lang)
		w.Header().Set("Content-Length", strconv.Itoa(b.Len())) // complete at once, whatever is still being sent
		w.WriteHeader(status)
	}
	_, _ = w.Write(b.Bytes())
}

func pageHeaders(w http.ResponseWriter, lang string) {
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Language", htmlLang(lang))
	h.Add("Vary", "Accept-Language, Cookie")
}

// ---- language and theme

const (
	langCookie  = "lang"
	themeCookie = "theme"
	aYear       = 365 * 24 * 60 * 60
)

func oneOf(value string, allowed ...string) string {
	if has(allowed, value) {
		return value
	}
	return ""
}

// langOf is the language of a page: the one that was chosen, else the one that
// the browser prefers. The pages are worded in Chinese and English, the rulebook
// in languages of its own.
func (c *Console) langOf(r *http.Request) string {
	if chosen, err := r.Cookie(langCookie); err == nil && c.offers(chosen.Value) {
		return chosen.Value
	}
	return problem.Language(r, c.service.Rules.Current().Book.Rulebook().Languages...)
}

// offers reports whether pages can be had in a language.
func (c *Console) offers(lang string) bool {
	return oneOf(lang, "zh", "en") != "" || has(c.service.Rules.Current().Book.Rulebook().Languages, lang)
}

// ofEngine is the language of the pages' own wording where the rulebook's is in
// the language.
func ofEngine(lang string) string {
	if strings.HasPrefix(lang, "zh") {
		return "zh"
	}
	return "en"
}

// htmlLang is the language as pages say it.
func htmlLang(lang string) string {
	if lang == "zh" {
		return "zh-CN"
	}
	return lang
}

// languageNames are what languages are called in themselves; others are called
// by their tags.
var languageNames = map[string]string{
	"zh": "中文", "en": "English", "de": "Deutsch", "fr": "Français", "es": "Español", "it": "Italiano", "pt": "Português", "nl": "Nederlands",
	"pl": "Polski", "sv": "Svenska", "da": "Dansk", "nb": "Norsk", "fi": "Suomi", "cs": "Čeština", "ja": "日本語", "ko": "한국어", "ru": "Русский",
}

func languageName(lang string) string { return cmp.Or(languageNames[lang], lang) }

func themeOf(r *http.Request) string {
	if c, err := r.Cookie(themeCookie); err == nil {
		return oneOf(c.Value, "light", "dark")
	}
	return ""
}

// choose keeps a language or a theme that is asked for in the query, and goes
// back to the page without it.
func (c *Console) choose(w http.ResponseWriter, r *http.Request) bool {
	if r.Method != http.MethodGet || r.URL.RawQuery == "" {
		return false
	}
	q := r.URL.Query()
	cookies := c.choices(q.Get("lang"), q.Get("theme"))
	if len(cookies) == 0 {
		return false
	}
	for _, x := range cookies {
		http.SetCookie(w, x)
	}
	q.Del("lang")
	q.Del("theme")
	to := r.URL.EscapedPath()
	if !strings.HasPrefix(to, "/") || strings.HasPrefix(to, "//") {
		to = "/"
	}
	if len(q) > 0 {
		to += "?" + q.Encode()
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
	return true
}

// choices are the cookies that keep a language and a theme.
func (c *Console) choices(lang, theme string) []*http.Cookie {
	var all []*http.Cookie
	keep := func(name, value string) {
		all = append(all, &http.Cookie{
			Name: name, Value: value, Path: "/", MaxAge: aYear, SameSite: http.SameSiteLaxMode, Secure: c.secure,
		})
	}
	if c.offers(lang) {
		keep(langCookie, lang)
	}
	if v := oneOf(theme, "light", "dark", "auto"); v != "" {
		keep(themeCookie, v)
	}
	return all
}

// ---- templates and other files

var pages = []string{"state.html", "state_list.html", "questions.html", "ask.html", "firm.html", "month.html", "month_tables.html", "month_record.html", "review.html", "rules.html", "readings.html", "draft.html", "changes.html", "change.html", "change_edit.html", "history.html", "decisions.html", "decision.html", "paper.html", "matter.html", "verify.html", "message.html", "refused.html", "sign_in.html", "link.html", "account.html", "people.html", "person.html", "access.html"}

func (c *Console) loadTemplates() error {
	c.templates = map[string]map[string]*template.Template{}
	for _, lang := range []string{"zh", "en"} {
		set := map[string]*template.Template{}
		for _, name := range pages {
			t, err := template.New(name).Funcs(c.functions(lang)).ParseFS(files, "templates/base.html", "templates/parts.html", "templates/"+name)
			if err != nil {
				return fmt.Errorf("template %s: %w", name, err)
			}
			set[name] = t
		}
		c.templates[lang] = set
	}
	return nil
}

func (c *Console) functions(lang string) template.FuncMap {
	return template.FuncMap{
		"t": func(zh, en string) string { // wording
			if lang == "zh" {
				return zh
			}
			return en
		},
		"editorWords": func() (string, error) { return editorWords(lang) },
		"asset":       func(name string) string { return "/static/" + name + "?v=" + c.static[name].version },
		"htmlLang":    htmlLang,
		"langName":    languageName,
		"join":        strings.Join,
		"dict":        dict,
		"dated":       dated,
		"inc":         func(i int) int { return i + 1 },
		"blank":       func(n int) string { return strings.Repeat(" ", len(itoa(n))) },
		"paragraphs":  func(s string) []string { return strings.Split(s, "\n") },
	}
}

var dates = regexp.MustCompile(`\d{4}-\d{2}-\d{2}(?: \d{2}:\d{2}(?::\d{2})?)?`)

// dated keeps the dates of a text from being broken at the ends of lines.
func dated(text string) template.HTML {
	return template.HTML(dates.ReplaceAllString(template.HTMLEscapeString(text), `<span class="tab">$0</span>`))
}

// dict passes several values to a template.
func dict(pairs ...any) (map[string]any, error) {
	if len(pairs)%2 != 0 {
		return nil, fmt.Errorf("dict: a value is missing")
	}
	m := map[string]any{}
	for i := 0; i < len(pairs); i += 2 {
		key, ok := pairs[i].(string)
		if !ok {
			return nil, fmt.Errorf("dict: %v is no key", pairs[i])
		}
		m[key] = pairs[i+1]
	}
	return m, nil
}

// asset is a file that pages refer to, under a name that changes with it.
type asset struct {
	data          []byte
	kind, version string
}

var kinds = map[string]string{
	".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml",
}

func (c *Console) loadAssets() error {
	c.static = map[string]asset{}
	entries, err := fs.ReadDir(files, "static")
	if err != nil {
		return err
	}
	for _, e := range entries {
		data, err := fs.ReadFile(files, "static/"+e.Name())
		if err != nil {
			return err
		}
		sum := sha256.Sum256(data)
		c.static[e.Name()] = asset{data, kinds[path.Ext(e.Name())], hex.EncodeToString(sum[:6])}
	}
	return nil
}

func (c *Console) serveStatic(w http.ResponseWriter, r *http.Request) {
	a, ok := c.static[r.PathValue("file")]
	if !ok {
		c.Problem(w, r, noPage())
		return
	}
	h := w.Header()
	h.Set("Content-Type", a.kind)
	h.Set("ETag", `"`+a.version+`"`)
	if r.URL.Query().Get("v") == a.version {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	} else {
		h.Set("Cache-Control", "no-cache")
	}
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(a.data))
}
