package ci

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/casefile"
	"github.com/servicerules/rulebook/internal/coverage"
	"github.com/servicerules/rulebook/internal/difference"
	"github.com/servicerules/rulebook/internal/mutate"
	"github.com/servicerules/rulebook/internal/run"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/policy"
)

// placed is a case in its file.
type placed struct {
	*casefile.Case
	file *casefile.File
}

// key is what a case is called in two versions: its question and name. Files may
// move.
func (c placed) key() string { return c.Question + "\x00" + c.Name }

// identity is what makes it the very case: besides its name also its facts, and
// what else it is asked under.
func (c placed) identity() string {
	parts := []string{c.key(), canonical(c.Facts), c.AsOf.UTC().String(), fmt.Sprint(c.Readings)}
	for _, change := range c.file.Changes {
		parts = append(parts, change.Path, change.To)
	}
	return strings.Join(parts, "\x00")
}

func allOf(files []*casefile.File) []placed {
	var all []placed
	for _, f := range files {
		for _, c := range f.Cases {
			all = append(all, placed{c, f})
		}
	}
	return all
}

// base compares with an earlier version. What turns without a date, and without a
// case that says so, fails.
func (r *runner) base() error {
	g := r.gate(Base)
	if r.skip(g, r.Base == nil, diagnostic.Textf("未要求（--base）", "not asked for (--base)")) {
		return nil
	}
	switch {
	case r.Base.trouble != nil:
		g.Said = diagnostic.Textf("没有可比的", "nothing to compare with")
		g.fail(*r.Base.trouble)
		return nil
	case r.Base.Book == nil:
		g.Said = r.Base.None
		return nil
	}
	changes, err := difference.Compare(r.ctx, r.Base.Book, r.Book, nil, 0)
	if err != nil {
		return err
	}
	english := difference.ViewOf(changes, nil, "en").Groups // the same as in Chinese
	for i, group := range difference.ViewOf(changes, nil, "zh").Groups {
		for k, line := range group.Lines {
			g.Notes = append(g.Notes, diagnostic.Text{ZH: group.Heading + "：" + line, EN: english[i].Heading + ": " + english[i].Lines[k]})
		}
	}
	b := &baseline{runner: r, gate: g, now: map[string]placed{}, same: map[string][]placed{}, dated: map[string]bool{}}
	for _, c := range allOf(r.Files) {
		b.now[c.key()] = c
		b.same[c.identity()] = append(b.same[c.identity()], c)
	}
	was := map[string]bool{}
	for _, d := range run.Of(r.Base.Book).Book().Boundaries {
		was[d.String()] = true
	}
	for _, d := range run.Of(r.Book).Book().Boundaries {
		b.dated[d.String()] = !was[d.String()]
	}
	b.asked()
	b.count()
	if err := b.cases(); err != nil {
		return err
	}
	if err := b.records(changes); err != nil {
		return err
	}
	b.once()
	g.Said = diagnostic.Textf("无故改变的用例 %[1]d 个，记录在案的答复 %[2]d 份；有日期的改变 %[3]d 处，用例已认可的 %[4]d 处", "%[5]s turned for no reason, and %[6]s on record; %[7]s by a date, %[4]d approved by cases",
		b.flips, b.answers, b.byDate, b.approved, diagnostic.Counted(b.flips, "case", "cases"), diagnostic.Counted(b.answers, "answer", "answers"), diagnostic.Counted(b.byDate, "change", "changes"))
	return nil
}

// baseline is the work of comparing with an earlier version.
type baseline struct {
	*runner
	gate                             *Gate
	now                              map[string]placed   // by key
	same                             map[string][]placed // by identity
	dated                            map[string]bool     // editions that are new
	expected                         map[string]bool     // questions and facts of cases that were added or changed, and pass
	flips, answers, byDate, approved int
}

// distinct is how many different cases there are: a copy is no other case.
func distinct(files []*casefile.File) int {
	seen := map[string]bool{}
	for _, c := range allOf(files) {
		seen[c.identity()] = true
	}
	return len(seen)
}

// asked reports what less is asked for than the earlier version did, unless a
// comment that it did not have says why.
func (b *baseline) asked() {
	was, now := b.Base.Asked, b.config
	if was == nil {
		return
	}
	var less []string
	add := func(key string, lower bool, before, after any) {
		if lower {
			less = append(less, fmt.Sprintf("%s %v → %v", key, before, after))
		}
	}
	add("strict", was.Strict && !now.Strict, was.Strict, now.Strict)
	add("analyse", was.Analyse && !now.Analyse, was.Analyse, now.Analyse)
	order := []string{PromisesOff, PromisesKept, PromisesProven}
	add("promises", slices.Index(order, now.Promises) < slices.Index(order, was.Promises), was.Promises, now.Promises)
	percent := func(n int) string {
		if n < 0 {
			return "off"
		}
		return strconv.Itoa(n)
	}
	add("coverage", now.Coverage < was.Coverage, percent(was.Coverage), percent(now.Coverage))
	for _, k := range coverage.Kinds() {
		add("coverage."+string(k), now.Coverage < whole && now.CoverageOf[k] < was.CoverageOf[k], was.CoverageOf[k], now.CoverageOf[k])
	}
	add("mutation", now.Mutation < was.Mutation, percent(was.Mutation), percent(now.Mutation))
	for _, k := range mutate.Kinds() {
		add("mutation."+string(k), now.Mutation < whole && now.MutationOf[k] < was.MutationOf[k], was.MutationOf[k], now.MutationOf[k])
	}
	// A change of the rules that no fact set tells counts for nothing: who tries
	// fewer asks for less.
	tried, tries := was.tries(), now.tries()
	add("tries", was.Mutation >= 0 && now.Mutation >= 0 && tries < tried, tried, tries)
	if less == nil {
		return
	}
	why := slices.DeleteFunc(slices.Clone(now.Lowered), func(reason string) bool { return slices.Contains(was.Lowered, reason) })
	if len(why) > 0 {
		b.gate.note("要求降低了：%[1]s；理由：%[2]s", "less is asked for: %[1]s; because: %[2]s", strings.Join(less, ", "), strings.Join(why, "; "))
		return
	}
	b.gate.fail(diagnostic.Diagnostic{Code: CodeAskedLess, Message: diagnostic.Textf("要求比原版降低了：%s", "less is asked for than in the earlier version: %s", strings.Join(less, ", ")),
		Remedy: diagnostic.Textf("改回去；确要降低的，在配置文件里新写一条 # accepted: %s – 理由（原版已有的理由不算）",
			"put it back; where that is meant, add a reason to the configuration: # accepted: %s – why (a reason that the earlier version had does not count)", CodeAskedLess)})
}

// count reports cases that are gone.
func (b *baseline) count() {
	before, now := distinct(b.Base.Files), distinct(b.Files)
	if now >= before {
		return
	}
	var gone []string
	for _, c := range allOf(b.Base.Files) {
		if _, still := b.now[c.key()]; !still && len(gone) < maxListed {
			gone = append(gone, c.Name)
		}
	}
	b.gate.fail(diagnostic.Diagnostic{Code: CodeFewerCases,
		Message: diagnostic.Textf("用例由 %[1]d 个减为 %[2]d 个，少了：%[3]s", "there were %[1]d cases and are %[2]d; gone: %[4]s", before, now, strings.Join(gone, "、"), strings.Join(gone, ", ")),
		Remedy:  diagnostic.Textf("把用例放回去；不再适用的，改成新的应得结论", "put them back; where one no longer fits, have it expect what is right now")})
}

// turned is what came of a case that passed before and does not any more.
type turned struct {
	placed
	result *casefile.Result
	lacks  []string // facts that the answer now lacks, and did not before
}

// cases runs the earlier cases on both versions.
func (b *baseline) cases() error {
	var all []turned
	for _, f := range b.Base.Files {
		old, err := casefile.Book(b.Base.Book, f)
		if err != nil {
			continue // they did not run before
		}
		now, changedErr := casefile.Book(b.Book, f)
		for _, c := range f.Cases {
			if err := b.ctx.Err(); err != nil {
				return err
			}
			before := casefile.Run(b.ctx, old, c)
			if !before.Passed() {
				continue
			}
			if changedErr != nil {
				b.unfit(placed{c, f}, changedErr)
				continue
			}
			if result := casefile.Run(b.ctx, now, c); !result.Passed() {
				all = append(all, turned{placed{c, f}, result, lackedNow(before.Answer, result.Answer)})
			}
		}
	}
	slices.SortStableFunc(all, func(x, y turned) int { return cmp.Compare(keyOf(x.result), keyOf(y.result)) })
	for _, t := range all {
		b.judge(t)
	}
	return nil
}

// keyOf is what turned first in a case, by which flips are grouped.
func keyOf(r *casefile.Result) string { return r.Mismatches[0].Field }

// unfit reports a case whose changes no longer fit the rules, unless it has been
// changed so that it passes.
func (b *baseline) unfit(c placed, err error) {
	if now, still := b.now[c.key()]; still && canonical(now.Facts) == canonical(c.Facts) && asMuch(now.Expect, c.Expect) && b.passes(now) {
		b.approved++
		return
	}
	b.flips++
	b.gate.fail(diagnostic.Diagnostic{Code: CodeCaseFlipped, Span: b.spanOf(c), Message: diagnostic.Textf("用例“%s”的 changes 不再适用：%v", "the changes of case %q do not fit any more: %v", c.Name, err),
		Remedy: diagnostic.Textf("改正 changes", "correct the changes")})
}

// judge tells a case that turned as it should from one that nobody has thought of.
func (b *baseline) judge(t turned) {
	switch {
	case b.approves(t.placed):
		b.approved++
		b.gate.note("已认可：用例“%[1]s” %[2]s", "approved: case %[1]q %[3]s", t.Name, turns(t.result, "zh"), turns(t.result, "en"))
	case t.result.Answer != nil && b.dated[t.result.Answer.Rulebook.Edition]:
		b.byDate++
		b.gate.note("有日期：用例“%[1]s” %[2]s", "by a date: case %[1]q %[3]s", t.Name, turns(t.result, "zh"), turns(t.result, "en"))
	default:
		b.flips++
		remedy := diagnostic.Textf("改动只用于将来的，写上从哪天起（rulebook set … --from 日期）；本来要改的，在同一次提交里改这个用例的 expect", "where the change is for the future, say from which day (rulebook set … --from DATE); where it is meant, change what this case expects in the same commit")
		if len(t.lacks) > 0 {
			remedy = diagnostic.Textf("这个用例没有写 %[1]s，不知道适用哪一版规则：在 facts 里补上", "the case does not say %[1]s, which decides the version of the rules that applies: add it to its facts", strings.Join(t.lacks, ", "))
		}
		b.gate.fail(diagnostic.Diagnostic{Code: CodeCaseFlipped, Span: b.spanOf(t.placed), Remedy: remedy,
			Message: diagnostic.Textf("%[4]s 变了：用例“%[1]s” %[2]s", "%[4]s turns: case %[1]q %[3]s", t.Name, turns(t.result, "zh"), turns(t.result, "en"), keyOf(t.result))})
	}
}

// approves reports whether the very case expects something else now, and passes;
// where it stands there more than once, each does.
func (b *baseline) approves(c placed) bool {
	now := b.same[c.identity()]
	for _, x := range now {
		if expectation(x) == expectation(c) || !asMuch(x.Expect, c.Expect) || !b.passes(x) {
			return false
		}
	}
	return len(now) > 0
}

// lackedNow are the facts that an answer lacks and another did not.
func lackedNow(before, now *rulebook.Answer) []string {
	if before == nil || now == nil {
		return nil
	}
	var all []string
	for _, m := range now.MissingFacts {
		had := slices.ContainsFunc(before.MissingFacts, func(x policy.MissingFact) bool { return x.Fact == m.Fact })
		if !had && !slices.Contains(all, m.Fact) {
			all = append(all, m.Fact)
		}
	}
	return all
}

// turns is what an answer said and says.
func turns(r *casefile.Result, lang string) string {
	var parts []string
	for _, m := range r.Mismatches {
		parts = append(parts, fmt.Sprintf("%s %s → %s", m.Field, casefile.Side(m.Field, m.Expected).In(lang), casefile.Side(m.Field, unquoted(m.Got)).In(lang)))
	}
	return strings.Join(parts, diagnostic.Text{ZH: "，", EN: ", "}.In(lang))
}

// unquoted is a text without the quotes of JSON; of anything else, as it is.
func unquoted(text string) string {
	var word string
	if strings.HasPrefix(text, `"`) && json.Unmarshal([]byte(text), &word) == nil {
		return word
	}
	return text
}

// once has a case that turned told here alone, and not as one that fails as well.
func (b *baseline) once() {
	turned := map[diagnostic.Span]bool{}
	for _, d := range b.gate.Findings {
		turned[d.Span] = turned[d.Span] || d.Code == CodeCaseFlipped
	}
	for _, g := range b.report.Gates {
		if g.Name != Cases {
			continue
		}
		before := len(g.Findings)
		g.Findings = slices.DeleteFunc(g.Findings, func(d diagnostic.Diagnostic) bool { return d.Code == CodeCaseFailed && turned[d.Span] })
		if n := before - len(g.Findings); n > 0 {
			g.note("其中 %d 个原来通过，见“与原版相比”", "%d of those that fail passed before: see below, against the earlier version", n)
		}
	}
}

// expectation is what a case expects, as text.
func expectation(c placed) string { return canonical(c.Expect) }

// canonical is a node as text, the same however it is laid out.
func canonical(n *source.Node) string {
	switch {
	case n == nil:
		return ""
	case n.Kind == source.Map:
		var parts []string
		for _, e := range n.Entries {
			parts = append(parts, strconv.Quote(e.Key.Text)+": "+canonical(e.Value))
		}
		slices.Sort(parts)
		return "{" + strings.Join(parts, ", ") + "}"
	case n.Kind == source.Seq:
		var parts []string
		for _, item := range n.Items {
			parts = append(parts, canonical(item))
		}
		return "[" + strings.Join(parts, ", ") + "]"
	}
	return strconv.Quote(strings.TrimSpace(n.Text))
}

// asMuch reports whether a case expects something of all that it expected before:
// one that has merely become silent approves nothing.
func asMuch(now, was *source.Node) bool {
	if now == nil || was == nil {
		return was == nil
	}
	for _, e := range was.Entries {
		is := now.Get(e.Key.Text)
		if is == nil || e.Value.Kind == source.Map && !asMuch(is, e.Value) {
			return false
		}
	}
	return true
}

// passes reports whether a case as it is now passes.
func (b *baseline) passes(c placed) bool {
	book, err := casefile.Book(b.Book, c.file)
	return err == nil && casefile.Run(b.ctx, book, c.Case).Passed()
}

// spanOf is where a case stands now, or stood.
func (b *baseline) spanOf(c placed) diagnostic.Span {
	if now, still := b.now[c.key()]; still {
		return now.Span
	}
	return c.Span
}

// records asks both versions about what is on record.
func (b *baseline) records(changes *difference.Report) error {
	asked := slices.Clone(b.config.Records)
	for _, x := range b.Base.Records {
		if !slices.Contains(asked, x) {
			asked = append(asked, x)
		}
	}
	for _, x := range asked {
		_, err := difference.ReplayEach(b.ctx, b.Base.Book, b.Book, changes, x.record(), func(c difference.Changed) { b.record(x, c) })
		if err != nil {
			return err
		}
	}
	return nil
}

func (b *baseline) record(x Records, c difference.Changed) {
	said := func(lang string) string {
		return difference.DifferencesOf(b.Base.Book.Rulebook(), b.Book.Rulebook(), c.Question, c.Differences, lang)
	}
	switch {
	case b.dated[c.Edition]:
		b.byDate++
	case b.expects(c):
		b.approved++
	default:
		if b.answers++; b.answers > maxListed {
			b.gate.State = Failed
			return
		}
		b.gate.fail(diagnostic.Diagnostic{Code: CodeAnswerTurned, Span: diagnostic.Span{File: x.Path},
			Message: diagnostic.Textf("记录 %[1]s 的答复变了：%[2]s", "the answer to record %[1]s turns: %[3]s", c.ID, said("zh"), said("en")),
			Remedy:  diagnostic.Textf("改动只用于将来的，写上从哪天起（--from 日期）；要更正过去的，为这条记录的事实写一个用例", "where the change is for the future, say from which day (--from DATE); where the past is to be corrected, write a case of the facts of this record")})
	}
}

// expects reports whether a case that was added or changed says what is now
// answered to the facts of a record.
func (b *baseline) expects(c difference.Changed) bool {
	if c.Facts == nil {
		return false
	}
	if b.expected == nil {
		b.expected = map[string]bool{}
		before := map[string]string{}
		for _, x := range allOf(b.Base.Files) {
			before[x.identity()] = expectation(x)
		}
		for _, x := range allOf(b.Files) {
			if was, known := before[x.identity()]; (!known || was != expectation(x)) && len(x.file.Changes) == 0 && b.passes(x) {
				if key, ok := factsKey(b.Book, x.Question, x.Facts); ok {
					b.expected[key] = true
				}
			}
		}
	}
	key, ok := factsKey(b.Book, c.Question, c.Facts)
	return ok && b.expected[key]
}

// factsKey is a question with facts, however they are written.
func factsKey(book *rulebook.Book, question string, facts any) (string, bool) {
	read, err := run.Of(book).Check(question, facts)
	if err != nil {
		return "", false
	}
	key := []byte(question)
	for _, v := range run.Slots(read) {
		key = v.AppendBytes(key)
	}
	return string(key), true
}
