package console

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/rickb777/date/v2"

	"github.com/servicerules/rulebook/internal/headline"
	"github.com/servicerules/rulebook/internal/run"
	"github.com/servicerules/rulebook/internal/wording"
	"github.com/servicerules/rulebook/policy"
	"github.com/servicerules/rulebook/server/door"
	"github.com/servicerules/rulebook/server/people"
	"github.com/servicerules/rulebook/server/service"
)

// stateView is the first page: how things stand. Every number leads to its
// list, every line of it to its record, and that to its reasons.
type stateView struct {
	Stuck   []string // webhooks that take no events, in words
	Now     string
	Zone    string
	Tiles   []tile
	Lists   []stateList // those that something is in
	Missing []missingGroup
	Kept    *keptView // the latest month that is kept; nil for none
	Charts  []chart
	Months  string // "2025-07 – 2026-07"
	Changes []ruleChange
	Asks    []questionGroup
	Total   int64
	Behind  int64
	Dropped int

	Nothing bool // nothing is overdue, due soon or waits for anybody
}

// keptView is a month that is kept.
type keptView struct {
	Month, Href string
	Tiles       []tile
	Chart       *chart
}

// stateList is the matters of one kind.
type stateList struct {
	Name, Title string
	Rows        []matterRow
	N           int
	Href        string
	listFilter

	// Of a page of its own:
	First, Last  int    // places of the rows in the list, from 1
	Before, Next string // the pages beside it, "" for none
	Here         string
	Behind       int64 // records that were not read yet
	Dropped      int   // matters that may be missing, since there are too many
}

// listFilter is which matters of a list are looked for. Empty fields do not
// matter.
type listFilter struct {
	Missing string // a missing fact; see missingKey
	Says    string // what stands in a fact, as a person's name or an area
}

func (f listFilter) lets(v *viewer, m *service.Matter) bool {
	if f.Missing != "" && !slices.ContainsFunc(m.Missing, func(x policy.MissingFact) bool { return missingKey(m, x) == f.Missing }) {
		return false
	}
	if f.Says == "" {
		return true
	}
	for path, value := range m.Given {
		if v.says(m.Question, path, saidOf(value), f.Says) {
			return true
		}
	}
	return false
}

// says reports whether the fact at a path says what is looked for: has it in it, in
// any case, or in what its word is called. What names a person has to be looked for
// by the whole of it by who may not see it: by parts, letter after letter, he would
// find it out.
func (v *viewer) says(question, path, text, wanted string) bool {
	var fact *policy.Fact
	if q, known := v.book.Question(question); known {
		fact, _ = service.FactAt(q, path)
	}
	if v.masked && path != "as_of" && (fact == nil || fact.Personal) {
		return strings.EqualFold(text, wanted)
	}
	if fact != nil && fact.Words != nil {
		text += " " + v.words().Word(text, fact.Words)
	}
	return strings.Contains(strings.ToLower(text), strings.ToLower(wanted))
}

// saidOf is a single value of facts, which are JSON, as it was said.
func saidOf(value string) string {
	var text string
	if json.Unmarshal([]byte(value), &text) != nil {
		return value
	}
	return text
}

type matterRow struct {
	ID, Href, Matter, Question, What, Who, Due, Left, Class string
}

// missingGroup is a fact that is missing, and how many wait for it.
type missingGroup struct {
	Label, Question, Href string
	N                     int
}

// ruleChange is a day from which the rules in force say something else.
type ruleChange struct {
	Day, In string
	Rules   []articleRule
	More    int
}

type articleRule struct {
	Label   string
	Article articleRef
}

// kinds of lists, in the order of their urgency.
const (
	listOverdue   = "overdue"
	listRisk      = "at-risk"
	listSoon      = "soon"
	listWaiting   = "waiting"
	listOpen      = "undetermined"
	listNotMet    = "not-met"
	listUnasked   = "not-taken"
	listUnderWay  = "under-way"
	shownState    = 6   // matters of a list on the first page
	shownList     = 500 // on a page of its own
	shownChanges  = 8
	watchedAhead  = soonDays * 24 * time.Hour
	shownMissing  = 8
	riskAhead     = 24 * time.Hour
	monthsCharted = 13
)

// listFrom is the part of an address that says how many of a list come before the page.
const listFrom = "from"

var listNames = []string{listOverdue, listRisk, listSoon, listWaiting, listOpen, listNotMet, listUnderWay, listUnasked}

func (v *viewer) listTitle(name string) string {
	switch name {
	case listOverdue:
		return v.pick("已逾期，尚未办结", "Overdue and open")
	case listRisk:
		return v.pick("有风险：24 小时内到期，或已到预警", "At risk: due within 24 hours, or past a warning")
	case listSoon:
		return v.pick(itoa(soonDays)+" 天内到期", "Due within "+itoa(soonDays)+" days")
	case listWaiting:
		return v.pick("建议已提出，待人决定", "Proposed, for a person to decide")
	case listOpen:
		return v.pick("未定：缺事实", "Undetermined: a fact is missing")
	case listNotMet:
		return v.pick("指标不达标", "Indicators not met")
	case listUnderWay:
		return v.pick("在办：时限在走、停着或未起算", "Under way: a clock runs, stands still or has not started")
	case listUnasked:
		return v.pick("现行规则不收的事实", "Facts that the rules in force do not take")
	}
	return ""
}

// in reports whether a matter belongs to a list.
func in(name string, m *service.Matter, now time.Time) bool {
	switch name {
	case listOverdue:
		return m.Overdue()
	case listRisk:
		left, runs := m.Left(now)
		return m.AtRisk() || runs && left <= riskAhead
	case listSoon:
		left, runs := m.Left(now)
		return runs && left <= watchedAhead
	case listWaiting:
		return m.Waits()
	case listOpen:
		return m.Verdict == policy.Undetermined
	case listNotMet:
		return len(m.NotMet) > 0
	case listUnderWay:
		return m.UnderWay()
	case listUnasked:
		return m.Refused
	}
	return false
}

// riskBeyond reports whether anything at risk is not due soon.
func riskBeyond(s *service.Standing, now time.Time) bool {
	return slices.ContainsFunc(s.Matters, func(m service.Matter) bool { return in(listRisk, &m, now) && !in(listSoon, &m, now) })
}

// mayRead reports whether the caller may see what is on record.
func mayRead(r *http.Request) bool { return door.May(r.Context(), people.SeeRecords) }

// state is the first page. Who may not read what is on record gets the
// questions.
func (c *Console) state(r *http.Request, p *page) (int, error) {
	if !mayRead(r) {
		p.location = "/ask"
		return http.StatusSeeOther, nil
	}
	p.Name, p.Nav, p.Wide, p.Title = "state.html", "state", true, p.pick("现况", "How things stand")
	standing, err := c.service.Standing(r.Context())
	if err != nil {
		return 0, err
	}
	v, now := p.viewer, c.service.Store.Now()
	x := &stateView{Now: wording.Moment(now.In(v.book.Zone).Truncate(time.Minute)), Zone: v.book.Zone.String(), Asks: v.questionGroups(),
		Total: c.service.Store.Head().Seq, Behind: standing.Behind, Dropped: standing.Dropped}
	x.Nothing = true
	for _, name := range listNames {
		l := v.stateList(name, standing, now, listFilter{}, 0, shownState)
		x.Nothing = x.Nothing && (l.N == 0 || name == listUnderWay)
		class := map[string]string{listOverdue: "bad", listNotMet: "bad", listUnderWay: "plain"}[name]
		if name != listUnasked || l.N > 0 {
			x.Tiles = append(x.Tiles, tile{l.Title, l.N, cmp.Or(class, "open"), l.Href})
		}
		if l.N > 0 && name != listOpen && name != listUnderWay && (name != listRisk || riskBeyond(standing, now)) { // the one is told by fact, the other mostly part of what is due soon
			x.Lists = append(x.Lists, l)
		}
	}
	x.Missing = v.missingGroups(standing)
	if x.Charts, x.Months, err = c.charts(r.Context(), v, now); err != nil {
		return 0, err
	}
	kept, err := c.keptMonths(r.Context(), p)
	if err != nil {
		return 0, err
	}
	if month, totals, sources, href := latestKept(kept); sources > 0 {
		x.Kept = &keptView{Month: month, Href: href, Chart: v.keptChart(kept), Tiles: []tile{
			{v.pick("审查的记录", "records reviewed"), totals.Records, "", href},
			{v.pick("有违反的记录", "records with a breach"), totals.Breached, "bad", href},
			{v.pick("须由人决定", "for a person to decide"), totals.Decisions, "open", href},
			{v.pick("缺事实", "a fact is missing"), totals.Undecided, "open", href},
		}}
	}
	x.Changes = v.changesToCome(now)
	if x.Stuck, err = c.stuckWebhooks(r.Context(), p); err != nil {
		return 0, err
	}
	p.Data = x
	return http.StatusOK, nil
}

// stuckWebhooks are those that take no events, for who may do something about it.
func (c *Console) stuckWebhooks(ctx context.Context, p *page) (all []string, err error) {
	if !p.May(people.Operate) {
		return nil, nil
	}
	hooks, err := c.service.Store.Webhooks(ctx)
	if err != nil {
		return nil, err
	}
	for _, h := range hooks {
		since := wording.Moment(h.Failing.In(p.viewer.book.Zone).Truncate(time.Minute))
		switch {
		case !h.Stopped.IsZero():
			all = append(all, p.pick("回调 "+h.Name+" 已停，从 "+since+" 起没有收下事件（"+h.Problem+"）", "The webhook "+h.Name+" is stopped: it has taken no event since "+since+" ("+h.Problem+")"))
		case !h.Failing.IsZero():
			all = append(all, p.pick("回调 "+h.Name+" 从 "+since+" 起没有收下事件（"+h.Problem+"），还在试", "The webhook "+h.Name+" has taken no event since "+since+" ("+h.Problem+"); it is tried again"))
		}
	}
	return all, nil
}

// stateListed is the page of one list.
func (c *Console) stateListed(r *http.Request, p *page) (int, error) {
	name := r.PathValue("list")
	p.Name, p.Nav, p.Wide, p.Title = "state_list.html", "state", true, p.viewer.listTitle(name)
	if p.Title == "" {
		return c.notFound(r, p)
	}
	standing, err := c.service.Standing(r.Context())
	if err != nil {
		return 0, err
	}
	p.Data = p.viewer.pageOfList(name, standing, r.URL.Query(), c.service.Store.Now())
	return http.StatusOK, nil
}

// pageOfList is the part of a list that an address asks for.
func (v *viewer) pageOfList(name string, standing *service.Standing, query url.Values, now time.Time) *stateList {
	from, err := strconv.Atoi(query.Get(listFrom))
	if err != nil || from < 0 {
		from = 0
	}
	filter := listFilter{query.Get("missing"), strings.TrimSpace(query.Get("says"))}
	l := v.stateList(name, standing, now, filter, from, shownList)
	if len(l.Rows) == 0 && l.N > 0 { // it has become shorter
		from = (l.N - 1) / shownList * shownList
		l = v.stateList(name, standing, now, filter, from, shownList)
	}
	at := func(from int) string {
		q := url.Values{}
		for key, value := range map[string]string{"missing": l.Missing, "says": l.Says} {
			if value != "" {
				q.Set(key, value)
			}
		}
		if from > 0 {
			q.Set(listFrom, strconv.Itoa(from))
		}
		if len(q) == 0 {
			return l.Href
		}
		return l.Href + "?" + q.Encode()
	}
	l.Here, l.First, l.Last, l.Behind, l.Dropped = at(from), from+1, from+len(l.Rows), standing.Behind, standing.Dropped
	if l.Last < l.N {
		l.Next = at(l.Last)
	}
	if from > 0 {
		l.Before = at(max(0, from-shownList))
	}
	return &l
}

// stateList are the matters of a kind from a place on, as many as are shown, due first
// where they are due at all.
func (v *viewer) stateList(name string, s *service.Standing, now time.Time, filter listFilter, from, most int) stateList {
	l := stateList{Name: name, Title: v.listTitle(name), Href: "/state/" + name, listFilter: filter}
	for i := range s.Matters {
		m := &s.Matters[i]
		if !in(name, m, now) || !filter.lets(v, m) {
			continue
		}
		if l.N++; l.N > from && l.N <= from+most {
			l.Rows = append(l.Rows, v.matterRow(name, m, now))
		}
	}
	return l
}

func (v *viewer) matterRow(name string, m *service.Matter, now time.Time) matterRow {
	row := matterRow{ID: m.ID, Href: "/decisions/" + url.PathEscape(m.ID), Matter: matterAddress(m.ID), Question: m.Question}
	q, known := v.book.Question(m.Question)
	if !known {
		return row
	}
	who := namesIn(q, m.Given)
	for i := range who {
		who[i] = v.mask(who[i])
	}
	row.Who = strings.Join(who, v.pick("、", ", "))
	row.Question, row.What = sentence(q.Title.In(v.lang)), v.words().Verdict(q, m.Verdict)
	if m.Clock != nil {
		row.Due = v.due(m.Clock.Due)
	}
	var parts []string
	switch name {
	case listOverdue:
		row.Class, row.Left = "bad", v.span(m.Clock.Due.End.Sub(now))
		row.What = m.Rule.Label.In(v.lang)
	case listRisk, listSoon:
		left, _ := m.Left(now)
		row.Left, row.What = v.span(left), m.Rule.Label.In(v.lang)
		if left <= riskAhead || m.AtRisk() {
			row.Class = "open"
		}
	case listWaiting:
		if len(m.Amounts) > 0 {
			parts = append(parts, v.words().Verdict(q, m.Verdict)+" "+v.amounts(m.Amounts))
		}
		for _, d := range m.Decisions {
			parts = append(parts, d.Label.In(v.lang))
		}
		row.What = strings.Join(parts, v.pick("；", "; "))
	case listOpen:
		for _, f := range m.Missing {
			if label := v.factLabel(q, f.Fact); !slices.Contains(parts, label) {
				parts = append(parts, label)
			}
		}
		row.What = v.pick("缺 ", "needs ") + strings.Join(parts[:min(len(parts), headline.Most)], v.pick("、", ", "))
	case listNotMet:
		row.Class = "bad"
		for _, n := range m.NotMet {
			g := newGauge(v, n.Rule, n.Gauge)
			parts = append(parts, g.Title+" "+g.Percent+v.pick("（", " (")+g.Bound+v.pick("）", ")"))
		}
		row.What = strings.Join(parts, v.pick("；", "; "))
	case listUnderWay:
		if m.Clock == nil {
			break
		}
		row.What = m.Rule.Label.In(v.lang)
		if row.Left = v.span(m.Clock.Due.End.Sub(now)); m.Overdue() {
			row.Class = "bad"
		}
	case listUnasked:
		row.What = ""
	}
	return row
}

// namesIn are the names of people, places and things among what was given, which
// tell one matter from another.
func namesIn(q *policy.Question, given map[string]string) []string {
	var all []string
	var walk func(f *policy.Fact, path string)
	walk = func(f *policy.Fact, path string) {
		if f.TypeName == "record" {
			for _, x := range f.Fields {
				walk(x, path+"."+x.Name)
			}
			return
		}
		var name string
		if f.TypeName != "name" || len(all) == headline.Most || json.Unmarshal([]byte(given[path]), &name) != nil || slices.Contains(all, name) {
			return
		}
		all = append(all, plainly(name))
	}
	for _, f := range q.Facts {
		walk(f.Fact, f.Name)
	}
	return all
}

// amounts are amounts of money in one line.
func (v *viewer) amounts(all []service.Amount) string {
	parts := make([]string, len(all))
	for i, x := range all {
		parts[i] = x.Text(v.lang)
	}
	return strings.Join(parts, " + ")
}

// missingKey names a fact of a question.
func missingKey(m *service.Matter, f policy.MissingFact) string { return m.Question + " " + f.Fact }

// missingGroups are the facts that most matters wait for.
func (v *viewer) missingGroups(s *service.Standing) []missingGroup {
	at := map[string]int{}
	var all []missingGroup
	for i := range s.Matters {
		m := &s.Matters[i]
		q, known := v.book.Question(m.Question)
		if m.Verdict != policy.Undetermined || !known {
			continue
		}
		seen := map[string]bool{}
		for _, f := range m.Missing {
			key := missingKey(m, f)
			if seen[key] {
				continue
			}
			seen[key] = true
			i, met := at[key]
			if !met {
				i = len(all)
				at[key] = i
				all = append(all, missingGroup{Label: sentence(v.factLabel(q, f.Fact)), Question: sentence(q.Title.In(v.lang)), Href: "/state/" + listOpen + "?" + url.Values{"missing": {key}}.Encode()})
			}
			all[i].N++
		}
	}
	slices.SortStableFunc(all, func(a, b missingGroup) int { return b.N - a.N })
	return all[:min(len(all), shownMissing)]
}

// changesToCome are the days after today from which the rules in force say
// something else, with the rules that name such a day.
func (v *viewer) changesToCome(now time.Time) []ruleChange {
	today := date.NewAt(now.In(v.book.Zone))
	var all []ruleChange
	for _, day := range run.Of(v.asks).Book().Boundaries {
		if day <= today {
			continue
		}
		c := ruleChange{Day: day.String(), In: v.pick(itoa(int(day-today))+" 天后", "in "+itoa(int(day-today))+" days")}
		for _, r := range v.book.Rules() {
			if !strings.Contains(v.book.Excerpt(r), c.Day) {
				continue
			}
			if len(c.Rules) == shownChanges {
				c.More++
				continue
			}
			c.Rules = append(c.Rules, articleRule{sentence(r.Label.In(v.lang)), v.article(r.Article.ID)})
		}
		all = append(all, c)
	}
	return all
}
