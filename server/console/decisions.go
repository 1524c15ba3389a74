package console

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/servicerules/rulebook/internal/headline"
	"github.com/servicerules/rulebook/internal/intake"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/internal/wording"
	"github.com/servicerules/rulebook/policy"
	"github.com/servicerules/rulebook/server/record"
	"github.com/servicerules/rulebook/server/service"
)

// decisionsView is what was found on record.
type decisionsView struct {
	Query     decisionQuery
	Groups    []questionGroup
	Verdicts  []option
	Rows      []decisionRow
	Next      string // address of the next page
	Total     int64
	ZoneName  string
	Refused   string
	Searching bool

	Articles []option
	Stages   []option
	Filters  []*field // facts of the question
	Further  bool     // something is looked for that is folded else
	Hurried  bool     // not all has been looked at
	Export   string   // address of what was found as a table
}

type decisionQuery struct{ Question, Verdict, From, To, Says, Article, Amount, Decider, Stage string }

type decisionRow struct {
	ID, Href, Recorded, Question, Verdict string
	Note                                  bool // nothing was decided: no decision
	Who, Amounts, Stage                   string
}

func (c *Console) decisions(r *http.Request, p *page) (int, error) {
	p.Name, p.Nav, p.Wide, p.Title = "decisions.html", "decisions", true, p.pick("在案", "On record")
	v, in := p.viewer, r.URL.Query()
	if id := strings.TrimSpace(in.Get("id")); id != "" {
		_, err := c.service.Store.Get(r.Context(), id)
		if err == nil {
			p.location = "/decisions/" + url.PathEscape(id)
			return http.StatusSeeOther, nil
		}
		if !errors.Is(err, record.ErrNotFound) {
			return 0, err
		}
	}
	f, refused := c.filter(p, in)
	x := &decisionsView{
		Query: decisionQuery{f.Question, f.Verdict, in.Get("from"), in.Get("to"), f.Says, f.Article, f.Amount, f.Decider, f.Stage}, Refused: refused,
		Groups: v.questionGroups(), ZoneName: v.book.Zone.String(), Total: c.service.Store.Head().Seq, Filters: v.factFilters(f.Question, f.Facts), Further: f.Further(),
	}
	x.Searching = x.Query != decisionQuery{} || len(f.Facts) > 0
	if id := strings.TrimSpace(in.Get("id")); id != "" {
		x.Refused = p.pick("没有编号为 "+id+" 的记录", "there is no record "+id)
	}
	x.Verdicts = v.verdicts(f.Question, f.Verdict)
	x.Articles = (&form{book: v.book, lang: v.lang}).articles(f.Article)
	for _, stage := range record.Stages {
		x.Stages = append(x.Stages, option{Value: stage, Label: stageTexts[stage].In(v.lang), On: stage == f.Stage})
	}
	const shown = 50
	found, next, hurried, err := c.search(r.Context(), p, f, shown)
	if err != nil {
		return 0, err
	}
	x.Hurried = hurried
	if f.Question != "" && f.After == "" && len(found) == 0 && !slices.Contains(v.book.QuestionIDs(), f.Question) {
		x.Refused = p.pick("没有这个问题", "there is no such question")
	} else if f.Verdict != "" && f.After == "" && len(found) == 0 && !v.verdictKnown(f.Question, f.Verdict) {
		x.Refused = p.pick("没有这个结论", "there is no such verdict")
	} else if !f.From.IsZero() && !f.To.IsZero() && !f.From.Before(f.To) {
		x.Refused = p.pick("起始日期晚于截止日期", "the first day is later than the last")
	}
	for _, row := range found {
		x.Rows = append(x.Rows, v.foundRow(row))
	}
	in.Del("after")
	in.Del("id") // leads to a record, and is nothing to search by
	for name, values := range in {
		if !slices.ContainsFunc(values, func(v string) bool { return v != "" }) {
			in.Del(name) // left open in the form
		}
	}
	x.Export = query("/decisions.csv", in)
	if next != "" {
		in.Set("after", next)
		x.Next = query("/decisions", in)
	}
	p.Data = x
	return http.StatusOK, nil
}

// filter reads what is looked for, and what of it cannot be.
func (c *Console) filter(p *page, in url.Values) (f recordFilter, refused string) {
	f = filterOf(in)
	day := func(text string) (t time.Time) {
		if text == "" {
			return t
		}
		t, err := timeOfDay(text, p.viewer.book.Zone)
		if err != nil { // found by no day at all would be found by the wrong ones
			refused = p.pick("日期应写成 2025-06-09；没有按它查找", "a day is written 2025-06-09; it was not searched by")
		}
		return t
	}
	f.From = day(in.Get("from"))
	if f.To = day(in.Get("to")); !f.To.IsZero() {
		f.To = f.To.AddDate(0, 0, 1) // that day too
	}
	if f.Amount != "" && digitsOf(f.Amount) == "" {
		f.Amount, refused = "", p.pick("金额写成数，如 200；没有按它查找", "an amount is written as digits, such as 200; it was not searched by")
	}
	if f.Stage != "" && !slices.Contains(record.Stages, f.Stage) {
		f.Stage, refused = "", p.pick("没有这种状态；没有按它查找", "there is no such status; it was not searched by")
	}
	return f, refused
}

// foundRow is a record that was found, as a list shows it.
func (v *viewer) foundRow(x *foundRecord) decisionRow {
	row := v.decisionRow(x.entry)
	var names []string
	for _, n := range v.namesOf(x.entry.Question, x.given) {
		n.Name = v.mask(n.Name)
		if len(names) < headline.Most {
			names = append(names, plainly(n.Name))
		}
	}
	row.Who, row.Amounts = strings.Join(names, v.pick("、", ", ")), strings.Join(x.amounts, v.pick("；", "; "))
	if stage := service.StageOf(x.steps); stage != record.StageOpen {
		row.Stage = stageTexts[stage].In(v.lang)
	}
	return row
}

func (v *viewer) decisionRow(e *record.Entry) decisionRow {
	row := decisionRow{ID: e.ID(), Href: "/decisions/" + url.PathEscape(e.ID()), Recorded: wording.Moment(e.RecordedAt.In(v.book.Zone).Truncate(time.Second)), Question: e.Question, Verdict: e.Verdict}
	if q, ok := v.book.Question(e.Question); ok {
		row.Question, row.Verdict = sentence(q.Title.In(v.lang)), v.words().Verdict(q, e.Verdict)
	}
	row.Note = undecided(e)
	if e.Verdict == "" {
		row.Verdict = v.pick("无法判定", "nothing could be decided")
	}
	return row
}

// undecided reports whether a record is no decision but a note that nothing
// could be decided.
func undecided(e *record.Entry) bool { return e.Verdict == "" || e.Verdict == policy.Undetermined }

// verdicts are those that a question can have; of no question, none.
func (v *viewer) verdicts(question, chosen string) []option {
	var all []option
	add := func(word, label string) { all = append(all, option{Value: word, Label: label, On: word == chosen}) }
	if q, ok := v.book.Question(question); ok && q.Verdict.Words != nil {
		for _, word := range q.Verdict.Words.Words {
			add(word, v.words().Verdict(q, word))
		}
		add(policy.Undetermined, v.words().Verdict(q, policy.Undetermined))
	}
	return all
}

// verdictKnown reports whether a question can have a verdict, or any question
// where none is named.
func (v *viewer) verdictKnown(question, verdict string) bool {
	if verdict == policy.Undetermined || verdict == policy.NotInScope {
		return true
	}
	return slices.ContainsFunc(v.book.Questions, func(q *policy.Question) bool {
		return (question == "" || question == q.ID) && q.Verdict.Words != nil && slices.Contains(q.Verdict.Words.Words, verdict)
	})
}

// decisionView is one decision, to be put before the person concerned.
type decisionView struct {
	ID, Seq, Hash, Previous string
	Recorded, RecordedBy    string
	Question, QuestionID    string
	Verdict                 string // of a record that was erased
	AsOf                    string
	Facts                   []givenFact
	Assumed                 []givenFact // what nobody gave
	Unsaid                  bool        // the record does not tell what was given and what was assumed
	Note                    bool        // nothing was decided: this is no decision
	Answer                  *answerView
	Articles                []articleView // those that it cites, with their paraphrase
	Settings                []usedReading // chosen otherwise than in the rulebook
	Engine                  string
	Calendar                string
	BookTitle               string
	JustRecorded            bool
	Back                    string // address of the form that was filled in, "" where none is known
	Verified                bool
	Damage                  []damageView
	Raw                     string
	Why                     string // why the record stands there raw
	Procedure               *procedureView
	Paper                   string   // address of the paper for the person concerned
	Matter                  string   // address of all that is on record about the matter
	Erased                  bool     // nothing is left of what it said
	Erasure                 *stepRow // that says so; nil where none does
}

// givenFact is a fact as it was given.
type givenFact = wording.GivenFact

type damageView struct{ Record, Text, Code, Detail string }

func (c *Console) decision(r *http.Request, p *page) (int, error) {
	e, err := c.service.Store.Get(r.Context(), r.PathValue("id"))
	if err != nil {
		return 0, err
	}
	if _, err := c.decisionPage(r, p, e, url.Values{}); err != nil {
		return 0, err
	}
	return http.StatusOK, nil
}

// decisionPage is the page of a record, with what was filled in of a step about
// it.
func (c *Console) decisionPage(r *http.Request, p *page, e *record.Entry, values url.Values) (*decisionView, error) {
	p.Name, p.Nav = "decision.html", "decisions"
	p.Title = p.pick("在案 ", "On record ") + e.ID()
	x := &decisionView{
		ID: e.ID(), Seq: strconv.FormatInt(e.Seq, 10), Hash: e.Hash.String(), JustRecorded: r.URL.Query().Has("recorded"),
		Recorded: wording.Moment(e.RecordedAt.In(p.viewer.book.Zone).Truncate(time.Second)), QuestionID: e.Question, Question: e.Question,
	}
	if key := r.URL.Query().Get("form"); x.JustRecorded && formKey.MatchString(key) {
		x.Back = "/ask/" + url.PathEscape(e.Question) + "?form=" + key
	}
	p.Data = x
	report, err := c.service.Verify(r.Context(), record.Stretch{From: e.Seq, To: e.Seq})
	if err != nil {
		return nil, err
	}
	x.Verified, x.Damage = report.OK(), p.viewer.damages(report.Damage)
	if x.Procedure, _, err = c.procedure(r, p, e, values); err != nil {
		return nil, err
	}
	if damage := x.Procedure.Damage; len(damage) > 0 {
		x.Verified, x.Damage = false, append(x.Damage, p.viewer.damages(damage)...)
	}
	x.Matter, x.Paper = matterAddress(e.ID()), "/decisions/"+url.PathEscape(e.ID())+"/paper"
	body, err := e.Decode()
	if errors.Is(err, record.ErrErased) {
		x.erased(p.viewer, e)
		return x, nil
	}
	if err != nil {
		x.Raw, x.Why, x.Note = string(e.Body), p.pick("记录无法读取", "the record cannot be read"), true
		return x, nil
	}
	x.Note = undecided(e)
	if err := c.fillDecision(r.Context(), p, x, body); err != nil {
		return nil, err
	}
	switch {
	case x.Raw != "" && p.viewer.masked:
		x.Raw = p.pick("记录原文只给可查看个人信息的人看。", "The record as it stands is for who may see personal data.")
	case x.Raw != "":
		x.Raw = indented(e.Body) // all of it: nothing of a record is left out
	}
	return x, nil
}

// erased shows a record of which nothing is left of what it said.
func (x *decisionView) erased(v *viewer, e *record.Entry) {
	x.Erased, x.Matter = true, ""
	row := v.decisionRow(e)
	x.Question, x.Verdict = row.Question, row.Verdict
	for i, s := range x.Procedure.Steps {
		if s.Class == record.StepErasure {
			x.Erasure = &x.Procedure.Steps[i]
		}
	}
}

// fillDecision shows the decision with the rulebook of its time. The answer is
// derived again from the facts; that it is the one on record, byte for byte,
// is what the verification says. What cannot be put into words is shown as it
// stands on record.
func (c *Console) fillDecision(ctx context.Context, p *page, x *decisionView, body *record.Body) error {
	p.viewer.named = p.viewer.named || !p.viewer.masked
	if body.RecordedBy != nil {
		x.RecordedBy = p.viewer.who(*body.RecordedBy)
	}
	x.Previous, x.Engine, x.Calendar = body.Previous, body.Engine, body.Calendar
	raw := func(zh, en string) { x.Raw, x.Why = "raw", p.pick(zh, en) }
	v, answer, err := c.again(ctx, p, body)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if v == nil {
		raw("当时的规则书读不出来", "the rulebook of its time cannot be read")
		c.log.Error("the rulebook of a record cannot be read", "record", x.ID, "err", kindOf(err))
		return nil
	}
	q, ok := v.book.Question(body.Question)
	if !ok {
		raw("当时的规则书里没有这个问题", "the rulebook of its time has no such question")
		return nil
	}
	x.Question, x.BookTitle = sentence(q.Title.In(v.lang)), v.book.Title.In(v.lang)
	if body.AsOf != nil {
		x.AsOf = wording.Moment(body.AsOf.In(v.book.Zone))
		if body.Assumed {
			x.AsOf += v.pick("（未给出，取服务器时钟）", " (not given: the server's clock)")
		}
	}
	for key, option := range body.Readings {
		x.Settings = append(x.Settings, v.reading(policy.UsedReading{Key: key, Option: option}))
	}
	sort.Slice(x.Settings, func(i, j int) bool { return x.Settings[i].Key < x.Settings[j].Key })
	given := body.Facts
	if v.masked {
		given = service.Masked(q, body.Facts)
	}
	facts, factsErr := intake.ParseFacts(given)
	if factsErr != nil {
		raw("记录里的事实读不出来", "the facts of the record cannot be read")
		return nil
	}
	if at := facts.Get("as_of"); at != nil && x.AsOf == "" {
		t, err := source.Moment(at.Text)
		if x.AsOf = at.Text; err == nil {
			x.AsOf = wording.Moment(t.In(v.book.Zone))
		}
	}
	w := v.words()
	x.Facts, x.Assumed, x.Unsaid = w.Given(q, facts, body.FactsAssumed), w.Assumed(q, body.FactsAssumed), body.FactsAssumed == nil
	if err != nil {
		raw("当时的事实今天得不出答案", "the facts of its time are refused today")
		return nil
	}
	if !bytes.Equal(answer.AppendJSON(nil, true), []byte(body.Answer)) {
		raw("今天推导出的答案与记录的不同，以下是记录原文", "the answer derived today is another than the one on record, which stands here")
		return nil
	}
	if v.masked { // the same question of the masked facts: names are compared, and nothing else is done with them
		masked := *body
		masked.Facts = given
		_, unnamed, err := c.again(ctx, p, &masked)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil || unnamed.Verdict != answer.Verdict {
			raw("理由里有个人信息", "the reasons name people")
			return nil
		}
		answer = unnamed
	}
	if x.Answer, err = newAnswer(v, q, answer); err != nil {
		return err
	}
	x.Answer.withoutForm()
	for _, cite := range x.Answer.Cites {
		if a, ok := v.book.Article(cite.ID); ok {
			x.Articles = append(x.Articles, articleView{ID: a.ID, Number: cite.Name, Title: a.Title.In(v.lang), Text: a.Text.In(v.lang), Source: v.source(a.Source)})
		}
	}
	return nil
}

// again answers with the rulebook, the readings and the facts of a record.
func (c *Console) again(ctx context.Context, p *page, body *record.Body) (*viewer, *rulebook.Answer, error) {
	book, err := c.bookOf(ctx, body.Rulebook)
	if err != nil {
		return nil, nil, err
	}
	v := &viewer{asks: book, book: book.Rulebook(), lang: p.Lang, masked: p.viewer.masked}
	var options []rulebook.Option
	for key, option := range body.Readings {
		options = append(options, rulebook.Reading(key, option))
	}
	if body.AsOf != nil {
		options = append(options, rulebook.AsOf(*body.AsOf))
	}
	answer, err := book.Ask(ctx, body.Question, []byte(body.Facts), options...)
	if err != nil {
		return v, nil, fmt.Errorf("deriving a decision again: %w", err)
	}
	return v, answer, nil
}

// bookOf is the rulebook with the hash: the one in force, or one that decided
// something before.
func (c *Console) bookOf(ctx context.Context, sha256 string) (*rulebook.Book, error) {
	if now := c.service.Rules.Current(); now.SHA256 == sha256 {
		return now.Book, nil
	}
	sum, err := record.ParseHash(sha256)
	if err != nil {
		return nil, err
	}
	return c.former.book(sum.String(), func() (*rulebook.Book, error) {
		text, err := c.service.Store.Rulebook(ctx, sum)
		if err != nil {
			return nil, err
		}
		return rulebook.Parse(sum.String(), text)
	})
}

func indented(data []byte) string {
	var b bytes.Buffer
	if json.Indent(&b, data, "", "  ") != nil {
		return string(data)
	}
	return b.String()
}

// scalar is a given value in words.
func (v *viewer) scalar(f *policy.Fact, text string) string { return v.words().Scalar(f, text) }

// plainly is a text in which nothing is hidden.
func plainly(text string) string { return wording.Plainly(text) }

// verifyView is the result of looking through the records.
type verifyView struct {
	Records  int64
	Erased   int64 // of them, of which the hash alone is left
	From, To int64
	Head     string
	Took     string
	Damage   []damageView
	More     int
	Refused  string
}

// shownDamage is how much damage a page names; the command line names all.
const shownDamage = 200

func (c *Console) verify(r *http.Request, p *page) (int, error) {
	p.Name, p.Nav, p.Title = "verify.html", "decisions", p.pick("核验", "Verification")
	values, err := formOf(r)
	if err != nil {
		return 0, err
	}
	x := &verifyView{}
	p.Data = x
	var part record.Stretch
	for name, into := range map[string]*int64{"from": &part.From, "to": &part.To} {
		text := strings.TrimSpace(values.Get(name))
		if text == "" {
			continue
		}
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil || n < 1 {
			x.Refused = p.pick("序号是从 1 起的整数", "a place is a whole number from 1 on")
			return http.StatusUnprocessableEntity, nil
		}
		*into = n
	}
	if part.To > 0 && part.To < part.From {
		x.Refused = p.pick("止序号小于起序号", "the last place is before the first")
		return http.StatusUnprocessableEntity, nil
	}
	p.alive.start(heartbeat)
	report, err := c.service.Verify(r.Context(), part)
	if err != nil {
		return 0, err
	}
	x.Erased = report.Erased
	x.Records, x.From, x.To, x.Took = report.Records, report.From, report.To, report.Took.Round(time.Millisecond).String()
	if report.To > 0 {
		x.Head = report.Head.String()
	}
	list := report.Damage
	if len(list) > shownDamage {
		list, x.More = list[:shownDamage], len(list)-shownDamage
	}
	x.More += report.More
	x.Damage = p.viewer.damages(list)
	return http.StatusOK, nil
}

var damageTexts = map[string]policy.Text{
	record.DamageMissing:     {ZH: "这个位置没有记录", EN: "there is no record at this place"},
	record.DamageUnreadable:  {ZH: "文件在此处无法读取", EN: "the file cannot be read here"},
	record.DamageStep:        {ZH: "记载与当初不符", EN: "a step is not as it was taken"},
	record.DamageStepChain:   {ZH: "记载前后不相连", EN: "a step does not follow the one before it"},
	record.DamageChange:      {ZH: "改规则的一步与当初不符", EN: "a step about a change of the rules is not as it was taken"},
	record.DamageChangeChain: {ZH: "改规则的各步前后不相连", EN: "a step about a change of the rules does not follow the one before it"},
	record.DamageChangeText:  {ZH: "改规则所说的规则文本缺失或被改动", EN: "a text of rules that a change speaks of is missing or another"},
	record.DamageHash:        {ZH: "内容与其哈希不符", EN: "the record is not what its hash says"},
	record.DamageForm:        {ZH: "写法不是记录应有的写法", EN: "the record is not written as records are"},
	record.DamageChain:       {ZH: "与前一条记录接不上", EN: "it does not follow the record before"},
	record.DamageColumn:      {ZH: "检索用的栏目与内容不符", EN: "what is searched by is not what the record says"},
	record.DamageRulebook:    {ZH: "当时的规则文本缺失或被改动", EN: "the text of its rulebook is missing or another"},
	record.DamageCalendar:    {ZH: "今天的日历与当时不同", EN: "the calendar is another today"},
	record.DamageAnswer:      {ZH: "由事实得出的是另一个答案", EN: "the facts lead to another answer"},
	record.DamageFile:        {ZH: "数据库文件有损坏", EN: "the database file is damaged"},
	record.DamageErasure:     {ZH: "抹去的内容又在了，请再抹去一次", EN: "what was erased is there again; erase it once more"},
	record.DamageHead:        {ZH: "最后一条不是当时记下的那条", EN: "the latest record is not the one that was noted"},
}

func (v *viewer) damages(list []record.Damage) []damageView {
	var all []damageView
	for _, d := range list {
		x := damageView{Record: d.ID, Code: d.Code, Detail: d.Detail, Text: d.Code}
		if x.Record == "" && d.Seq > 0 {
			x.Record = strconv.FormatInt(d.Seq, 10)
		}
		if t, ok := damageTexts[d.Code]; ok {
			x.Text = t.In(v.lang)
		}
		all = append(all, x)
	}
	return all
}
