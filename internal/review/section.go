package review

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/internal/table"
	"github.com/servicerules/rulebook/internal/tally"
	"github.com/servicerules/rulebook/internal/wording"
	"github.com/servicerules/rulebook/policy"
)

// section asks the question of a section about its records.
func (v *reviewer) section(s *policy.ReviewSection, records *asked, counts []*counted) (*Section, error) {
	w := &sectionWriter{reviewer: v, rules: s, out: &Section{
		Name: s.Name, Title: s.Title, Note: s.Note, Question: s.Question.ID, Tables: []string{}, Verdicts: []Tally{}, Columns: []Column{}, Records: []Record{},
	}}
	w.decisions.most, w.missing.most, w.errors.most = v.options.Named, v.options.Named, v.options.Named
	w.counts = w.newTally()
	if s.Month != "" && monthOf(v.period.From) != monthOf(v.period.To) {
		w.months = map[month]*tally.Tally{}
		f, _ := s.Question.FactAt(s.Month)
		w.out.ByMonth = f != nil && f.TypeName == "month"
	}
	if err := w.records(records); err != nil {
		return nil, err
	}
	for _, c := range counts {
		for _, file := range c.files {
			if !slices.Contains(w.out.Tables, file) {
				w.out.Tables = append(w.out.Tables, file)
			}
		}
		if err := w.counted(c); err != nil {
			return nil, err
		}
	}
	if len(w.out.Tables) == 0 {
		w.out.Missing = s.Table + ".csv"
	}
	return w.out, w.finish()
}

type sectionWriter struct {
	*reviewer
	rules *policy.ReviewSection
	out   *Section

	counts                     *tally.Tally
	months                     map[month]*tally.Tally // of a period of several; nil else
	decisions, missing, errors groups
	toLookAt, others           int // records of either kind
}

// groups collects records by what holds of them.
type groups struct {
	most int // records that a group names, 0 for all
	list []*group
	by   map[string]*group
}

type group struct {
	Group
	last string // record
}

func (g *groups) add(code string, label Text, record string) {
	key := code + "\x00" + label.ZH + "\x00" + label.EN
	x := g.by[key]
	if x == nil {
		if g.by == nil {
			g.by = map[string]*group{}
		}
		x = &group{Group: Group{Code: code, Label: label}}
		g.by[key] = x
		g.list = append(g.list, x)
	}
	switch n := len(x.Records); {
	case n > 0 && x.last == record:
	case g.most > 0 && n == g.most:
		x.More++
	default:
		x.Records = append(x.Records, strings.Clone(record)) // not its whole row
	}
	x.last = record
}

// sorted are the groups, the largest first.
func (g *groups) sorted() []Group {
	all := make([]Group, len(g.list))
	for i, x := range g.list {
		all[i] = x.Group
	}
	slices.SortStableFunc(all, func(a, b Group) int {
		if n, m := len(a.Records)+a.More, len(b.Records)+b.More; n != m {
			return m - n
		}
		return strings.Compare(a.Code+a.Label.EN, b.Code+b.Label.EN)
	})
	return all
}

// records asks about the records of all files of the section's table.
func (w *sectionWriter) records(x *asked) error {
	shapes, crossings := map[*part]*shape{}, map[*part]*crossing{}
	for _, p := range x.parts {
		w.out.Tables = append(w.out.Tables, p.file)
		w.out.Totals.Unreadable += p.lines
		if p.broken {
			continue
		}
		shapes[p] = w.shapeOf(x.records, p, w.rules.Question)
		if p.mapping != nil && p.mapping.compare != nil {
			crossings[p] = newCrossing(p, w.rules.Question)
		}
	}
	for _, id := range x.ids {
		if err := w.step(); err != nil {
			return err
		}
		e := x.byID[id]
		if e.row.bad {
			continue
		}
		if bad := w.idAlone(x.records, e, id); bad != nil {
			e.part.failRow(e.row, bad.Code, e.part.header[e.part.at], bad.Value, bad.Message, bad.Remedy)
			continue
		}
		stands, month := w.placed(w.rules, shapes[e.part], e.row)
		if stands != inside {
			w.out.Totals.Unreadable-- // it can be read
			w.counts.Skip()
			if stands == partly {
				w.out.Partly++
			}
			continue
		}
		rd := shapes[e.part].read(id, e.row)
		facts, ok := rd.check(w.book.Check, e.row)
		if !ok {
			continue
		}
		record := Record{ID: id, File: e.part.file}
		err := w.record(&record, month, rd.root, facts, func(x policy.ReviewWith) (*reading, *entry) { return w.withRow(x, id) })
		if len(policy.RefusedFacts(err)) > 0 && rd.shape.part != nil { // facts that cannot all be right
			rd.refuse(err, e.row)
			continue
		}
		if err != nil {
			return err
		}
		w.out.Totals.Unreadable--
		if c := crossings[e.part]; c != nil {
			c.count(e.row, record)
		}
	}
	for _, p := range x.parts {
		if c := crossings[p]; c != nil {
			w.out.Compare = append(w.out.Compare, c.out())
		}
	}
	return nil
}

// idAlone finds a record of which no table says anything but that there is one.
func (w *sectionWriter) idAlone(rs *records, e *entry, id string) *table.Problem {
	bad := table.IDAlone(e.part.at, e.row.cells)
	if bad == nil || slices.ContainsFunc(rs.children, func(c *children) bool { return len(c.rows[id]) > 0 }) {
		return nil
	}
	for _, x := range w.rules.With {
		if other := w.tables[x.Table]; x.Table != "" && other != nil && other.byID[id] != nil {
			return nil
		}
	}
	return bad
}

func (w *sectionWriter) counted(c *counted) error {
	if err := w.step(); err != nil {
		return err
	}
	facts, err := w.book.Check(w.rules.Question.ID, c.node)
	if w.refused(err) {
		return nil
	}
	if err != nil {
		return err
	}
	record := Record{ID: c.id, File: strings.Join(c.files, ", ")}
	err = w.record(&record, c.month, c.node, facts, func(policy.ReviewWith) (*reading, *entry) { return nil, nil })
	if w.refused(err) {
		return nil
	}
	return err
}

// refused reports the facts of a counted record that were refused, if any were.
func (w *sectionWriter) refused(err error) bool {
	all := policy.RefusedFacts(err)
	for _, x := range all {
		w.found.add(Finding{Code: x.Code, File: ConfigName, Column: x.Fact, Message: x.Message, Remedy: x.Remedy})
	}
	return len(all) > 0
}

// record asks about one record, of the month that its facts say.
func (w *sectionWriter) record(record *Record, month month, root *source.Node, facts *policy.Facts, rowOf func(policy.ReviewWith) (*reading, *entry)) error {
	s := w.rules
	record.Cells = []Text{}
	a, err := w.ask(s.Question, root, facts)
	if err != nil {
		return err
	}
	record.Answer = w.answer(s.Question, a)
	w.explainMoment(&record.Answer, a, root)
	for _, c := range s.Columns {
		record.Cells = append(record.Cells, w.cell(c, s.Question, root, a))
	}
	var others []*policy.Answer
	for _, x := range s.With {
		if x.For != nil && !slices.Contains(x.For, record.Answer.Verdict) {
			continue
		}
		with, other, err := w.with(x, root, rowOf)
		if err != nil {
			return err
		}
		record.With = append(record.With, with)
		others = append(others, other)
	}
	w.counts.Add(a, others...)
	if w.months != nil {
		if w.months[month] == nil {
			w.months[month] = w.newTally()
		}
		w.months[month].Add(a, others...)
	}
	w.group(record)
	if w.options.Given != nil {
		if err := w.options.Given(s.Name, record, table.AppendJSON(nil, root)); err != nil {
			return err
		}
	}
	if w.options.Emit != nil {
		return w.options.Emit(s.Name, record, a)
	}
	if w.options.Decided != nil {
		if err := w.options.Decided(s.Name, record); err != nil {
			return err
		}
		record.Answer.Complete = nil
		for i := range record.With {
			record.With[i].Answer.Complete = nil
		}
	}
	w.keep(record)
	return nil
}

// keep adds a record to the report, or counts it, where there are as many of its
// kind as are kept.
func (w *sectionWriter) keep(record *Record) {
	look := record.Listed && !record.lacksOnly()
	n := &w.others
	if look {
		n = &w.toLookAt
	}
	if *n++; w.options.Kept == 0 || *n <= w.options.Kept {
		w.out.Records = append(w.out.Records, *record)
		return
	}
	if w.out.Left == nil {
		w.out.Left = &Left{}
	}
	switch left := w.out.Left; {
	case look:
		left.Listed++
	case record.Listed:
		left.Lacking++
	default:
		left.Unlisted++
	}
}

// ask asks, unless the facts say so themselves, at the review's moment.
func (w *sectionWriter) ask(q *policy.Question, root *source.Node, facts *policy.Facts) (*policy.Answer, error) {
	book := w.timed
	if root.Get(table.AsOf) != nil {
		book = w.book
	}
	return askAt(w.reviewer, book, q, facts)
}

// explainMoment says, where an event is later than the moment of asking, which
// moment that is, where it is from, and what to do.
func (w *sectionWriter) explainMoment(out *Answer, a *policy.Answer, root *source.Node) {
	if a.Failure().Code != policy.CodeEventAfterAsOf {
		return
	}
	message := a.Failure().Message
	if own := root.Get(table.AsOf); own != nil {
		message.ZH += fmt.Sprintf("（判断时间 %s，写在这一行的 as_of；改正 as_of 或该时间）", own.Text)
		message.EN += fmt.Sprintf(" (%s, the row's own as_of: correct that or the event)", own.Text)
	} else {
		at := w.asOf.In(w.reviewer.rules.Zone).Format(time.RFC3339)
		message.ZH += fmt.Sprintf("（判断时间 %s，%s；要把它算进来，用 --as-of 给出不早于它的时刻重新审查，或放到那个月的目录里）", at, w.asOfFrom.ZH)
		message.EN += fmt.Sprintf(" (%s: %s; to have it judged, review again with --as-of and a moment that is no earlier than the event, or put it into the directory of its month)", at, w.asOfFrom.EN)
	}
	out.Error = &message
}

func askAt(v *reviewer, book *rulebook.Book, q *policy.Question, facts *policy.Facts) (*policy.Answer, error) {
	a, err := book.Ask(v.ctx, q.ID, facts)
	if err != nil {
		return nil, err
	}
	if a.Rulebook.Edition != "" {
		v.editions[a.Rulebook.Edition] = true
	}
	return a, nil
}

// withRow is the row of another table about the same record, in whichever of
// its files it stands.
func (w *sectionWriter) withRow(x policy.ReviewWith, id string) (*reading, *entry) {
	rs := w.tables[x.Table]
	if x.Table == "" || rs == nil {
		return nil, nil
	}
	e := rs.byID[id]
	if e == nil || e.row.bad {
		return nil, e
	}
	return w.shapeOf(rs, e.part, x.Question).read(id, e.row), e
}

// with asks another question about the same record: of the row that another
// table has of it, and of the facts that both questions take.
func (w *sectionWriter) with(x policy.ReviewWith, root *source.Node, rowOf func(policy.ReviewWith) (*reading, *entry)) (With, *policy.Answer, error) {
	out := With{Name: x.Name, Title: x.Title}
	rd, e := rowOf(x)
	rs := w.tables[x.Table]
	unreadable := e == nil && x.Table != "" && rs != nil && rs.broken() || e != nil && rd == nil
	if e == nil && x.Table != "" {
		out.Absent = x.Table + ".csv"
	}
	if rd == nil {
		rd = &reading{shape: &shape{question: x.Question}, root: table.NewMap(), origins: map[string]origin{}}
	}
	for _, f := range x.Question.Facts {
		ours := root.Get(f.Name)
		if ours == nil || !slices.Contains(w.rules.Question.Facts, f) {
			continue
		}
		switch theirs := rd.root.Get(f.Name); {
		case theirs == nil:
			rd.root.Entries = append(rd.root.Entries, table.Entry(f.Name, ours))
		case !same(ours, theirs):
			e.part.failRow(e.row, "contradiction", f.Name, text(theirs),
				textf("与被审查的记录所写的 %q 不同", "the record under review says %q", text(ours)), textf("改正其一", "correct one of them"))
			unreadable = true
		}
	}
	if asOf := root.Get(table.AsOf); asOf != nil && rd.root.Get(table.AsOf) == nil {
		rd.root.Entries = append(rd.root.Entries, table.Entry(table.AsOf, asOf))
	}
	var facts *policy.Facts
	if !unreadable {
		var ok bool
		facts, ok = rd.check(w.book.Check, rowIn(e))
		unreadable = !ok
	}
	if unreadable {
		message := textf("%s 中的这条记录无法读取", "the record's row in %s could not be read", x.Table+".csv")
		out.Answer = Answer{
			Question: x.Question.ID, Label: notComputable, Error: &message,
			Breaches: []Breach{}, Liable: []Liable{}, Missing: []Fact{}, Decisions: []Text{}, Complete: []byte("null"),
		}
		return out, &policy.Answer{Question: x.Question.ID, Error: &policy.AnswerError{Code: "unreadable", Message: message}}, nil
	}
	a, err := w.ask(x.Question, rd.root, facts)
	if err != nil {
		return out, nil, err
	}
	out.Answer = w.answer(x.Question, a)
	w.explainMoment(&out.Answer, a, rd.root)
	out.Shown = out.Answer.Label
	if x.Show != "" {
		zh, _ := a.Show(x.Show, "zh")
		en, _ := a.Show(x.Show, "en")
		out.Shown = Text{ZH: zh, EN: en}
	}
	return out, a, nil
}

func rowIn(e *entry) *row {
	if e == nil {
		return nil
	}
	return e.row
}

// same compares facts as they are written, moments by what they are: tables of
// different makers write them on different clocks.
func same(a, b *source.Node) bool {
	if a.Kind == source.Scalar && b.Kind == source.Scalar {
		x, err := source.Moment(a.Text)
		y, wrong := source.Moment(b.Text)
		if err == nil && wrong == nil {
			return x.Equal(y)
		}
	}
	if a.Kind != b.Kind || a.Text != b.Text || len(a.Entries) != len(b.Entries) || len(a.Items) != len(b.Items) {
		return false
	}
	for _, e := range a.Entries {
		if other := b.Get(e.Key.Text); other == nil || !same(e.Value, other) {
			return false
		}
	}
	for i := range a.Items {
		if !same(a.Items[i], b.Items[i]) {
			return false
		}
	}
	return true
}

func text(n *source.Node) string {
	var parts []string
	for _, e := range n.Entries {
		parts = append(parts, text(e.Value))
	}
	for _, item := range n.Items {
		parts = append(parts, text(item))
	}
	if n.Text != "" {
		parts = append(parts, n.Text)
	}
	return strings.Join(parts, ";")
}

// group notes what holds of a record and decides whether it is listed in full.
func (w *sectionWriter) group(record *Record) {
	answers := []*Answer{&record.Answer}
	for i := range record.With {
		answers = append(answers, &record.With[i].Answer)
	}
	noteworthy := false
	for i, a := range answers {
		prefix := Text{}
		if i > 0 {
			prefix = diagnostic.Wording("%s：", "%s: ", record.With[i-1].Title)
		}
		named := func(label Text) Text { return diagnostic.Wording("%s%s", "%s%s", prefix, label) }
		noteworthy = noteworthy || len(a.Breaches) > 0 || len(a.Decisions) > 0 || len(a.Missing) > 0 || a.Error != nil
		for _, d := range a.Decisions {
			w.decisions.add(a.Question, named(d), record.ID)
		}
		switch {
		case i > 0 && len(a.Missing) > 0 && record.With[i-1].Absent != "":
			file := record.With[i-1].Absent
			w.missing.add(file, named(Text{ZH: "没有这条记录", EN: "no row for the record"}), record.ID)
		default:
			for _, f := range a.Missing {
				w.missing.add(f.Path, named(f.Label), record.ID)
			}
		}
		if a.Error != nil {
			w.errors.add(a.Question, named(*a.Error), record.ID)
		}
	}
	record.Listed = w.rules.List == nil || slices.Contains(w.rules.List, record.Answer.Verdict) || noteworthy
}

// newTally counts answers to the section's question, with the sums of its columns.
func (w *sectionWriter) newTally() *tally.Tally {
	var sums []string
	for _, c := range w.rules.Columns {
		if c.Sum {
			sums = append(sums, c.Show[0])
		}
	}
	return tally.New(w.reviewer.rules, w.rules.Question, sums)
}

// finish writes the sums of the section.
func (w *sectionWriter) finish() error {
	all, provisional, err := w.sums(w.counts)
	if err != nil {
		return err
	}
	all.Totals.Unreadable = w.out.Totals.Unreadable
	w.out.Totals, w.out.Verdicts, w.out.Columns, w.out.Provisional = all.Totals, all.Verdicts, all.Columns, provisional
	months := slices.SortedFunc(maps.Keys(w.months), func(a, b month) int { // those that do not say it last
		return cmp.Or(cmp.Compare(min(b, 1), min(a, 1)), cmp.Compare(a, b))
	})
	for _, m := range months {
		x, _, err := w.sums(w.months[m])
		if err != nil {
			return err
		}
		x.Month = m.String()
		w.out.Months = append(w.out.Months, x)
	}
	w.out.Decisions, w.out.MissingFacts, w.out.Errors = w.decisions.sorted(), w.missing.sorted(), w.errors.sorted()
	return nil
}

// sums are what records come to that were counted together.
func (w *sectionWriter) sums(counts *tally.Tally) (out MonthSum, provisional int, err error) {
	counted, err := counts.Total()
	if err != nil {
		return out, 0, err
	}
	sum := tally.View{Tally: counted}
	out.Verdicts, out.Columns = []Tally{}, []Column{}
	t := &out.Totals
	for _, x := range []struct {
		to   *int
		kind tally.Kind
	}{
		{&t.Records, tally.Records}, {&t.Breached, tally.Breached}, {&t.Breaches, tally.Breaches}, {&t.Decisions, tally.Deciding},
		{&t.Undecided, tally.Lacking}, {&t.Failed, tally.Failed}, {&t.Outside, tally.Outside}, {&provisional, tally.Provisional},
	} {
		*x.to = int(sum.N(x.kind, ""))
	}
	unanswered := t.Records
	for _, verdict := range append(slices.Clone(w.rules.Question.Verdict.Words.Words), policy.NotInScope, policy.Undetermined) {
		if n := int(sum.N(tally.Verdict, verdict)); n > 0 {
			out.Verdicts = append(out.Verdicts, Tally{verdict, verdictLabel(w.rules.Question, verdict), n})
			unanswered -= n
		}
	}
	if unanswered > 0 {
		out.Verdicts = append(out.Verdicts, Tally{"", notComputable, unanswered})
	}
	for _, c := range w.rules.Columns {
		x := Column{Name: c.Name, Label: c.Label}
		if c.Sum {
			n, amounts := sum.Sum(c.Show[0]), sum.Amounts(c.Show[0])
			x.Unknown = int(sum.N(tally.Unknown, c.Show[0]))
			switch in := tally.CurrencyOf(w.rules.Question, c.Show[0]); {
			case in != "":
				x.Money = &policy.Money{Minor: n, Currency: in}
			case len(amounts) > 0 || tally.ByCurrency(w.rules.Question, c.Show[0]):
				x.Amounts = amounts
			default:
				x.Sum = &n
			}
		}
		out.Columns = append(out.Columns, x)
	}
	return out, provisional, nil
}

func (t *Totals) add(x Totals) {
	t.Records += x.Records
	t.Breached += x.Breached
	t.Breaches += x.Breaches
	t.Decisions += x.Decisions
	t.Undecided += x.Undecided
	t.Failed += x.Failed
	t.Outside += x.Outside
}

var notComputable = Text{ZH: "无法计算", EN: "not computable"}

// verdictLabel is the wording of a verdict.
func verdictLabel(q *policy.Question, verdict string) Text {
	switch verdict {
	case policy.Undetermined:
		return Text{ZH: "尚不能定", EN: "undetermined"}
	case policy.NotInScope:
		return Text{ZH: "不在适用范围", EN: "not in scope"}
	case "":
		return notComputable
	}
	if l, ok := q.Verdict.Words.Labels[verdict]; ok {
		return l
	}
	return Text{ZH: verdict, EN: verdict}
}

// told is why nothing could be computed, and what to do about it.
func told(why policy.AnswerError) *Text {
	text := why.Message
	if why.Remedy.EN != "" {
		text = Text{ZH: text.ZH + " → " + why.Remedy.ZH, EN: text.EN + " → " + why.Remedy.EN}
	}
	return &text
}

// answer keeps what a report needs of an answer. The answer itself is let go:
// it holds every fact and value that led to it.
func (w *sectionWriter) answer(q *policy.Question, a *policy.Answer) Answer {
	out := Answer{
		Question: q.ID, Verdict: a.Verdict, Label: verdictLabel(q, a.Verdict), Provisional: a.Provisional,
		Breaches: []Breach{}, Liable: []Liable{}, Missing: []Fact{}, Decisions: []Text{},
	}
	if !w.options.Brief {
		out.Complete = a.AppendJSON(nil, true)
	}
	rules := w.reviewer.rules
	if a.Error != nil {
		out.Error = told(a.Failure())
	}
	for _, b := range a.Breaches {
		out.Breaches = append(out.Breaches, Breach{Article: b.Article, Where: wording.Article(rules, b.Article), Code: b.Code, Label: b.Label})
	}
	for _, l := range a.Liable {
		label, ok := rules.Wording(l.Role)
		if !ok {
			label = Text{ZH: l.Role, EN: l.Role}
		}
		out.Liable = append(out.Liable, Liable{Role: l.Role, Label: label, Person: l.Person})
	}
	for _, m := range a.MissingFacts {
		x := missingFact(q, m.Fact)
		if !slices.Contains(out.Missing, x) {
			out.Missing = append(out.Missing, x)
		}
	}
	for _, d := range a.Decisions {
		out.Decisions = append(out.Decisions, d.Label)
	}
	return out
}

// missingFact names a fact by its label, without the place in a list.
func missingFact(q *policy.Question, path string) Fact {
	path = tally.WithoutIndex(path)
	return Fact{Path: path, Label: q.LabelOf(path)}
}

// cell is what a column shows of a record.
func (w *sectionWriter) cell(c policy.ReviewColumn, q *policy.Question, root *source.Node, a *policy.Answer) Text {
	show := func(lang string) string {
		var parts []string
		for _, path := range c.Show {
			shown := ""
			if fact, ok := strings.CutPrefix(path, policy.FactsPrefix); ok {
				f, _ := q.FactAt(fact)
				shown = showFact(f, nodeAt(root, fact), w.reviewer.rules.Zone, lang)
			} else if a.Error == nil {
				shown, _ = a.Show(path, lang)
			}
			if shown != "" && !slices.Contains(parts, shown) {
				parts = append(parts, shown)
			}
		}
		return strings.Join(parts, " ")
	}
	return Text{ZH: show("zh"), EN: show("en")}
}

func nodeAt(root *source.Node, path string) *source.Node {
	at := root
	for name := range strings.SplitSeq(path, ".") {
		at = at.Get(name)
	}
	return at
}

// showFact is a fact as a person reads it, "" where it was not given.
func showFact(f *policy.Fact, n *source.Node, zone *time.Location, lang string) string {
	switch {
	case f == nil || n == nil:
		return ""
	case n.Kind == source.Empty:
		return Text{ZH: "无", EN: "none"}.In(lang)
	}
	var parts []string
	switch f.TypeName {
	case "list":
		for _, item := range n.Items {
			parts = append(parts, showFact(f.Elem, item, zone, lang))
		}
		return strings.Join(parts, Text{ZH: "、", EN: ", "}.In(lang))
	case "record":
		for _, x := range f.Fields {
			if x.TypeName == "word" || x.TypeName == "name" {
				if shown := showFact(x, n.Get(x.Name), zone, lang); shown != "" {
					parts = append(parts, shown)
				}
			}
		}
		return strings.Join(parts, " ")
	case "yes_no":
		if n.Text == "true" {
			return Text{ZH: "是", EN: "yes"}.In(lang)
		}
		return Text{ZH: "否", EN: "no"}.In(lang)
	case "word":
		if l, ok := f.Words.Labels[n.Text]; ok {
			return l.In(lang)
		}
	case "moment":
		if t, err := source.Moment(n.Text); err == nil {
			if t = t.In(zone); t.Second() != 0 {
				return t.Format(time.DateTime)
			}
			return t.Format("2006-01-02 15:04")
		}
	}
	return n.Text
}
