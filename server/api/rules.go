package api

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/rickb777/date/v2"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/gen"
	"github.com/servicerules/rulebook/policy"
	"github.com/servicerules/rulebook/server/door"
	"github.com/servicerules/rulebook/server/live"
	"github.com/servicerules/rulebook/server/problem"
	"github.com/servicerules/rulebook/server/record"
	"github.com/servicerules/rulebook/server/signing"
	"github.com/servicerules/rulebook/sla/workday"
)

// send answers with a value that depends on nothing but the rules in use and
// the program.
func (a *api) send(w http.ResponseWriter, r *http.Request, rules *live.Loaded, v any) error {
	tag := `"` + rules.SHA256 + "-" + a.Edition() + `"`
	w.Header().Set("Etag", tag)
	w.Header().Set("Cache-Control", "no-cache")
	if matches(r, tag) {
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	data, err := marshal(v)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, data)
}

// matches reports whether the caller has this version already.
func matches(r *http.Request, tag string) bool {
	for _, header := range r.Header.Values("If-None-Match") {
		for one := range strings.SplitSeq(header, ",") {
			if one = strings.TrimPrefix(strings.TrimSpace(one), "W/"); one == tag || one == "*" {
				return true
			}
		}
	}
	return false
}

func (a *api) questions(w http.ResponseWriter, r *http.Request) error {
	rules := a.Rules.Current()
	list := Questions{Questions: []QuestionTitle{}}
	for _, q := range rules.Book.Rulebook().Questions {
		list.Questions = append(list.Questions, QuestionTitle{q.ID, q.Title})
	}
	return a.send(w, r, rules, list)
}

func (a *api) question(w http.ResponseWriter, r *http.Request) error {
	rules := a.Rules.Current()
	q, ok := rules.Book.Rulebook().Question(r.PathValue("id"))
	if !ok {
		return &policy.UnknownQuestionError{Question: r.PathValue("id")}
	}
	out := Question{ID: q.ID, Title: q.Title, Facts: gen.FactsSchema(q), Answer: gen.AnswerSchema(q), Verdicts: wordsOf(q.Verdict.Words), Values: []Value{}}
	var add func(list []*policy.QuestionValue, prefix string)
	add = func(list []*policy.QuestionValue, prefix string) {
		for _, f := range list {
			out.Values = append(out.Values, Value{prefix + f.Name, f.Label, f.Type.Kind, f.Unit, wordsOf(f.Words)})
			add(f.Fields, prefix+f.Name+".")
		}
	}
	add(q.Values, "")
	return a.send(w, r, rules, out)
}

func (a *api) articles(w http.ResponseWriter, r *http.Request) error {
	rules := a.Rules.Current()
	b := rules.Book.Rulebook()
	out := Articles{Regulations: []Regulation{}}
	for _, reg := range b.Regulations {
		x := Regulation{ID: reg.ID, Title: reg.Title, Articles: []Article{}}
		for _, article := range reg.Articles {
			x.Articles = append(x.Articles, articleOf(b, article, false))
		}
		out.Regulations = append(out.Regulations, x)
	}
	return a.send(w, r, rules, out)
}

func (a *api) article(w http.ResponseWriter, r *http.Request) error {
	rules := a.Rules.Current()
	b := rules.Book.Rulebook()
	id := r.PathValue("regulation") + "/" + r.PathValue("n")
	article, ok := b.Article(id)
	if !ok {
		var ids []string
		for _, reg := range b.Regulations {
			for _, x := range reg.Articles {
				ids = append(ids, x.ID)
			}
		}
		remedy := problem.Text{ZH: "全部条款见 /v1/articles", EN: "/v1/articles lists them all"}
		if near := diagnostic.Nearest(id, ids); near != "" {
			remedy = problem.Textf("是否指 %s？全部条款见 /v1/articles", "did you mean %s? /v1/articles lists them all", near)
		}
		return problem.New(http.StatusNotFound, "unknown_article", problem.Text{ZH: "没有这一条款", EN: "there is no such article"}, remedy)
	}
	return a.send(w, r, rules, articleOf(b, article, true))
}

// articleOf describes an article, with the text of its rules or without.
func articleOf(b *policy.Rulebook, x *policy.Article, whole bool) Article {
	out := Article{
		ID: x.ID, Nature: x.Nature, Title: x.Title, Text: optional(x.Text), Note: optional(x.Note), DecidesNothing: optional(x.DecidesNothing),
		Rules: []Rule{}, Readings: []string{},
	}
	if !x.Source.IsZero() {
		out.Source = &x.Source
	}
	for _, rule := range x.Rules {
		one := Rule{ID: rule.ID, Form: rule.Form.Name, Label: rule.Label}
		if whole {
			one.Text = b.Excerpt(rule)
		}
		out.Rules = append(out.Rules, one)
	}
	for _, reading := range b.Readings {
		if reading.Article == x.ID {
			out.Readings = append(out.Readings, reading.Key)
		}
	}
	return out
}

func (a *api) readings(w http.ResponseWriter, r *http.Request) error {
	rules := a.Rules.Current()
	b := rules.Book.Rulebook()
	out := Readings{Readings: []Reading{}}
	for _, x := range b.Readings {
		chosen, _ := rules.Book.Chosen(x.Key, time.Time{})
		one := Reading{
			Key: x.Key, Article: x.Article, Asks: x.Asks, Why: optional(x.Why), Several: x.Several, Chosen: chosen,
			DecidedBy: x.DecidedBy, DecidedOn: x.DecidedOn, UsedBy: []string{}, Options: []ReadingOption{},
		}
		for _, o := range x.Options {
			one.Options = append(one.Options, ReadingOption{o.Name, o.Label, o.Parameter})
		}
		for _, rule := range x.UsedBy {
			one.UsedBy = append(one.UsedBy, rule.ID)
		}
		out.Readings = append(out.Readings, one)
	}
	slices.SortStableFunc(out.Readings, func(x, y Reading) int { return strings.Compare(decided(x), decided(y)) })
	return a.send(w, r, rules, out)
}

func decided(x Reading) string {
	if x.DecidedBy == "" {
		return "0"
	}
	return "1"
}

const yaml = "application/yaml"

func (a *api) rules(w http.ResponseWriter, r *http.Request) error {
	rules := a.Rules.Current()
	return sendRules(w, r, rules.SHA256, rules.Text)
}

// pastRules is a rules file that has decided something, or the one in use.
func (a *api) pastRules(w http.ResponseWriter, r *http.Request) error {
	unknown := problem.New(http.StatusNotFound, "unknown_rules", problem.Text{ZH: "没有这份规则", EN: "there are no such rules"},
		problem.Text{ZH: "写规则文件的 SHA-256；现行的见 /v1/rules", EN: "give the SHA-256 of a rules file; those in use are at /v1/rules"})
	sum, err := record.ParseHash(r.PathValue("sha256"))
	if err != nil {
		return unknown
	}
	if rules := a.Rules.Current(); rules.SHA256 == sum.String() {
		return sendRules(w, r, rules.SHA256, rules.Text)
	}
	text, err := a.Store.Rulebook(r.Context(), sum)
	if errors.Is(err, record.ErrNotFound) {
		text, err = a.Changes.Text(r.Context(), sum.String())
	}
	if errors.Is(err, record.ErrNotFound) {
		return unknown
	}
	if err != nil {
		return err
	}
	return sendRules(w, r, sum.String(), text)
}

func sendRules(w http.ResponseWriter, r *http.Request, sum string, text []byte) error {
	h := w.Header()
	tag := `"` + sum + `"`
	h.Set("Etag", tag)
	h.Set("Cache-Control", "no-cache")
	if matches(r, tag) {
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	h.Set("Content-Type", yaml)
	h.Set("Content-Length", strconv.Itoa(len(text)))
	_, _ = w.Write(text)
	return nil
}

func (a *api) check(w http.ResponseWriter, r *http.Request) error {
	release, err := a.Drafting()
	if err != nil {
		return err
	}
	defer release()
	draft, err := read(w, r, MaxDraft)
	if err != nil {
		return err
	}
	tried, err := a.Try(r.Context(), draft, nil)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(draft)
	lang := problem.Language(r)
	out := Check{OK: tried.OK(), SHA256: hex.EncodeToString(sum[:]), Findings: findingsOf(tried.Findings, "", lang), Cases: tried.Tried, CasesUnreadable: tried.Err != nil}
	for _, f := range tried.Failed {
		out.FailedCases = append(out.FailedCases, FailedCase{f.File, f.Line, f.Name, f.Lines(lang)})
	}
	return sendFresh(w, http.StatusOK, out)
}

func (a *api) reload(w http.ResponseWriter, r *http.Request) error {
	status := a.Rules.Reload(r.Context())
	code := http.StatusOK
	if !status.OK {
		code = http.StatusUnprocessableEntity
	}
	return sendFresh(w, code, a.reloadOf(status, problem.Language(r)))
}

func (a *api) reloadOf(s live.Status, lang string) *Reload {
	out := &Reload{OK: s.OK, At: s.At, Source: s.Source, SHA256: s.SHA256, Active: a.Rules.Current().SHA256, Findings: findingsOf(s.Findings, s.Source, lang)}
	switch {
	case s.OK:
	case errors.As(s.Err, new(*signing.UnsignedError)):
		out.Reason = "unsigned"
	case s.Err != nil:
		out.Reason = "unreadable"
	case len(s.Failed) > 0:
		out.Reason = "failed_cases"
	default:
		out.Reason = "refused"
	}
	for _, f := range s.Failed {
		out.FailedCases = append(out.FailedCases, FailedCase{f.File, f.Line, f.Name, f.Lines(lang)})
	}
	return out
}

func (a *api) healthy(w http.ResponseWriter, _ *http.Request) error {
	w.Header().Set("Cache-Control", "no-store")
	return writeJSON(w, http.StatusOK, []byte("{\"status\":\"ok\"}\n"))
}

func (a *api) ready(w http.ResponseWriter, r *http.Request) error {
	status := a.Rules.Status()
	out, code := Ready{Status: "ready"}, http.StatusOK
	behind := a.Changes.Behind()
	if !status.OK || behind != nil || a.options.Tokens != nil && a.options.Tokens() != nil {
		out.Status = "warning"
	}
	failing := a.Store.Failing()
	if failing != nil {
		out.Status, out.Cause, code = "unavailable", failing.Cause(), http.StatusServiceUnavailable
	}
	if a.open || door.CallerOf(r.Context()) != nil { // others learn only how the server is
		out.Active, out.Records = a.Rules.Current().SHA256, a.Store.Head().Seq
		if failing != nil {
			out.Detail = failing.Err.Error()
		}
		if !status.OK {
			out.Latest = a.reloadOf(status, problem.Language(r))
		}
		if behind != nil {
			lang := problem.Language(r)
			out.Behind = &Behind{behind.Change, behind.SHA256, behind.Since, behind.Message.In(lang), behind.Remedy.In(lang)}
		}
	}
	return sendFresh(w, code, out)
}

var dateForm = regexp.MustCompile(`^\d{4}-\d{2}-\d{2}$`)

func (a *api) addDays(w http.ResponseWriter, r *http.Request) error {
	query := r.URL.Query()
	day, err := time.Parse(time.DateOnly, query.Get("from"))
	if err != nil || !dateForm.MatchString(query.Get("from")) || day.Year() < 2000 || day.Year() > 2100 {
		return badParameter("from", problem.Text{ZH: "应为 2000 至 2100 年的日期", EN: "a date of the years 2000 to 2100 is expected"}, problem.Text{ZH: "写 from=2025-06-09", EN: "write from=2025-06-09"})
	}
	const most = 36_500
	n, err := strconv.Atoi(query.Get("days"))
	if err != nil || n < -most || n > most || strings.HasPrefix(query.Get("days"), "+") {
		return badParameter("days", problem.Textf("应为 -%d 至 %d 的整数", "a whole number from -%d to %d is expected", most, most), problem.Text{ZH: "写 days=5", EN: "write days=5"})
	}
	rules := a.Rules.Current()
	b := rules.Book.Rulebook()
	name, calendar := b.DefaultCalendar()
	if query.Has("calendar") && query.Get("calendar") != name {
		name = query.Get("calendar")
		var ok bool
		if calendar, ok = b.Calendar(name); !ok {
			return badParameter("calendar", problem.Text{ZH: "没有这个日历", EN: "there is no such calendar"}, nearest(name, b.CalendarNames()))
		}
	}
	if calendar == nil {
		return badParameter("calendar", problem.Text{ZH: "规则书没有写按哪个日历", EN: "the rulebook names no calendar"}, problem.Text{ZH: "写 calendar=china", EN: "write calendar=china"})
	}
	due, err := calendar.Add(date.NewAt(day), n)
	var year *workday.YearMissingError
	switch {
	case errors.As(err, &year):
		return problem.New(http.StatusUnprocessableEntity, "calendar_year_missing",
			problem.Textf("日历缺 %d 年", "the calendar has no year %d", year.Year), problem.Text{ZH: "在规则文件里补上这一年", EN: "add the year to the rules file"})
	case err != nil:
		return badParameter("days", problem.Text{ZH: "超出日历的范围", EN: "this leaves the range of calendars"}, problem.Text{ZH: "少写几天", EN: "give fewer days"})
	}
	return a.send(w, r, rules, Workday{Calendar: name, From: query.Get("from"), Days: n, Date: due.String()})
}
