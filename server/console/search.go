package console

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/servicerules/rulebook/internal/table"
	"github.com/servicerules/rulebook/policy"
	"github.com/servicerules/rulebook/server/door"
	"github.com/servicerules/rulebook/server/problem"
	"github.com/servicerules/rulebook/server/record"
	"github.com/servicerules/rulebook/server/service"
)

// recordFilter is what is looked for on record. Its address holds all of it.
type recordFilter struct {
	record.Query
	Says    string // what stands in a fact, as a name or the label of a word
	Article string // id of one that the answer cites
	Amount  string // digits: proposed or decided
	Facts   map[string]string
}

// factInput begins the name of an input of a fact that is searched by. Of lists,
// any item may have it: "fact.complaints[].level".
const factInput = "fact."

// filterOf reads a filter from an address.
func filterOf(in url.Values) recordFilter {
	f := recordFilter{Facts: map[string]string{}, Says: strings.TrimSpace(in.Get("says")), Article: in.Get("article"), Amount: strings.TrimSpace(in.Get("amount"))}
	f.Question, f.Verdict, f.Decider, f.Stage, f.After = in.Get("question"), in.Get("verdict"), strings.TrimSpace(in.Get("decider")), in.Get("stage"), in.Get("after")
	for name, values := range in {
		if path, ok := strings.CutPrefix(name, factInput); ok && f.Question != "" && len(values) > 0 && strings.TrimSpace(values[0]) != "" {
			f.Facts[path] = strings.TrimSpace(values[0])
		}
	}
	return f
}

// Further reports whether the filter looks at more than what records are kept
// by.
func (f *recordFilter) Further() bool {
	return f.Says != "" || f.Article != "" || f.Amount != "" || f.Decider != "" || f.Stage != "" || len(f.Facts) > 0
}

// literal reports whether a text stands in JSON as it is, in the case of ASCII
// letters that SQLite knows.
func literal(text string) bool {
	for _, c := range text {
		if c < ' ' || strings.ContainsRune("\"\\<>&\u2028\u2029", c) || c > 127 && strings.ToLower(string(c)) != strings.ToUpper(string(c)) {
			return false
		}
	}
	return true
}

// narrow lets the store leave out what cannot match.
func (f *recordFilter) narrow(v *viewer) {
	f.Bodies = true
	if f.Says != "" && literal(f.Says) {
		f.Contains = append(f.Contains, append([]string{f.Says}, v.wordsCalled(f.Says)...))
	}
	if f.Article != "" && literal(f.Article) {
		f.Contains = append(f.Contains, []string{`"` + f.Article + `"`})
	}
	for _, value := range f.Facts {
		if literal(value) {
			f.Contains = append(f.Contains, []string{value})
		}
	}
}

// wordsCalled are the words of the rulebook whose labels have a text in them.
func (v *viewer) wordsCalled(text string) []string {
	text = strings.ToLower(text)
	var all []string
	var walk func(f *policy.Fact)
	walk = func(f *policy.Fact) {
		if f == nil {
			return
		}
		if f.Words != nil {
			for _, word := range f.Words.Words {
				if strings.Contains(strings.ToLower(v.words().Word(word, f.Words)), text) && !slices.Contains(all, word) {
					all = append(all, word)
				}
			}
		}
		for _, x := range f.Fields {
			walk(x)
		}
		walk(f.Elem)
	}
	for _, q := range v.book.Questions {
		for _, f := range q.Facts {
			walk(f.Fact)
		}
	}
	return all
}

var listIndex = regexp.MustCompile(`\[\d+\]`)

// matches looks at what the store cannot know.
func (c *Console) matches(p *page, f *recordFilter, row *foundRecord) bool {
	v := p.viewer
	if f.Says != "" && !(listFilter{Says: f.Says}).lets(v, &service.Matter{Question: row.entry.Question, Given: row.given}) {
		return false
	}
	q, known := v.book.Question(row.entry.Question)
	for want, value := range f.Facts {
		met := false
		for path, given := range row.given {
			if listIndex.ReplaceAllString(path, "[]") != want {
				continue
			}
			text := saidOf(given)
			fact, ok := (*policy.Fact)(nil), false
			if known {
				fact, ok = service.FactAt(q, path)
			}
			if ok && fact.Words != nil {
				met = met || text == value
			} else {
				met = met || v.says(row.entry.Question, path, text, value)
			}
		}
		if !met {
			return false
		}
	}
	if f.Article != "" {
		var answer struct{ Cites []string }
		if json.Unmarshal(row.body.Answer, &answer) != nil || !slices.Contains(answer.Cites, f.Article) {
			return false
		}
	}
	return f.Amount == "" || slices.ContainsFunc(row.amounts, func(a string) bool { return digitsOf(a) == digitsOf(f.Amount) })
}

// digitsOf are the digits and the point of an amount, without what stands for
// nothing: "¥27.50" and "27.5 yuan" are the same.
func digitsOf(text string) string {
	text = strings.Map(func(c rune) rune {
		if c >= '0' && c <= '9' || c == '.' {
			return c
		}
		return -1
	}, text)
	if strings.Contains(text, ".") {
		text = strings.TrimSuffix(strings.TrimRight(text, "0"), ".")
	}
	return text
}

// foundRecord is a record that was found, taken apart.
type foundRecord struct {
	entry   *record.Entry
	body    *record.Body
	given   map[string]string
	steps   []*record.Step
	amounts []string // proposed, and decided
}

const searchTime = 2 * time.Second // that one page looks on

// search finds records, the latest first: at most limit, and as many as can be
// looked at in a while. next is where the next page begins, "" where there is none.
func (c *Console) search(ctx context.Context, p *page, f recordFilter, limit int) (found []*foundRecord, next string, hurried bool, err error) {
	f.narrow(p.viewer)
	f.Limit = limit
	began := time.Now()
	for {
		part, err := c.service.Store.Search(ctx, f.Query)
		if err != nil {
			return nil, "", false, err
		}
		for _, e := range part.Entries {
			row, err := c.taken(ctx, p, e)
			if err != nil {
				return nil, "", false, err
			}
			if c.matches(p, &f, row) {
				found = append(found, row)
			}
			if f.After = e.ID(); len(found) == limit {
				if part.Next == "" && e == part.Entries[len(part.Entries)-1] {
					return found, "", false, nil
				}
				return found, f.After, false, nil
			}
		}
		if part.Next == "" {
			return found, "", false, nil
		}
		if time.Since(began) > searchTime {
			return found, part.Next, true, nil
		}
	}
}

// taken takes a record apart.
func (c *Console) taken(ctx context.Context, p *page, e *record.Entry) (*foundRecord, error) {
	row := &foundRecord{entry: e, given: map[string]string{}}
	body, err := e.Decode()
	if err != nil {
		row.body = &record.Body{} // its own page tells why
		return row, nil
	}
	row.body, row.given = body, service.Given(body)
	if row.steps, err = c.service.Store.Steps(ctx, e); err != nil {
		return nil, err
	}
	if row.amounts, err = c.proposedIn(ctx, p, e, body); err != nil {
		return nil, err
	}
	for _, s := range service.Effective(row.steps) {
		if s.Kind == record.StepDecision && s.Amount != "" && !slices.Contains(row.amounts, s.Amount) {
			row.amounts = append(row.amounts, s.Amount)
		}
	}
	return row, nil
}

// factFilters are the facts of a question that are words or names, to be searched
// by.
func (v *viewer) factFilters(question string, facts map[string]string) []*field {
	q, ok := v.book.Question(question)
	if !ok {
		return nil
	}
	var all []*field
	var walk func(f *policy.Fact, path string)
	walk = func(f *policy.Fact, path string) {
		switch {
		case f == nil || len(all) == mostFilters:
		case f.TypeName == "record":
			for _, x := range f.Fields {
				walk(x, path+"."+x.Name)
			}
		case f.TypeName == "list":
			walk(f.Elem, path+"[]")
		case f.TypeName == "word" && f.Words != nil:
			x := &field{Kind: asChoice, Name: factInput + path, ID: "by-" + idOf(path), Label: v.factLabel(q, path), Value: facts[path], Empty: v.pick("全部", "all")}
			for _, word := range f.Words.Words {
				x.Options = append(x.Options, option{Value: word, Label: v.words().Word(word, f.Words), On: word == x.Value})
			}
			all = append(all, x)
		case f.TypeName == "name":
			all = append(all, &field{Kind: asName, Name: factInput + path, ID: "by-" + idOf(path), Label: v.factLabel(q, path), Value: facts[path]})
		}
	}
	for _, f := range q.Facts {
		walk(f.Fact, f.Name)
	}
	return all
}

// mostFilters is how many facts of a question are offered to search by.
const mostFilters = 24

// decisionsCSV is what was found as a table.
func (c *Console) decisionsCSV(w http.ResponseWriter, r *http.Request) {
	p := c.newPage(r)
	p.extend = extender(w, r)
	v := p.viewer
	f, refused := c.filter(p, r.URL.Query())
	wrong, err := c.unsearchable(r.Context(), p, r.URL.Query(), f, refused)
	if err != nil {
		c.serve(w, r, func(*http.Request, *page) (int, error) { return 0, err })
		return
	}
	if wrong != "" {
		c.Problem(w, r, problem.New(http.StatusBadRequest, "bad_filter", policy.Text{ZH: wrong, EN: wrong},
			policy.Text{ZH: "在“已记录”页上查找，再存为 CSV", EN: "search on the page of what is on record, and save that as CSV"}))
		return
	}
	if err := door.Looked(r.Context(), "", "/decisions.csv"); err != nil {
		c.serve(w, r, func(*http.Request, *page) (int, error) { return 0, err })
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/csv; charset=utf-8")
	h.Set("Content-Disposition", "attachment; filename=decisions.csv")
	h.Set("Cache-Control", "no-store")
	out := csv.NewWriter(&extended{w, p.extend})
	fail := func(err error) {
		if err != nil {
			panic(http.ErrAbortHandler) // half a table must not look like a whole one
		}
	}
	_, err = w.Write([]byte("\ufeff"))
	fail(err)
	fail(out.Write([]string{v.pick("编号", "number"), v.pick("记录时间", "recorded"), v.pick("问题", "question"), v.pick("结论", "verdict"), v.pick("名称", "names"), v.pick("建议金额", "proposed"),
		v.pick("状态", "status"), v.pick("决定", "decision"), v.pick("决定金额", "amount decided"), v.pick("决定人", "decided by"), v.pick("决定时间", "noted"), v.pick("理由", "reason")}))
	for {
		found, next, _, err := c.search(r.Context(), p, f, csvChunk)
		fail(err)
		for _, x := range found {
			row := v.decisionRow(x.entry)
			var names []string
			for _, n := range v.namesOf(x.entry.Question, x.given) {
				names = append(names, n.Name)
			}
			proposed, err := c.proposedIn(r.Context(), p, x.entry, x.body)
			fail(err)
			cells := []string{row.ID, row.Recorded, row.Question, row.Verdict, strings.Join(names, " "), strings.Join(proposed, " + "), stageTexts[service.StageOf(x.steps)].In(v.lang), "", "", "", "", ""}
			if row.Note && len(x.steps) == 0 {
				cells[6] = ""
			}
			for _, s := range service.Effective(x.steps) {
				if s.Kind == record.StepDecision {
					step := v.stepRow(s)
					copy(cells[7:], []string{step.Outcome, s.Amount, s.By, step.At, s.Reason})
				}
			}
			for i := range cells {
				cells[i] = table.Neutral(cells[i])
			}
			fail(out.Write(cells))
		}
		out.Flush()
		fail(out.Error())
		if next == "" {
			return
		}
		f.After = next
	}
}

// filterInputs are what a filter may say, beside facts.
var filterInputs = []string{"question", "verdict", "from", "to", "says", "article", "amount", "stage", "decider", "after", langInput}

// unsearchable says what of a filter cannot be searched by, "" where there is
// nothing: a table of all, or an empty one, would look like what was asked for.
// refused is what reading it has found.
func (c *Console) unsearchable(ctx context.Context, p *page, in url.Values, f recordFilter, refused string) (string, error) {
	for name, values := range in {
		path, ofFact := strings.CutPrefix(name, factInput)
		switch {
		case !ofFact && !slices.Contains(filterInputs, name):
			return p.pick("没有这个查询条件；可写：", "this is nothing to search by; allowed: ") + strings.Join(filterInputs, ", ") + ", " + factInput + "…", nil
		case len(values) > 1:
			return p.pick("同一个条件写了两次：", "this is given twice: ") + name, nil
		case ofFact && f.Question == "":
			return p.pick("按事实查找须同时写明问题", "to search by a fact, say the question, too"), nil
		}
		if q, known := p.viewer.book.Question(f.Question); ofFact && known {
			if _, ok := service.FactAt(q, path); !ok {
				return p.pick("这个问题没有这项事实", "the question takes no such fact"), nil
			}
		}
	}
	if refused != "" {
		return refused, nil
	}
	if !f.From.IsZero() && !f.To.IsZero() && !f.From.Before(f.To) {
		return p.pick("起止日期颠倒了", "the days are the wrong way round"), nil
	}
	for name, value := range map[string]string{"question": f.Question, "verdict": f.Verdict} {
		known := value == "" || slices.ContainsFunc(p.viewer.book.Questions, func(q *policy.Question) bool {
			return name == "question" && q.ID == value || name == "verdict" && (slices.Contains(q.Verdict.Words.Words, value) || value == policy.Undetermined || value == policy.NotInScope)
		})
		if !known {
			var err error
			if name == "question" {
				known, err = c.service.Store.Known(ctx, value, "")
			} else {
				known, err = c.service.Store.Known(ctx, "", value)
			}
			if err != nil {
				return "", err
			}
		}
		if !known {
			return p.pick("没有这个问题或结论：", "there is no such question or verdict: ") + plainly(value), nil
		}
	}
	if f.After != "" {
		switch _, err := c.service.Store.Get(ctx, f.After); {
		case errors.Is(err, record.ErrNotFound):
			return p.pick("没有这份记录：", "there is no such record: ") + plainly(f.After), nil
		case err != nil:
			return "", err
		}
	}
	return "", nil
}

// csvChunk is how many records are found at once for a table.
const csvChunk = 200
