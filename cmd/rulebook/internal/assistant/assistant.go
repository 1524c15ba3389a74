// Package assistant gives a rulebook to assistants that speak the Model Context
// Protocol: they can list what may be asked, ask, have an answer explained, and
// check, compare and analyse rules files. Nothing that they do changes anything.
//
// An answer always carries the articles that it rests on and the hash of the
// rulebook, so that what an assistant says of it can be looked up.
package assistant

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/analysis"
	"github.com/servicerules/rulebook/internal/difference"
	"github.com/servicerules/rulebook/internal/factset"
	"github.com/servicerules/rulebook/internal/run"
	"github.com/servicerules/rulebook/internal/whatif"
	"github.com/servicerules/rulebook/policy"
)

// assistant is a rulebook as its tools have it.
type assistant struct {
	book *rulebook.Book
	lang string // of labels and sentences: zh or en
}

// New is a server of the Model Context Protocol for a rulebook. Its sentences are
// in lang, zh or en. Run it on a transport; it is safe for several sessions.
func New(book *rulebook.Book, lang, version string) *mcp.Server {
	a := &assistant{book, lang}
	s := mcp.NewServer(&mcp.Implementation{Name: "rulebook", Title: book.Rulebook().Title.In(lang), Version: version}, &mcp.ServerOptions{
		Instructions: diagnostic.Text{
			ZH: "先用 list 看有哪些问题、每个问题收哪些事实；用 ask 得到结论，引用它给出的条款。缺的事实不要猜：undetermined 就是未定。",
			EN: "See by list which questions there are and which facts each takes; get answers by ask, and cite the articles that they give. Never guess a fact that is missing: undetermined means just that.",
		}.In(lang),
	})
	readOnly := &mcp.ToolAnnotations{ReadOnlyHint: true, IdempotentHint: true}
	add(s, readOnly, "list", "The questions of the rulebook, or one of them with the facts that it takes and the words that each may be; and its articles.", a.list)
	add(s, readOnly, "ask", "Answer a question about facts, with verdict, values, breaches, missing facts, the articles that the answer rests on, the readings chosen and the hash of the rulebook.", a.ask)
	add(s, readOnly, "explain", "Answer as ask does, and tell how it came about: the reasons as a tree, how far each comparison is from its boundary, and the nearest changes to facts or readings that would make the verdict another.", a.explain)
	add(s, readOnly, "analyse", "Look at all facts that a question may be asked about: gaps, collisions, rules that never apply. Takes up to a minute.", a.analyse)
	add(s, readOnly, "check", "Check the text of a rules file, and point at every mistake with what to write instead.", a.check)
	add(s, readOnly, "diff", "Tell in the words of the regulations what the text of a changed rules file says differently from the rulebook in use, and which answers it changes.", a.diff)
	return s
}

// add offers a tool. What it gives is told as text; an error is told to the
// assistant, which may do better the next time.
func add[In any](s *mcp.Server, notes *mcp.ToolAnnotations, name, description string, do func(context.Context, In) (string, error)) {
	mcp.AddTool(s, &mcp.Tool{Name: name, Description: description, Annotations: notes}, func(ctx context.Context, call *mcp.CallToolRequest, in In) (*mcp.CallToolResult, any, error) {
		if x, ok := any(&in).(*asking); ok { // with numbers as they are written
			var exact struct{ Facts json.RawMessage }
			if err := json.Unmarshal(call.Params.Arguments, &exact); err == nil {
				x.tree, _ = factset.FromJSON(exact.Facts)
			}
			if x.tree == nil {
				x.tree = factset.Tree{}
			}
		}
		text, err := do(ctx, in)
		result := &mcp.CallToolResult{}
		if err != nil {
			result.IsError = true
			text = err.Error()
		}
		result.Content = []mcp.Content{&mcp.TextContent{Text: text}}
		return result, nil, nil
	})
}

type listing struct {
	Question string `json:"question,omitempty" jsonschema:"the id of one question, to see the facts that it takes"`
}

func (a *assistant) list(_ context.Context, in listing) (string, error) {
	b := a.book.Rulebook()
	if in.Question != "" {
		q, ok := b.Question(in.Question)
		if !ok {
			return "", a.unknownQuestion(in.Question)
		}
		facts := make([]factJSON, 0, len(q.Facts))
		for _, f := range q.Facts {
			x := a.fact(f.Fact)
			x.Name = f.Name
			facts = append(facts, x)
		}
		return text(struct {
			ID    string     `json:"id"`
			Title string     `json:"title"`
			Facts []factJSON `json:"facts"`
		}{q.ID, q.Title.In(a.lang), facts})
	}
	type named struct {
		ID    string `json:"id"`
		Title string `json:"title"`
	}
	var questions, articles []named
	for _, q := range b.Questions {
		questions = append(questions, named{q.ID, q.Title.In(a.lang)})
	}
	for _, reg := range b.Regulations {
		for _, x := range reg.Articles {
			articles = append(articles, named{x.ID, b.LabelOfArticle(x.ID).In(a.lang) + " " + x.Title.In(a.lang)})
		}
	}
	return text(struct {
		Rulebook  string  `json:"rulebook"`
		SHA256    string  `json:"sha256"`
		Questions []named `json:"questions"`
		Articles  []named `json:"articles"`
	}{b.ID, b.SHA256, questions, articles})
}

// factJSON says how a fact is given.
type factJSON struct {
	Name   string            `json:"name"`
	Label  string            `json:"label,omitempty"`
	Type   string            `json:"type"`
	Words  map[string]string `json:"words,omitempty"` // that it may be, each with its label
	Fields []factJSON        `json:"fields,omitempty"`
	Of     *factJSON         `json:"of,omitempty"` // of a list: each item
}

func (a *assistant) fact(f *policy.Fact) factJSON {
	x := factJSON{Name: f.Name, Label: f.Label.In(a.lang), Type: f.TypeName}
	if f.Words != nil {
		x.Words = map[string]string{}
		for _, w := range f.Words.Words {
			x.Words[w] = f.Words.Labels[w].In(a.lang)
		}
	}
	for _, y := range f.Fields {
		x.Fields = append(x.Fields, a.fact(y))
	}
	if f.Elem != nil {
		of := a.fact(f.Elem)
		x.Of = &of
	}
	return x
}

type asking struct {
	Question string            `json:"question" jsonschema:"the id of the question, as list gives it"`
	Facts    map[string]any    `json:"facts" jsonschema:"the facts that are known, by name; leave out what is not known; null is what is known not to exist"`
	AsOf     string            `json:"as_of,omitempty" jsonschema:"the moment of asking, such as 2025-06-09T09:00:00+08:00; now where it is left out"`
	Readings map[string]string `json:"readings,omitempty" jsonschema:"other options of readings, by key"`

	tree factset.Tree // the facts, without numbers that are rounded
}

// asked is a call as it is put to a rulebook.
type asked struct {
	book     *rulebook.Book // under the readings of the call
	question *policy.Question
	facts    factset.Tree
	options  []rulebook.Option
}

// read reads a call.
func (a *assistant) read(in asking) (*asked, error) {
	q, ok := a.book.Rulebook().Question(in.Question)
	if !ok {
		return nil, a.unknownQuestion(in.Question)
	}
	x := &asked{book: a.book, question: q, facts: in.tree}
	for key, option := range in.Readings {
		var err error
		if x.book, err = x.book.With(rulebook.Reading(key, option)); err != nil {
			return nil, err
		}
	}
	if in.AsOf != "" {
		t, err := time.Parse(time.RFC3339Nano, in.AsOf)
		if err != nil {
			return nil, fmt.Errorf("as_of %q is no moment → write it as 2025-06-09T09:00:00+08:00", in.AsOf)
		}
		x.options = append(x.options, rulebook.AsOf(t))
	}
	return x, nil
}

func (a *assistant) ask(ctx context.Context, in asking) (string, error) {
	x, err := a.read(in)
	if err != nil {
		return "", err
	}
	answer, err := x.book.Ask(ctx, in.Question, x.facts, x.options...)
	if err != nil {
		return "", a.told(err)
	}
	return string(answer.AppendJSON(nil, true)), nil
}

func (a *assistant) unknownQuestion(id string) error {
	return errors.New(diagnostic.Textf("没有问题 %[1]q → %[2]s", "there is no question %[1]q → %[3]s", id,
		diagnostic.OneOf(id, a.book.Rulebook().QuestionIDs()).ZH, diagnostic.OneOf(id, a.book.Rulebook().QuestionIDs()).EN).In(a.lang))
}

// told is an error in the language of the sentences.
func (a *assistant) told(err error) error {
	refused := policy.RefusedFacts(err)
	if len(refused) == 0 {
		return err
	}
	var all []error
	for _, r := range refused {
		all = append(all, fmt.Errorf("%s: %s [%s] → %s", r.Fact, r.Message.In(a.lang), r.Code, r.Remedy.In(a.lang)))
	}
	return errors.Join(all...)
}

func (a *assistant) explain(ctx context.Context, in asking) (string, error) {
	x, err := a.read(in)
	if err != nil {
		return "", err
	}
	flips, err := whatif.NearestFlips(ctx, x.book, x.question, x.facts, whatif.Target{}, x.options...)
	if err != nil {
		return "", a.told(err)
	}
	readings, err := whatif.UnderAllReadings(ctx, x.book, in.Question, x.facts, x.options...)
	if err != nil {
		return "", a.told(err)
	}
	type flip struct {
		Changes  map[string]any    `json:"changes,omitempty"`
		Readings map[string]string `json:"readings,omitempty"`
		Verdict  string            `json:"verdict"`
	}
	var nearby []flip
	for _, f := range flips.Nearby {
		x := flip{Changes: map[string]any{}, Verdict: f.Answer.Verdict}
		for _, c := range f.Changes {
			x.Changes[c.Place.Path.String()] = c.To
		}
		nearby = append(nearby, x)
	}
	for _, o := range readings.Flips(whatif.Target{}) {
		x := flip{Readings: map[string]string{}, Verdict: o.Answer.Verdict}
		for _, c := range o.Under[0] {
			x.Readings[c.Reading] = c.Option
		}
		nearby = append(nearby, x)
	}
	return text(struct {
		Answer json.RawMessage `json:"answer"`
		Why    []reason        `json:"why"`
		Flips  []flip          `json:"flips"`
	}{flips.Answer.AppendJSON(nil, true), a.reasons(whatif.Why(flips.Answer, a.lang)), nearby})
}

// reason is a step with what it rests on.
type reason struct {
	Article string   `json:"article,omitempty"`
	Rule    string   `json:"rule,omitempty"`
	Text    string   `json:"text"`
	Margin  []string `json:"from_boundary,omitempty"`
	RestsOn []reason `json:"rests_on,omitempty"`
}

func (a *assistant) reasons(all []*whatif.Reason) []reason {
	var out []reason
	for _, r := range all {
		x := reason{Article: r.Article, Rule: r.Rule, Text: r.Text, RestsOn: a.reasons(r.Under)}
		for _, m := range r.Margins {
			x.Margin = append(x.Margin, m.By.Text().In(a.lang))
		}
		out = append(out, x)
	}
	return out
}

type analysing struct {
	Question string `json:"question" jsonschema:"the id of the question"`
}

// analyseWithin bounds how long an analysis takes.
const analyseWithin = time.Minute

func (a *assistant) analyse(ctx context.Context, in analysing) (string, error) {
	if _, ok := a.book.Rulebook().Question(in.Question); !ok {
		return "", a.unknownQuestion(in.Question)
	}
	ctx, cancel := context.WithTimeout(ctx, analyseWithin)
	defer cancel()
	r, err := analysis.Analyse(ctx, run.Of(a.book), analysis.Options{Questions: []string{in.Question}})
	if err != nil {
		return "", err
	}
	type found struct {
		finding
		Article  string          `json:"article,omitempty"`
		Facts    json.RawMessage `json:"facts,omitempty"`
		Accepted string          `json:"accepted,omitempty"`
	}
	out := []found{}
	for _, f := range r.Findings {
		out = append(out, found{a.finding(f.Diagnostic), f.Article, f.Facts, f.Accepted})
	}
	return text(struct {
		SHA256   string  `json:"sha256"`
		Findings []found `json:"findings"`
		Claims   int     `json:"claims"`
		Proven   int     `json:"proven"`
		Open     int     `json:"open"`
	}{a.book.Rulebook().SHA256, out, r.Claims, r.Proven, r.Open})
}

// finding is what is wrong with a rules file, where, and what to write instead.
type finding struct {
	Code    string `json:"code"`
	Place   string `json:"place"`
	Message string `json:"message"`
	Remedy  string `json:"remedy,omitempty"`
}

func (a *assistant) finding(d diagnostic.Diagnostic) finding {
	return finding{d.Code, d.Span.String(), d.Message.In(a.lang), d.Remedy.In(a.lang)}
}

type rulesText struct {
	Rules string `json:"rules" jsonschema:"the whole text of the rules file"`
}

func (a *assistant) check(_ context.Context, in rulesText) (string, error) {
	out := struct {
		Loads    bool      `json:"loads"`
		SHA256   string    `json:"sha256,omitempty"`
		Findings []finding `json:"findings"`
	}{Findings: []finding{}}
	book, err := rulebook.Parse(a.book.Rulebook().Name(), []byte(in.Rules))
	var list diagnostic.List
	switch {
	case err == nil:
		out.Loads, out.SHA256, list = true, book.Rulebook().SHA256, book.Warnings()
	case !errors.As(err, &list):
		return "", err
	}
	for _, d := range list {
		out.Findings = append(out.Findings, a.finding(d))
	}
	return text(out)
}

// triesOfDiff is how many fact sets are tried for each question that a change
// may reach.
const triesOfDiff = 500

func (a *assistant) diff(ctx context.Context, in rulesText) (string, error) {
	changed, err := rulebook.Parse(a.book.Rulebook().Name(), []byte(in.Rules))
	if err != nil {
		return "", fmt.Errorf("%s: %w", diagnostic.Text{ZH: "这份规则有错，先用 check 看", EN: "the rules have mistakes: see check first"}.In(a.lang), err)
	}
	r, err := difference.Compare(ctx, a.book, changed, nil, triesOfDiff)
	if err != nil {
		return "", err
	}
	var b bytes.Buffer
	if err := difference.ViewOf(r, nil, a.lang).Markdown(&b); err != nil {
		return "", err
	}
	return b.String(), nil
}

// text is data as the text of a result.
func text(v any) (string, error) {
	data, err := json.Marshal(v)
	return string(data), err
}
