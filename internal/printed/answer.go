package printed

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/headline"
	"github.com/servicerules/rulebook/internal/intake"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/internal/wording"
	"github.com/servicerules/rulebook/policy"
)

// Asked is a question with the answer to it.
type Asked struct {
	Book   *policy.Rulebook
	Lang   string // "zh" or "en"
	Facts  *source.Node
	AsOf   time.Time // moment of asking where the facts do not say it; zero where nobody does
	Answer *policy.Answer
}

// Page is one decision as a page: what it comes to, by which facts, with those
// that nobody gave marked as assumed, for which reasons, by which articles and
// which readings of them.
func (x Asked) Page() *Page {
	w := wording.Words{Book: x.Book, Lang: x.Lang}
	a := x.Answer
	q, ok := x.Book.Question(a.Question)
	if !ok {
		return &Page{Lang: x.Lang, Title: a.Question}
	}
	p := &Page{Lang: x.Lang, Of: x.Book.Title.In(x.Lang), Title: sentence(q.Title.In(x.Lang)), Below: []Line{{Label: x.pick("判断时间", "As of"), Text: x.asOf()}}}
	p.add(x.outcome(w, q))
	p.add(x.found(w, q)...)
	assumed := intake.Assumed(q, x.Facts)
	facts := Part{Heading: x.pick("事实", "Facts")}
	for _, f := range w.Given(q, x.Facts, assumed) {
		facts.Lines = append(facts.Lines, Line{Label: f.Label, Text: f.Text, Depth: f.Depth})
	}
	if facts.Lines == nil {
		facts.Text = x.pick("没有提供任何事实。", "No fact was given.")
	}
	without := Part{Heading: x.pick("未提供、按规则书推定的事实", "Facts that nobody gave: assumed as the rulebook says")}
	for _, f := range w.Assumed(q, assumed) {
		without.Lines = append(without.Lines, Line{Label: f.Label, Text: f.Text, Assumed: true})
	}
	p.add(facts, without)
	p.add(x.grounds(w)...)
	edition := ""
	if a.Rulebook.Edition != "" {
		edition = x.pick("，版本 ", ", edition of ") + a.Rulebook.Edition
	}
	p.Foot = []Line{{Text: x.pick("以上由规则推导得出，是建议，由有权的人决定。", "This was derived from the rules and is a proposal to whoever may decide.")},
		{Label: x.pick("规则书", "Rulebook"), Text: x.Book.ID + edition + ", sha256 " + a.Rulebook.SHA256}}
	return p
}

func (x Asked) pick(zh, en string) string { return diagnostic.Text{ZH: zh, EN: en}.In(x.Lang) }

// sentence begins a text with a capital.
func sentence(s string) string {
	first, size := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(first)) + s[size:]
}

// add adds parts that say something.
func (p *Page) add(parts ...Part) {
	for _, x := range parts {
		if x.Text != "" || x.Figure != "" || len(x.Lines) > 0 || len(x.Items) > 0 || x.Table != nil {
			p.Parts = append(p.Parts, x)
		}
	}
}

func (x Asked) asOf() string {
	at := x.AsOf
	if n := x.Facts.Get("as_of"); n != nil && at.IsZero() {
		t, err := source.Moment(n.Text)
		if err != nil {
			return n.Text
		}
		at = t
	}
	if at.IsZero() {
		return x.pick("没有给出", "not given")
	}
	return wording.Moment(at.In(x.Book.Zone))
}

// outcome is the verdict, and the values that the answer comes to.
func (x Asked) outcome(w wording.Words, q *policy.Question) Part {
	a := x.Answer
	if a.Error != nil {
		why := a.Failure()
		text := why.Message.In(x.Lang)
		if remedy := why.Remedy.In(x.Lang); remedy != "" {
			text += "\n→ " + remedy
		}
		return Part{Heading: x.pick("没有答案", "No answer"), Figure: x.pick("无法判定", "nothing can be decided"), Text: text, Tone: Bad}
	}
	p := Part{Heading: x.pick("建议", "Proposal"), Figure: w.Verdict(q, a.Verdict), Beside: headline.Of(w, q, a), Tone: Said}
	switch {
	case len(a.Breaches) > 0:
		p.Tone = Bad
	case a.Verdict == policy.Undetermined:
		p.Tone, p.Heading = Open, x.pick("还不能提出建议", "No proposal yet")
	case a.NeedsDecision || len(a.MissingFacts) > 0:
		p.Tone = Open
	}
	if a.Provisional {
		p.Text = x.pick("暂定：随时间推移可能改变", "Provisional: it may change with time")
	}
	for _, r := range w.Rows(q, a) {
		if r.None || r.Depth == 0 && r.Text == p.Figure && len(q.Values) > 1 {
			continue // not known, or the verdict again
		}
		if of, ok := q.ValueAt(r.Path); ok && !of.Unit.IsZero() && r.Text != "" {
			r.Text += " " + of.Unit.In(x.Lang)
		}
		p.Lines = append(p.Lines, Line{Label: r.Label, Text: r.Text, Depth: r.Depth})
	}
	return p
}

// found is what was broken and by whom, what is missing, and what a person must
// decide.
func (x Asked) found(w wording.Words, q *policy.Question) []Part {
	a := x.Answer
	broken := Part{Heading: x.pick("违反", "Breaches"), Tone: Bad}
	for _, b := range a.Breaches {
		broken.Items = append(broken.Items, Item{Text: b.Label.In(x.Lang), Of: wording.Article(x.Book, b.Article).In(x.Lang)})
	}
	for _, l := range a.Liable {
		person := l.Person
		if person == "" {
			person = x.pick("（未指明）", "(not named)")
		}
		broken.Items = append(broken.Items, Item{Text: x.pick("责任人：", "Answers for it: ") + w.Word(l.Role, nil) + " " + wording.Plainly(person)})
	}
	missing := Part{Heading: x.pick("还缺的事实", "Facts still needed"), Tone: Open}
	for i := 0; i < len(a.MissingFacts); i++ {
		fact, by := a.MissingFacts[i].Fact, []string{w.Rule(a.MissingFacts[i].NeededBy)}
		for ; i+1 < len(a.MissingFacts) && a.MissingFacts[i+1].Fact == fact; i++ {
			by = append(by, w.Rule(a.MissingFacts[i+1].NeededBy))
		}
		missing.Items = append(missing.Items, Item{Text: w.FactWithin(q, fact), Of: x.pick("用于：", "for: ") + strings.Join(by, x.pick("、", ", "))})
	}
	open := Part{Heading: x.pick("须由人决定", "For a person to decide"), Tone: Open}
	for _, d := range a.Decisions {
		open.Items = append(open.Items, Item{Text: d.Label.In(x.Lang), Of: w.Rule(d.Rule)})
	}
	return []Part{broken, missing, open}
}

// grounds are the reasons, the articles with what they say, and the readings.
func (x Asked) grounds(w wording.Words) []Part {
	a := x.Answer
	reasons := Part{Heading: x.pick("理由", "Reasons"), Ordered: true}
	for _, s := range a.Steps(x.Lang) {
		item := Item{Text: s.Text}
		if s.Article != "" {
			item.Of = wording.Article(x.Book, s.Article).In(x.Lang)
		}
		reasons.Items = append(reasons.Items, item)
	}
	articles := Part{Heading: x.pick("依据", "Articles")}
	for _, id := range a.Cites {
		line := Line{Label: wording.Article(x.Book, id).In(x.Lang)}
		if article, ok := x.Book.Article(id); ok {
			line.Text = strings.TrimSpace(article.Title.In(x.Lang) + "\n" + article.Text.In(x.Lang))
		}
		articles.Lines = append(articles.Lines, line)
	}
	readings := Part{Heading: x.pick("条文可作几种理解，这里采用的", "Where the text can be read in several ways, it was read so")}
	if a.Error != nil {
		readings.Heading = x.pick("另一种读法或可判定", "Another reading may decide")
	}
	for _, r := range a.Readings {
		readings.Items = append(readings.Items, Item{Text: w.Reading(r.Key) + x.pick("：", ": ") + w.Option(r.Key, r.Option), Of: r.Key + " = " + r.Option})
	}
	return []Part{reasons, articles, readings}
}
