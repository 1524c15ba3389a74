package console

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/servicerules/rulebook/internal/wording"
	"github.com/servicerules/rulebook/policy"
	"github.com/servicerules/rulebook/server/record"
	"github.com/servicerules/rulebook/server/service"
	"github.com/servicerules/rulebook/sla"
)

// matterView is all that is on record about one matter, in order. What belongs
// together has a name in common: of a ticket, a person, a hall.
type matterView struct {
	ID, Name string
	Names    []nameLink
	Lines    []matterLine
	Clocks   *clockStrip
	More     bool // not all are listed
	Unnamed  bool // no name stands in the record: its own question only
}

// nameLink leads to the records in which a name stands.
type nameLink struct {
	Name, Label, Href string
	On                bool
}

// matterLine is a record of a matter with what was done about it.
type matterLine struct {
	decisionRow
	Carried bool // a later record has all of its facts
	Here    bool // the one that the page was opened from
	Steps   []stepRow
}

// clockStrip is clocks on one scale of time. Places are in thousandths of its
// width.
type clockStrip struct {
	From, To string
	Now      int // where now is; -1 for not on it
	Rows     []clockRow
}

type clockRow struct {
	Title, Due, Left, Class, Href, Record string
	X, W                                  int // from its start to its due
	OverX, Over                           int // behind its due, until it was done or until now
	Done                                  int // where it was done; -1 for not
	Spoken                                string
}

// shownMatter is how many records a matter's page lists.
const shownMatter = 200

func matterAddress(id string) string { return "/matters/" + url.PathEscape(id) }

// matter is the page of a matter, by one of its records.
func (c *Console) matter(r *http.Request, p *page) (int, error) {
	p.Name, p.Nav, p.Wide = "matter.html", "state", true
	ctx, v := r.Context(), p.viewer
	e, err := c.service.Store.Get(ctx, r.PathValue("id"))
	if err != nil {
		return 0, err
	}
	body, err := e.Decode()
	if err != nil {
		return 0, record.ErrNotFound // its own page tells why it cannot be read
	}
	x := &matterView{ID: e.ID()}
	names := v.namesOf(e.Question, service.Given(body))
	chosen := r.URL.Query().Get("name")
	i := slices.IndexFunc(names, func(n nameLink) bool { return n.Name == chosen })
	if n, err := strconv.Atoi(r.URL.Query().Get("of")); v.masked && err == nil && n >= 0 && n < len(names) {
		i = n
	}
	if i < 0 && len(names) > 0 {
		i = 0
	}
	x.Unnamed = i < 0
	for j, n := range names {
		n.On, n.Href = i == j, query(matterAddress(e.ID()), url.Values{"name": {n.Name}})
		if n.Name = plainly(v.mask(n.Name)); v.masked { // an address with the name would tell it
			n.Href = query(matterAddress(e.ID()), url.Values{"of": {strconv.Itoa(j)}})
		}
		x.Names = append(x.Names, n)
	}
	var found []*record.Entry
	if i < 0 {
		found, x.More, err = c.sameFacts(ctx, e, body)
	} else {
		x.Name = plainly(v.mask(names[i].Name))
		found, x.More, err = c.named(ctx, v, names[i].Name)
	}
	if err != nil {
		return 0, err
	}
	if !slices.ContainsFunc(found, func(f *record.Entry) bool { return f.Seq == e.Seq }) {
		found = append(found, e)
	}
	slices.SortFunc(found, func(a, b *record.Entry) int { return int(a.Seq - b.Seq) })
	p.Title = p.pick("事项", "Matter") + " " + x.Name
	if err := c.matterLines(ctx, p, e, found, x); err != nil {
		return 0, err
	}
	p.Data = x
	return http.StatusOK, nil
}

// namesOf are the names among what was given, in the order of the question.
func (v *viewer) namesOf(question string, given map[string]string) []nameLink {
	q, ok := v.book.Question(question)
	if !ok {
		return nil
	}
	var paths []string
	for path := range given {
		if f, ok := service.FactAt(q, path); ok && f.TypeName == "name" {
			paths = append(paths, path)
		}
	}
	order := func(path string) int {
		head, _, _ := strings.Cut(path, ".")
		head, _, _ = strings.Cut(head, "[")
		return slices.IndexFunc(q.Facts, func(f policy.QuestionFact) bool { return f.Name == head })
	}
	slices.SortFunc(paths, func(a, b string) int {
		if d := order(a) - order(b); d != 0 {
			return d
		}
		return strings.Compare(a, b)
	})
	var all []nameLink
	for _, path := range paths {
		var name string
		if json.Unmarshal([]byte(given[path]), &name) != nil || name == "" || slices.ContainsFunc(all, func(n nameLink) bool { return n.Name == name }) {
			continue
		}
		if all = append(all, nameLink{Name: name, Label: v.factLabel(q, path)}); len(all) == shownNames {
			break
		}
	}
	return all
}

// named are the records in which a name stands, the latest of them.
func (c *Console) named(ctx context.Context, v *viewer, name string) (all []*record.Entry, more bool, err error) {
	quoted, err := json.Marshal(name)
	if err != nil {
		return nil, false, err
	}
	q := record.Query{Bodies: true, Limit: shownMatter}
	if !strings.ContainsAny(name, "\"\\<>&\u2028\u2029") { // else it may be written in several ways
		q.Contains = [][]string{{string(quoted)}}
	}
	return c.gathered(ctx, q, func(e *record.Entry, body *record.Body) bool {
		return slices.ContainsFunc(v.namesOf(e.Question, service.Given(body)), func(n nameLink) bool { return n.Name == name })
	})
}

// sameFacts are the records of a record's own question that carry it on, or that
// it carries on.
func (c *Console) sameFacts(ctx context.Context, of *record.Entry, body *record.Body) (all []*record.Entry, more bool, err error) {
	given := service.Given(body)
	if len(given) == 0 {
		return nil, false, nil
	}
	return c.gathered(ctx, record.Query{Question: of.Question, Bodies: true, Limit: shownMatter}, func(_ *record.Entry, b *record.Body) bool {
		other := service.Given(b)
		return len(other) > 0 && (service.Within(given, other) || service.Within(other, given))
	})
}

// gathered are the records among those of a query that are wanted, the latest of
// them: as many as a matter shows, and as can be looked at in a while.
func (c *Console) gathered(ctx context.Context, q record.Query, wanted func(*record.Entry, *record.Body) bool) (all []*record.Entry, more bool, err error) {
	for began := time.Now(); ; {
		found, err := c.service.Store.Search(ctx, q)
		if err != nil {
			return nil, false, err
		}
		for _, e := range found.Entries {
			body, err := e.Decode()
			if err != nil || !wanted(e, body) {
				continue
			}
			if len(all) == shownMatter {
				return all, true, nil
			}
			all = append(all, e)
		}
		if q.After = found.Next; q.After == "" {
			return all, false, nil
		}
		if time.Since(began) > searchTime {
			return all, true, nil
		}
	}
}

// matterLines are the records of a matter as lines, and its clocks.
func (c *Console) matterLines(ctx context.Context, p *page, here *record.Entry, found []*record.Entry, x *matterView) error {
	v := p.viewer
	given := make([]map[string]string, len(found))
	for i, e := range found {
		given[i] = map[string]string{}
		if body, err := e.Decode(); err == nil {
			given[i] = service.Given(body)
		}
	}
	strip := &clockScale{now: c.service.Store.Now()}
	for i, e := range found {
		line := matterLine{decisionRow: v.decisionRow(e), Here: e.Seq == here.Seq}
		for j := i + 1; j < len(found) && !line.Carried; j++ {
			line.Carried = found[j].Question == e.Question && len(given[i]) > 0 && service.Within(given[i], given[j])
		}
		steps, err := c.service.Store.Steps(ctx, e)
		if err != nil {
			return err
		}
		held := service.Effective(steps)
		for _, s := range steps {
			row := v.stepRow(s)
			row.Gone = !slices.Contains(held, s)
			line.Steps = append(line.Steps, row)
		}
		stage := service.StageOf(steps)
		if stage != record.StageOpen {
			line.Stage = stageTexts[stage].In(v.lang)
		}
		if body, err := e.Decode(); err == nil {
			amounts, err := c.proposedIn(ctx, p, e, body)
			if err != nil {
				return err
			}
			line.Amounts = strings.Join(amounts, " + ")
		}
		if !line.Carried && stage != record.StageCorrected {
			clocks, err := c.service.Clocks(ctx, e)
			if err != nil {
				return err
			}
			for _, clock := range clocks {
				strip.add(line.ID, clock)
			}
		}
		x.Lines = append(x.Lines, line)
	}
	x.Clocks = strip.drawn(v)
	return nil
}

// clockScale gathers clocks and the time that they span.
type clockScale struct {
	now      time.Time
	from, to time.Time
	all      []scaledClock
}

type scaledClock struct {
	record string
	service.Clock
}

// mostClocks are drawn of a matter.
const mostClocks = 40

func (s *clockScale) add(id string, c service.Clock) {
	if len(s.all) == mostClocks {
		return
	}
	s.all = append(s.all, scaledClock{id, c})
	if s.from.IsZero() || c.Line.Start.Before(s.from) {
		s.from = c.Line.Start
	}
	for _, t := range []time.Time{c.Line.Start, c.Line.Due.End, s.stands(c.Line)} {
		if t.After(s.to) {
			s.to = t
		}
	}
}

// stands is when a clock was stopped, or now while it goes on.
func (s *clockScale) stands(t sla.Timeline) time.Time {
	if !t.Done.IsZero() || t.Status == sla.DeemedOnTime || t.Status == sla.OnTime || t.Status == sla.Late {
		return t.Done
	}
	return s.now
}

const wholeStrip = 1000

// drawn is the strip; nil without any clock.
func (s *clockScale) drawn(v *viewer) *clockStrip {
	if len(s.all) == 0 || !s.to.After(s.from) {
		return nil
	}
	span := s.to.Sub(s.from)
	at := func(t time.Time) int { return int(t.Sub(s.from) / (span/wholeStrip + 1)) }
	x := &clockStrip{From: wording.Moment(s.from.In(v.book.Zone).Truncate(time.Minute)), To: wording.Moment(s.to.In(v.book.Zone).Truncate(time.Minute)), Now: -1}
	if !s.now.Before(s.from) && !s.now.After(s.to) {
		x.Now = at(s.now)
	}
	for _, c := range s.all {
		row := clockRow{
			Title: sentence(c.Rule.Label.In(v.lang)), Due: v.due(c.Line.Due), Record: c.record, Href: "/decisions/" + url.PathEscape(c.record), X: at(c.Line.Start), Done: -1,
		}
		row.W = max(at(c.Line.Due.End)-row.X, 2)
		stands := s.stands(c.Line)
		if !c.Line.Done.IsZero() {
			row.Done = at(c.Line.Done)
		}
		switch c.Line.Status {
		case sla.Overdue, sla.Late:
			row.Class = "bad"
			row.OverX = at(c.Line.Due.End)
			row.Over = max(at(stands)-row.OverX, 2)
		case sla.OnTime, sla.DeemedOnTime:
			row.Class = "good"
		case sla.AtRisk:
			row.Class = "open"
		}
		if !stands.IsZero() && c.Line.Status != sla.OnTime {
			row.Left = v.span(c.Line.Due.End.Sub(stands))
		}
		if row.Class == "good" {
			row.Left = v.pick("按时", "in time")
		}
		row.Spoken = row.Title + v.pick("：", ": ") + wording.Moment(c.Line.Start.In(v.book.Zone)) + " → " + row.Due + " " + row.Left
		x.Rows = append(x.Rows, row)
	}
	return x
}
