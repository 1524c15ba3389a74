package difference

import (
	"bufio"
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/big"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/probe"
	"github.com/servicerules/rulebook/internal/review"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/internal/table"
	"github.com/servicerules/rulebook/internal/value"
	"github.com/servicerules/rulebook/policy"
)

// Replay is what two books make of facts on record.
type Replay struct {
	Rows      int // that both could be asked about
	Unchanged int
	Changed   int
	Refused   int // rows that neither book takes, or that could not be read
	Sums      []*Sum
	Groups    []*Group
}

// Sum is how much a number or amount changes by, over all rows that both books
// know it of. Amounts of different currencies are not added up.
type Sum struct {
	Question string
	Value    string // the name of the value
	Currency string // the code of that of an amount; "" for numbers
	Label    policy.Text
	Unit     policy.Text
	Up, Down int // rows in which it grows, or shrinks
	By       *big.Rat
}

// Number is how much the sum changes by, without a currency, but with its decimal
// places; of numbers, with two.
func (s *Sum) Number() string {
	places := 2
	if in, known := value.CurrencyNamed(s.Currency); known {
		places = in.Decimals()
	}
	return s.By.FloatString(places)
}

// Group is the rows that answer differently because of the same changes.
type Group struct {
	Rules    []string // ids of changed rules that were applied, before or after
	Readings []string // keys of changed readings, likewise
	Rows     int
	Verdicts []Turn
	Examples []*Example // the first of them, up to maxExamples
}

// Turn counts rows by how their verdict turns; both may be the same. Where one
// version could not answer, there is an error in place of its verdict.
type Turn struct {
	Question, Old, New string
	Error, NewError    string // a code, and the fact that was refused, if it was
	Rows               int
}

// Example is one row that is answered differently.
type Example struct {
	ID          string
	Question    string
	Differences []probe.Difference
}

// maxExamples is how many rows a group keeps, and shownExamples how many of them
// are told in words.
const (
	maxExamples   = 10_000
	shownExamples = 20
)

// row is what one book answers about a row.
type row struct {
	id, question string
	parts        []probe.Part
	amounts      map[string]amount
	rules        []string
	readings     []string
	refused      bool
	facts        any    // that it was asked about; nil of a row of a month
	edition      string // the first day of the edition that answered
}

// Changed is a row that two books answer differently.
type Changed struct {
	ID, Question string
	Facts        any    // as Ask takes them; nil of a record of a month's directory
	Edition      string // the first day of the edition of the new book that answers it; "" where it does not
	Differences  []probe.Difference
}

type amount struct {
	n    *big.Rat
	with policy.Value
}

func rowOf(id, question string, a *policy.Answer, err error) *row {
	r := &row{id: id, question: question, parts: probe.PartsOf(a, err), refused: err != nil}
	if a == nil {
		return r
	}
	r.rules, r.edition = a.Rules, a.Rulebook.Edition
	for _, used := range a.Readings {
		r.readings = append(r.readings, used.Key)
	}
	if a.Error != nil {
		return r
	}
	for v := range a.Values() {
		if v.State != policy.StateKnown || v.Kind != policy.KindMoney && v.Kind != policy.KindCount {
			continue
		}
		text, _, _ := strings.Cut(strings.Trim(string(v.AppendJSON(nil)), `"`), " ")
		if n, ok := new(big.Rat).SetString(text); ok {
			if r.amounts == nil {
				r.amounts = map[string]amount{}
			}
			r.amounts[v.Name] = amount{n, v}
		}
	}
	return r
}

// tally counts rows.
type tally struct {
	*Replay
	rules, readings map[string]bool // that were changed
	groups          map[string]*Group
	sums            map[string]*Sum
	each            func(Changed) // nil where nobody wants to know
}

// newTally is for the changes of a report.
func newTally(r *Report) *tally {
	t := &tally{Replay: &Replay{}, rules: map[string]bool{}, readings: map[string]bool{}, groups: map[string]*Group{}, sums: map[string]*Sum{}}
	for _, c := range r.Changes {
		if c.Kind == Wording {
			continue
		}
		if c.Rule != "" {
			t.rules[c.Rule] = true
		}
		if c.Reading != "" {
			t.readings[c.Reading] = true
		}
	}
	return t
}

func (t *tally) add(old, changed *row) {
	if old.refused && changed.refused {
		t.Refused++
		return
	}
	t.Rows++
	found := probe.Compare(old.parts, changed.parts)
	if len(found) == 0 {
		t.Unchanged++
		return
	}
	t.Changed++
	if t.each != nil {
		t.each(Changed{old.id, old.question, old.facts, changed.edition, found})
	}
	rules, readings := map[string]bool{}, map[string]bool{}
	for _, r := range append(slices.Clone(old.rules), changed.rules...) {
		rules[r] = t.rules[r]
	}
	for _, r := range append(slices.Clone(old.readings), changed.readings...) {
		readings[r] = t.readings[r]
	}
	changedOnes := func(m map[string]bool) []string {
		maps.DeleteFunc(m, func(_ string, is bool) bool { return !is })
		return slices.Sorted(maps.Keys(m))
	}
	g := &Group{Rules: changedOnes(rules), Readings: changedOnes(readings)}
	key := strings.Join(g.Rules, " ") + "|" + strings.Join(g.Readings, " ")
	if t.groups[key] == nil {
		t.groups[key] = g
	}
	g = t.groups[key]
	g.Rows++
	turn := Turn{
		Question: old.question, Old: textIn(old.parts, "verdict"), New: textIn(changed.parts, "verdict"),
		Error: textIn(old.parts, "error"), NewError: textIn(changed.parts, "error"),
	}
	i := slices.IndexFunc(g.Verdicts, func(x Turn) bool { x.Rows = 0; return x == turn })
	if i < 0 {
		i = len(g.Verdicts)
		g.Verdicts = append(g.Verdicts, turn)
	}
	g.Verdicts[i].Rows++
	if len(g.Examples) < maxExamples {
		g.Examples = append(g.Examples, &Example{old.id, old.question, found})
	}
	for name, was := range old.amounts {
		is, both := changed.amounts[name]
		currency := was.currency()
		if !both || is.currency() != currency || is.n.Cmp(was.n) == 0 {
			continue
		}
		key := old.question + " " + name + " " + currency
		s := t.sums[key]
		if s == nil {
			s = &Sum{Question: old.question, Value: name, Currency: currency, Label: was.with.Label, Unit: was.with.Unit, By: new(big.Rat)}
			t.sums[key] = s
		}
		s.By.Add(s.By, new(big.Rat).Sub(is.n, was.n))
		if is.n.Cmp(was.n) > 0 {
			s.Up++
		} else {
			s.Down++
		}
	}
}

// currency is the code of that of an amount, "" of a number.
func (a amount) currency() string {
	m, _ := a.with.Data.(policy.Money)
	return m.Currency
}

func textIn(parts []probe.Part, name string) string {
	for _, p := range parts {
		if p.Name == name {
			return p.Text
		}
	}
	return ""
}

func (t *tally) finish() *Replay {
	for _, key := range slices.Sorted(maps.Keys(t.sums)) {
		t.Sums = append(t.Sums, t.sums[key])
	}
	for _, key := range slices.Sorted(maps.Keys(t.groups)) {
		g := t.groups[key]
		slices.SortStableFunc(g.Verdicts, func(a, b Turn) int { return b.Rows - a.Rows })
		t.Groups = append(t.Groups, g)
	}
	slices.SortStableFunc(t.Groups, func(a, b *Group) int { return b.Rows - a.Rows })
	return t.Replay
}

// InputError says what is wrong with the facts to be replayed.
type InputError struct {
	File            string
	Line            int  // 0 for the file as a whole
	Unasked         bool // it is the question that is wrong or not said; Remedy tells which there are
	Message, Remedy diagnostic.Text
}

func (e *InputError) Error() string {
	if e.Line > 0 {
		return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.Message.EN)
	}
	return e.File + ": " + e.Message.EN
}

// ReplayFile asks both books about each row of a file: a line of JSON, or a row
// of CSV whose header names facts, by themselves or by their labels. The column or key `record`, if any, is its id.
// A directory is a month of records, and is reviewed by both. Of a question to which
// no difference was found by trying, the report then says what is on record.
func ReplayFile(ctx context.Context, old, changed *rulebook.Book, report *Report, record Record) (*Replay, error) {
	replay, err := ReplayEach(ctx, old, changed, report, record, nil)
	if err == nil {
		report.seenIn(replay)
	}
	return replay, err
}

// seenIn makes questions differ to which a replay has an answer that is another.
func (r *Report) seenIn(replay *Replay) {
	for _, g := range replay.Groups {
		for _, x := range g.Examples {
			for _, q := range r.Questions {
				if q.ID == x.Question && q.Sameness == NoneFound {
					q.Sameness, q.Record = Differs, x.ID
				}
			}
		}
	}
}

// ReplayEach is ReplayFile, and visits each row that is answered differently.
func ReplayEach(ctx context.Context, old, changed *rulebook.Book, report *Report, record Record, each func(Changed)) (*Replay, error) {
	path, question := record.Path, record.Question
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.IsDir() {
		return replayMonth(ctx, old, changed, report, record, each)
	}
	q, known := old.Rulebook().Question(question)
	if _, too := changed.Rulebook().Question(question); !known || !too {
		both := slices.DeleteFunc(old.Rulebook().QuestionIDs(), func(id string) bool { _, too := changed.Rulebook().Question(id); return !too })
		e := &InputError{File: path, Unasked: true, Remedy: diagnostic.OneOf(question, both)}
		switch {
		case question == "":
			e.Message = diagnostic.Textf("没有说这些事实是哪个问题的", "it is not said which question the facts are of")
		case !known && !too:
			e.Message = diagnostic.Textf("没有 %q 这个问题", "there is no question %q", question)
		default:
			e.Message = diagnostic.Textf("问题 %q 不是两版都有", "only one of the versions has the question %q", question)
		}
		return nil, e
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	b := &batcher{ctx: ctx, old: old, changed: changed, question: question, tally: newTally(report)}
	b.tally.each = each
	if strings.EqualFold(filepath.Ext(path), ".csv") {
		err = b.csv(path, f, q, record.How)
	} else {
		err = b.lines(f)
	}
	if err != nil {
		return nil, err
	}
	b.flush()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return b.tally.finish(), nil
}

// batcher asks about many rows at once, and counts them in their order.
type batcher struct {
	ctx          context.Context
	old, changed *rulebook.Book
	question     string
	waiting      []pending
	tally        *tally
}

type pending struct {
	id    string
	facts any
}

const atOnce = 4096

func (b *batcher) add(id string, facts any) error {
	b.waiting = append(b.waiting, pending{id, facts})
	if len(b.waiting) == atOnce {
		b.flush()
	}
	return b.ctx.Err()
}

func (b *batcher) flush() {
	olds, news := make([]*row, len(b.waiting)), make([]*row, len(b.waiting))
	workers := runtime.GOMAXPROCS(0)
	var wait sync.WaitGroup
	for w := range workers {
		wait.Go(func() {
			for i := w; i < len(b.waiting) && b.ctx.Err() == nil; i += workers {
				p := b.waiting[i]
				a, err := b.old.Ask(b.ctx, b.question, p.facts)
				olds[i] = rowOf(p.id, b.question, a, err)
				olds[i].facts = p.facts
				a, err = b.changed.Ask(b.ctx, b.question, p.facts)
				news[i] = rowOf(p.id, b.question, a, err)
			}
		})
	}
	wait.Wait()
	if b.ctx.Err() == nil {
		for i := range olds {
			b.tally.add(olds[i], news[i])
		}
	}
	b.waiting = b.waiting[:0]
}

// lines reads JSON Lines. Lines that cannot be read are refused by both books,
// and counted so.
func (b *batcher) lines(r io.Reader) error {
	in := bufio.NewReaderSize(r, 1<<16)
	for n := 1; ; n++ {
		line, err := in.ReadBytes('\n')
		if line = bytes.TrimSpace(line); len(line) > 0 {
			id, facts := fmt.Sprint(n), line
			var object map[string]json.RawMessage
			if json.Unmarshal(line, &object) == nil {
				if name, ok := object[table.Record]; ok {
					id = strings.Trim(string(name), `"`)
					delete(object, table.Record)
					facts, _ = json.Marshal(object)
				}
			}
			if err := b.add(id, facts); err != nil {
				return err
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// csv reads a table. A row with a cell that cannot be read counts as refused.
func (b *batcher) csv(name string, r io.Reader, q *policy.Question, how table.How) error {
	in := csv.NewReader(r)
	in.FieldsPerRecord = -1
	header, err := in.Read()
	if err != nil {
		return &InputError{File: name, Line: 1, Message: diagnostic.Textf("没有表头", "there is no header"), Remedy: diagnostic.Textf("第一行写事实的名称", "name the facts in the first row")}
	}
	header[0] = string(table.TrimMark([]byte(header[0])))
	for i, name := range header {
		header[i] = strings.TrimSpace(name)
	}
	languages := b.old.Rulebook().Languages
	h, problems := table.HeaderOf(header, languages, q, nil)
	for _, p := range problems {
		return &InputError{File: name, Line: 1, Message: p.Message, Remedy: p.Remedy}
	}
	table.Bind(h.Columns, languages, table.About{}, how)
	for {
		cells, err := in.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		line, _ := in.FieldPos(0)
		if err != nil {
			return &InputError{File: name, Line: line, Message: diagnostic.Textf("这一行读不出：%v", "the row cannot be read: %v", err), Remedy: diagnostic.Textf("检查引号", "check the quotes")}
		}
		if table.Blank(cells) {
			continue
		}
		id := fmt.Sprint(line)
		if h.Record >= 0 && h.Record < len(cells) {
			id = cells[h.Record]
		}
		root := table.NewMap()
		wrong := false
		table.Read(root, h.Columns, cells, b.old.Rulebook().Zone, nil, func(*table.Problem) { wrong = true })
		if wrong {
			b.tally.Refused++
			continue
		}
		if err := b.add(id, (*source.Node)(root)); err != nil {
			return err
		}
	}
}

// replayMonth reviews a month's directory by both books.
func replayMonth(ctx context.Context, old, changed *rulebook.Book, report *Report, record Record, each func(Changed)) (*Replay, error) {
	t := newTally(report)
	t.each = each
	olds := map[string]*row{}
	was, err := review.Dir(ctx, old, record.Path, review.Options{Brief: true, How: record.How, Emit: func(section string, r *review.Record, a *policy.Answer) error {
		if a != nil {
			olds[section+" "+r.File+" "+r.ID] = rowOf(r.ID, a.Question, a, nil)
		}
		return nil
	}})
	if err != nil {
		return nil, err
	}
	now, err := review.Dir(ctx, changed, record.Path, review.Options{Brief: true, How: record.How, Emit: func(section string, r *review.Record, a *policy.Answer) error {
		if was := olds[section+" "+r.File+" "+r.ID]; was != nil && a != nil {
			t.add(was, rowOf(r.ID, a.Question, a, nil))
		}
		return nil
	}})
	if err != nil {
		return nil, err
	}
	t.Refused += min(was.Totals.Unreadable, now.Totals.Unreadable)
	return t.finish(), nil
}
