package batch

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/servicerules/rulebook/internal/intake"
	"github.com/servicerules/rulebook/internal/run"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/table"
	"github.com/servicerules/rulebook/internal/tally"
	"github.com/servicerules/rulebook/policy"
)

// Text is wording in both languages.
type Text = diagnostic.Text

func textf(zh, en string, args ...any) Text { return diagnostic.Textf(zh, en, args...) }

// Plan says what is asked about each row, and what is written of the answers.
type Plan struct {
	Question string
	AsOf     time.Time // moment of asking of rows that do not say it; zero for none
	Select   []string  // verdicts, or what answers must have; none for all answers
	Fields   []string  // parts of the answers; none for the complete ones
	In, Out  Format
	Lang     string // of words and messages in CSV

	Mapping    *table.Mapping `json:"-"` // how a CSV file that somebody else has made is read; its columns are bound here
	LocalTimes bool           // moments of CSV without a zone are in the rulebook's
	Days       table.DayOrder // of dates of CSV that have their year last; "" to refuse those that may be two
	Placed     Placed         `json:"-"` // where the rows come from, if CSV was made of another format; nil for none
	Repeats    bool           // a record may stand more than once, and is answered each time
}

// Placed tells of rows of CSV that were made of rows of another format.
type Placed interface {
	// About says how the table was written.
	About() table.About
	// At is the line in the file that a row on a line of the CSV comes from, and
	// the cells of it that cannot be read. It is safe for concurrent use.
	At(line int64) (int64, []table.BadCell)
}

// Decider decodes rows, asks about each and encodes the answers. It is
// immutable and safe for concurrent use.
type Decider struct {
	plan     Plan
	book     *rulebook.Book
	rules    *policy.Rulebook
	question *policy.Question
	sums     []string
	header   []string
	width    table.Width
	nameless []int           // columns of CSV that have no name
	columns  []table.Column  // of CSV
	targets  []intake.Target // the facts of the columns
	engine   *run.Engine
	named    bool // the rows have ids
	recordAt int  // the column of the ids
	wanted   *selection
	write    encoder
}

// NewDecider prepares a plan. Header is the first row of a CSV file, as
// [Cutter.Header] gives it. Errors: *policy.UnknownQuestionError,
// *policy.FieldError, *SelectError, *HeaderError.
func NewDecider(book *rulebook.Book, p Plan, header []byte) (*Decider, error) {
	d := &Decider{plan: p, book: book, rules: book.Rulebook(), engine: run.Of(book)}
	q, ok := d.rules.Question(p.Question)
	if !ok {
		return nil, &policy.UnknownQuestionError{Question: p.Question, Remedy: table.OneOf(p.Question, d.rules.QuestionIDs())}
	}
	d.question, d.sums = q, tally.Summable(d.rules, q)
	var err error
	if !p.AsOf.IsZero() {
		if _, err = book.With(rulebook.AsOf(p.AsOf)); err != nil {
			return nil, err
		}
	}
	if d.wanted, err = newSelection(q, p.Select); err != nil {
		return nil, err
	}
	if d.write, err = newEncoder(d.rules, q, p); err != nil {
		return nil, err
	}
	if p.In == CSV {
		return d, d.readHeader(header)
	}
	_, taken := q.FactAt(table.Record)
	d.named = !taken
	return d, nil
}

func (d *Decider) readHeader(text []byte) error {
	r := csv.NewReader(bytes.NewReader(text))
	r.FieldsPerRecord = -1
	line := 1
	wrong := func(problems ...*table.Problem) error { return &HeaderError{line, problems} }
	if !utf8.Valid(text) {
		return wrong(table.NotUTF8())
	}
	for d.header == nil {
		cells, err := r.Read()
		switch {
		case errors.Is(err, io.EOF):
			return wrong(table.Empty())
		case err != nil:
			return wrong(table.BadQuote())
		}
		line, _ = r.FieldPos(0)
		skip, p := table.BeforeHeader(cells)
		switch {
		case p != nil:
			return wrong(p)
		case !skip:
			d.header = cells
		}
	}
	d.width = table.WidthOf(d.header)
	d.header = d.width.Row(d.header)
	for i := range d.header {
		d.header[i] = strings.TrimSpace(d.header[i])
	}
	if p := table.CheckSize(d.header); p != nil {
		return wrong(p)
	}
	if problems := d.bind(); len(problems) > 0 {
		return wrong(problems...)
	}
	reader, err := d.engine.Reader(d.question.ID)
	if err != nil {
		return err
	}
	d.targets = table.Targets(reader.Question(), d.columns)
	return nil
}

// bind finds the columns of the facts and of the ids.
func (d *Decider) bind() []*table.Problem {
	h, problems := table.HeaderOf(d.header, d.rules.Languages, d.question, d.plan.Mapping)
	if len(problems) > 0 {
		return problems
	}
	d.columns, d.named, d.recordAt, d.nameless = h.Columns, h.Record >= 0, h.Record, h.Nameless
	var about table.About
	if d.plan.Placed != nil {
		about = d.plan.Placed.About()
	}
	how := table.How{Local: d.plan.LocalTimes, Days: d.plan.Days}
	if m := d.plan.Mapping; m != nil {
		how = m.How.Or(how)
	}
	table.Bind(d.columns, d.rules.Languages, about, how)
	return nil
}

// recordColumn is the column of the ids, -1 for none.
func (d *Decider) recordColumn() int {
	if d.named {
		return d.recordAt
	}
	return -1
}

// origin is where a row stands in the file that it comes from, and its cells
// that cannot be read.
func (d *Decider) origin(line int64) (int64, []table.BadCell) {
	if d.plan.Placed == nil {
		return line, nil
	}
	return d.plan.Placed.At(line)
}

// Header is the first row of the output; nil for JSON Lines.
func (d *Decider) Header() []byte { return d.write.header() }

// NewTally is an empty tally for Decide.
func (d *Decider) NewTally() *tally.Tally { return tally.New(d.rules, d.question, d.sums) }

// Decide appends the output for the rows of a block to dst and counts them.
// What stood in the file before, records of the same ids and the header of another
// table, is not looked at: see [Run].
func (d *Decider) Decide(dst []byte, b Block, sum *tally.Tally) ([]byte, error) {
	dst, _, err := d.decide(dst, b, nil, sum)
	return dst, err
}

// decide refuses rows whose records stood in the file before, and reports whether
// another table begins in the block, or has begun before it.
func (d *Decider) decide(dst []byte, b Block, repeats []repeat, sum *tally.Tally) (out []byte, another bool, err error) {
	if b.Refused != nil {
		return d.refuse(dst, sum, row{line: b.Line}, b.Refused), b.Another, nil
	}
	reader, err := d.engine.Reader(d.question.ID)
	switch {
	case err != nil:
		return dst, false, err
	case d.plan.In == CSV:
		return d.csv(dst, reader, b, repeats, sum)
	}
	out, err = d.jsonl(dst, reader, b, repeats, sum)
	return out, false, err
}

// row is one row on its way.
type row struct {
	line int64
	id   string
}

func (d *Decider) csv(dst []byte, reader *intake.Reader, b Block, repeats []repeat, sum *tally.Tally) (out []byte, another bool, err error) {
	r := newRowReader(b.Text)
	isText := utf8.Valid(b.Text)
	another = b.Another
	for {
		cells, line, err := r.next()
		switch {
		case err != nil:
			var syntax *csv.ParseError
			if !errors.As(err, &syntax) { // the end of the text
				return dst, another, nil
			}
			dst = d.refuse(dst, sum, row{line: b.Line + int64(syntax.StartLine) - 1}, table.BadQuote())
			continue
		case table.Blank(cells):
			continue
		}
		at := b.Line + int64(line) - 1
		if !isText && slices.ContainsFunc(cells, func(c string) bool { return !utf8.ValidString(c) }) {
			dst = d.refuse(dst, sum, row{line: at}, table.NotUTF8())
			continue
		}
		from, wrong := d.origin(at)
		x := row{line: from}
		if another {
			dst = d.refuse(dst, sum, x, table.BelowAnother())
			continue
		}
		cells = d.width.Row(cells)
		problems := table.CheckCells(d.header, cells)
		id, p := d.idOf(cells)
		if another = p != nil && p.Code == table.AnotherTable; !another {
			if again := d.repeated(repeats, row{at, id}); again != nil {
				x.id, p = id, again
			} else {
				p = cmp.Or(table.WrongIn(wrong, d.columns, d.recordColumn()), p)
			}
		}
		if p != nil {
			dst = d.refuse(dst, sum, x, p)
			continue
		}
		x.id = id
		if dst, err = d.cells(dst, reader, sum, x, cells, problems); err != nil {
			return dst, another, err
		}
	}
}

// idOf is the id of a row, and why it is no record.
func (d *Decider) idOf(cells []string) (string, *table.Problem) {
	if !d.named || d.recordAt >= len(cells) {
		return "", nil
	}
	id := cells[d.recordAt]
	return id, cmp.Or(table.CheckID(id), table.CheckRow(d.header, d.recordAt, cells))
}

// cells asks about a row; the problems are those of its cells, whatever they mean.
func (d *Decider) cells(dst []byte, reader *intake.Reader, sum *tally.Tally, x row, cells []string, problems []*table.Problem) ([]byte, error) {
	if len(problems) > 0 {
		return d.refuse(dst, sum, x, problems...), nil
	}
	if p := table.CheckNameless(d.nameless, cells); p != nil {
		return d.refuse(dst, sum, x, p), nil
	}
	return d.ask(dst, reader, sum, x, func() { table.ReadRow(reader, d.columns, d.targets, cells, d.rules.Zone) },
		func(refused *policy.FactError) *table.Problem { return d.ofCell(cells, refused) })
}

// ofCell names the cell that a fact was refused for.
func (d *Decider) ofCell(cells []string, refused *policy.FactError) *table.Problem {
	p := &table.Problem{Code: refused.Code, Column: refused.Fact, Message: refused.Message, Remedy: refused.Remedy}
	for path := refused.Fact; path != ""; path = table.Parent(path) {
		i := slices.IndexFunc(d.columns, func(c table.Column) bool { return c.Path == path })
		if i >= 0 {
			p.Value = d.columns[i].Text(cells)
			inColumn(p, d.columns[i])
			break
		}
	}
	return p
}

// inColumn names the fact, and the column where that has another name.
func inColumn(p *table.Problem, c table.Column) {
	if c.Header != c.Path {
		p.Message = Text{ZH: fmt.Sprintf("列 %q：", table.Excerpt(c.Header)) + p.Message.ZH, EN: fmt.Sprintf("column %q: ", table.Excerpt(c.Header)) + p.Message.EN}
	}
	p.Column = cmp.Or(p.Column, c.Path)
	if p.Column == c.Header {
		p.Column = c.Path
	}
}

func (d *Decider) jsonl(dst []byte, reader *intake.Reader, b Block, repeats []repeat, sum *tally.Tally) ([]byte, error) {
	line := b.Line
	for text := b.Text; len(text) > 0; line++ {
		one := text
		if n := bytes.IndexByte(text, '\n'); n >= 0 {
			one, text = text[:n], text[n+1:]
		} else {
			text = nil
		}
		if len(bytes.TrimSpace(one)) == 0 {
			continue
		}
		if len(repeats) > 0 {
			x := row{line, string(bytes.TrimSpace(recordOf(one)))}
			if p := d.repeated(repeats, x); p != nil {
				dst = d.refuse(dst, sum, x, p)
				continue
			}
		}
		var err error
		if dst, err = d.object(dst, reader, sum, row{line: line}, one); err != nil {
			return dst, err
		}
	}
	return dst, nil
}

func (d *Decider) object(dst []byte, reader *intake.Reader, sum *tally.Tally, x row, text []byte) ([]byte, error) {
	if !reader.ReadJSON(text) {
		return d.refused(dst, sum, x, reader.Finish(), ofFact), nil
	}
	if d.named {
		id, single, given := reader.Take(table.Record)
		p := table.CheckID(id)
		if given && !single {
			p = &table.Problem{Code: "bad_id", Column: table.Record, Message: textf("编号应为文字", "an id is text"), Remedy: textf(`写 "record": "A1"`, `write "record": "A1"`)}
		}
		if p != nil {
			_ = reader.Finish() // whose row it is comes first
			return d.refuse(dst, sum, x, p), nil
		}
		if reader.Wrong.None() { // else it may stand twice
			x.id = id
		}
	}
	return d.ask(dst, reader, sum, x, reader.Facts, ofFact)
}

// ofFact names the fact of a line of JSON that was refused, or where in the
// line something is wrong.
func ofFact(refused *policy.FactError) *table.Problem {
	p := &table.Problem{Code: refused.Code, Column: refused.Fact, Message: refused.Message, Remedy: refused.Remedy}
	if at := refused.Span.Start.Column; at > 0 && refused.Fact == "" {
		p.Message = Text{ZH: fmt.Sprintf("第 %d 个字符：", at) + p.Message.ZH, EN: fmt.Sprintf("character %d: ", at) + p.Message.EN}
	}
	return p
}

// ask asks about the facts that are fed to the reader, at the plan's moment
// where they do not name one.
func (d *Decider) ask(dst []byte, reader *intake.Reader, sum *tally.Tally, x row, feed func(), problem func(*policy.FactError) *table.Problem) ([]byte, error) {
	a, err := d.engine.DecideRead(reader, d.plan.AsOf, feed)
	if err != nil && len(policy.RefusedFacts(err)) > 0 {
		return d.refused(dst, sum, x, err, problem), nil
	}
	return d.answered(dst, sum, x, a, err)
}

// refused refuses a row for what its facts are refused for.
func (d *Decider) refused(dst []byte, sum *tally.Tally, x row, err error, problem func(*policy.FactError) *table.Problem) []byte {
	var problems []*table.Problem
	for _, refused := range policy.RefusedFacts(err) {
		problems = append(problems, problem(refused))
	}
	return d.refuse(dst, sum, x, problems...)
}

// answered counts an answer and writes it if it is wanted.
func (d *Decider) answered(dst []byte, sum *tally.Tally, x row, a *policy.Answer, err error) ([]byte, error) {
	if err != nil {
		return dst, err
	}
	sum.Add(a)
	if !d.wanted.wants(a) {
		return dst, nil
	}
	return d.write.answer(dst, x, a), nil
}

// refuse counts a row once, by the first of its problems, and writes all.
func (d *Decider) refuse(dst []byte, sum *tally.Tally, x row, problems ...*table.Problem) []byte {
	sum.Refuse(problems[0].Code)
	return d.write.problem(dst, x, problems)
}
