package ci

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/analysis"
	"github.com/servicerules/rulebook/internal/casefile"
	"github.com/servicerules/rulebook/internal/coverage"
	"github.com/servicerules/rulebook/internal/mutate"
	"github.com/servicerules/rulebook/internal/run"
)

// Subject is what is looked at.
type Subject struct {
	Book  *rulebook.Book   // nil where the rules are not sound
	Found diagnostic.List  // why they are not; of sound ones, nothing
	Files []*casefile.File // that hold cases
	Wrong diagnostic.List  // what is wrong with files of cases
	Base  *Version         // an earlier version; nil where there is none
}

// Version is an earlier version of rules and cases.
type Version struct {
	Name  string         // such as a revision of git
	Book  *rulebook.Book // nil where nothing can be compared
	Files []*casefile.File
	// Records are those that it asked for: a change that no longer names them is
	// asked about them all the same.
	Records []Records
	// Asked is what it asked for; nil where that is not known.
	Asked *Config
	// None says why there is nothing to compare with, as before the first rules;
	// that passes.
	None diagnostic.Text
	// trouble is why there should be something to compare with, and is not.
	trouble *diagnostic.Diagnostic
}

// Incomparable is an earlier version with which nothing can be compared, and
// should be.
func Incomparable(name string, message, remedy diagnostic.Text) *Version {
	return &Version{Name: name, trouble: &diagnostic.Diagnostic{Code: CodeIncomparable, Message: message, Remedy: remedy}}
}

// NotBegun is the report where the gates could not be tried.
func NotBegun(found diagnostic.List) *Report {
	return &Report{Gates: []*Gate{{Name: Begin, State: Failed, Said: diagnostic.Textf("其余各项未做", "nothing else was looked at"), Findings: found}}}
}

// Run puts the subject through all gates. The error is the context's, or says
// that records could not be read.
func Run(ctx context.Context, s Subject, c Config) (*Report, error) {
	r := &runner{ctx: ctx, Subject: s, config: c, report: &Report{}}
	r.check()
	for _, step := range []func() error{r.analyse, r.promises, r.cases, r.coverage, r.mutation, r.base} {
		if err := step(); err != nil {
			return nil, err
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
	}
	return r.report, nil
}

type runner struct {
	Subject
	ctx      context.Context
	config   Config
	report   *Report
	unsound  bool
	passing  bool // all cases do
	analysed *analysis.Report
}

func (r *runner) gate(name string) *Gate {
	g := &Gate{Name: name, State: Passed}
	r.report.Gates = append(r.report.Gates, g)
	return g
}

// skip leaves a gate out; it reports whether it did, because the rules are not
// sound or nobody asked for it.
func (r *runner) skip(g *Gate, unasked bool, why diagnostic.Text) bool {
	switch {
	case r.unsound:
		g.State, g.Said = Skipped, diagnostic.Textf("规则有错误，未做", "left out: the rules have mistakes")
	case unasked:
		g.State, g.Said = Skipped, why
	default:
		return false
	}
	return true
}

func (r *runner) check() {
	g := r.gate(Check)
	found := r.Found
	if r.Book != nil {
		found = append(r.Book.Warnings(), r.Book.Unused()...)
		found.Sort()
	}
	g.Findings = found
	g.Said = diagnostic.Textf("没有发现", "nothing found")
	if len(found) > 0 {
		g.Said = diagnostic.Textf("%[1]d 处发现", "%[2]s", len(found), diagnostic.Counted(len(found), "finding", "findings"))
	}
	if r.Book == nil || r.config.Strict && len(found) > 0 {
		g.State = Failed
	}
	r.unsound = r.Book == nil
}

func (r *runner) analyse() error {
	g := r.gate(Analysis)
	if r.skip(g, !r.config.Analyse, diagnostic.Textf("未要求（analyse: false）", "not asked for (analyse: false)")) {
		return nil
	}
	var err error
	if r.analysed, err = analysis.Analyse(r.ctx, run.Of(r.Book), analysis.Options{NoPromises: r.config.Promises == PromisesOff}); err != nil {
		return err
	}
	standing := 0
	for _, f := range r.analysed.Standing() {
		if !f.AboutPromise() {
			g.fail(told(f))
			standing++
		}
	}
	g.Said = diagnostic.Textf("查 %[1]d 项，发现 %[2]d 处", "%[3]s looked into, %[4]s", r.analysed.Claims, standing, diagnostic.Counted(r.analysed.Claims, "claim", "claims"), diagnostic.Counted(standing, "finding", "findings"))
	return nil
}

// told is a finding of the analysis with the facts that show it.
func told(f analysis.Finding) diagnostic.Diagnostic {
	d := f.Diagnostic
	if f.Facts != nil {
		d.Message.ZH += "：" + string(f.Facts)
		d.Message.EN += ": " + string(f.Facts)
	}
	return d
}

func (r *runner) promises() error {
	g := r.gate(Promises)
	if r.skip(g, r.config.Promises == PromisesOff, diagnostic.Textf("未要求（promises: off）", "not asked for (promises: off)")) {
		return nil
	}
	a := r.analysed
	if a == nil {
		var err error
		if a, err = analysis.Promises(r.ctx, run.Of(r.Book), analysis.Options{}); err != nil {
			return err
		}
	}
	unmet := map[diagnostic.Span]bool{}
	for i := range a.Promises {
		unmet[a.Promises[i].KeyNode.Span] = a.Promises[i].Unmet
	}
	for _, f := range a.Standing() {
		switch {
		case !f.AboutPromise():
		case unmet[f.Span] && !r.config.Strict:
			g.Findings = append(g.Findings, told(f)) // a warning, which does not count
		default:
			g.fail(told(f))
		}
	}
	for i := range a.Promises {
		p := &a.Promises[i]
		if p.State == analysis.Searched && r.config.Promises == PromisesProven {
			g.fail(diagnostic.Diagnostic{Code: CodeUnproven, Span: p.KeyNode.Span,
				Message: diagnostic.Textf("承诺“%[1]s”没有证明，只是试过的 %[3]d 组事实里没有反例", "the promise %[2]q is not proven: none of the %[3]d fact sets that were tried break it", p.Label.ZH, p.Label.EN, p.Tried),
				Remedy:  diagnostic.Textf("把承诺改得更窄；或写 promises: kept，不要求证明", "promise less; or write promises: kept, which asks for no proof")})
		}
	}
	n := a.CountPromises()
	g.Said = diagnostic.Textf("已证明 %d，不成立 %d，未见反例 %d", "%d proven, %d refuted, %d searched", n.Proven, n.Refuted, n.Searched)
	if n.Searched > 0 {
		g.Said.ZH += "（不等于证明）"
		g.Said.EN += ", which is no proof"
	}
	if n.Unmet > 0 {
		g.Said.ZH += fmt.Sprintf("，条件没有遇到过 %d", n.Unmet)
		g.Said.EN += fmt.Sprintf(", %d whose condition nothing met", n.Unmet)
	}
	return nil
}

func (r *runner) cases() error {
	g := r.gate(Cases)
	if r.skip(g, false, diagnostic.Text{}) {
		return nil
	}
	for _, d := range r.Wrong {
		g.fail(d)
	}
	passed, failed := 0, 0
	for _, f := range r.Files {
		book, err := casefile.Book(r.Book, f)
		if err != nil {
			failed += len(f.Cases)
			g.fail(diagnostic.Diagnostic{Code: CodeCaseFailed, Span: diagnostic.Span{File: f.Name}, Message: diagnostic.Textf("按 changes 改出的规则书有问题：%v", "the rulebook with these changes is not sound: %v", err),
				Remedy: diagnostic.Textf("改正 changes", "correct the changes")})
			continue
		}
		for _, c := range f.Cases {
			if err := r.ctx.Err(); err != nil {
				return err
			}
			result := casefile.Run(r.ctx, book, c)
			if result.Passed() {
				passed++
				continue
			}
			failed++
			g.fail(diagnostic.Diagnostic{Code: CodeCaseFailed, Span: c.Span, Message: diagnostic.Textf("用例“%[1]s”不过：%[2]s", "the case %[1]q fails: %[3]s", c.Name, mismatches(result, "zh"), mismatches(result, "en")),
				Remedy: diagnostic.Textf("改错了就改回来；本来要改的，核对条文后改 expect", "where the rules are wrong, correct them; where the change is meant, look at the article and correct expect")})
		}
	}
	if passed+failed == 0 && len(r.Wrong) == 0 {
		g.fail(diagnostic.Diagnostic{Code: CodeNoCases, Message: diagnostic.Textf("没有用例", "there are no cases"),
			Remedy: diagnostic.Textf("把用例放在规则文件旁的 cases 里，或在 %s 写 cases: 目录", "put cases into cases beside the rules file, or write cases: a directory in %s", ConfigName)})
	}
	g.Said = diagnostic.Textf("%d 个通过，%d 个不过", "%d passed, %d failed", passed, failed)
	r.passing = failed == 0 && passed > 0 && len(r.Wrong) == 0
	return nil
}

// mismatches are all that is not as expected, on one line.
func mismatches(result *casefile.Result, lang string) string {
	parts := make([]string, len(result.Mismatches))
	for i, m := range result.Mismatches {
		parts[i] = m.Told().In(lang)
	}
	return strings.Join(parts, diagnostic.Text{ZH: "；", EN: "; "}.In(lang))
}

func (r *runner) coverage() error {
	g := r.gate(Coverage)
	if r.skip(g, r.config.Coverage < 0, diagnostic.Textf("未要求（coverage: off）", "not asked for (coverage: off)")) ||
		r.skip(g, len(r.Files) == 0, diagnostic.Textf("没有用例", "there are no cases")) {
		return nil
	}
	report, err := coverage.Measure(r.ctx, r.Book, r.Files)
	if err != nil {
		return err
	}
	covered := 0
	for _, i := range report.Items {
		if i.Covered() {
			covered++
		}
	}
	percent := share(covered, len(report.Items))
	asked := askedFor(r.config.Coverage, coverage.Kinds(), r.config.CoverageOf)
	g.Said = diagnostic.Textf("%[1]d%%（%[2]d 项中的 %[3]d 项）%[4]s", "%[1]d%% (%[3]d of %[2]d items)%[5]s", percent, len(report.Items), covered, asked.ZH, asked.EN)
	low := map[coverage.Kind]bool{} // what is listed
	fail := func(percent, asked int, of diagnostic.Text) {
		g.fail(diagnostic.Diagnostic{Code: CodeCoverageLow, Message: diagnostic.Textf("用例的覆盖%[1]s只有 %[3]d%%，要求 %[4]d%%", "coverage by cases%[2]s is only %[3]d%%; %[4]d%% is asked for", of.ZH, of.EN, percent, asked),
			Remedy: diagnostic.Textf("看缺什么：rulebook coverage --suggest", "see what is missed: rulebook coverage --suggest")})
	}
	for _, k := range coverage.Kinds() {
		if percent, asked := share(report.Of(k)), r.config.CoverageOf[k]; percent < asked {
			fail(percent, asked, bracketed(k.Label()))
			low[k] = true
		}
	}
	if percent < r.config.Coverage {
		fail(percent, r.config.Coverage, diagnostic.Text{})
		for _, k := range coverage.Kinds() {
			low[k] = true
		}
	}
	missing := slices.DeleteFunc(report.Missing(), func(i *coverage.Item) bool { return !low[i.Kind] })
	for _, i := range missing[:min(maxListed, len(missing))] {
		d := diagnostic.Diagnostic{Code: CodeCoverageLow, Severity: diagnostic.Warning, Span: i.Span, Message: i.Told(), Remedy: diagnostic.Textf("补一个用例", "add a case")}
		g.Findings = append(g.Findings, d)
	}
	return nil
}

// maxListed is how many things of one kind are listed.
const maxListed = 20

// whole is all of something, in per cent.
const whole = 100

// share is a percentage, rounded down; all of nothing is everything.
func share(part, all int) int {
	if all == 0 {
		return whole
	}
	return part * whole / all
}

// bracketed is a label behind what it narrows.
func bracketed(label diagnostic.Text) diagnostic.Text {
	return diagnostic.Text{ZH: "（" + label.ZH + "）", EN: " (" + label.EN + ")"}
}

// askedFor says what is asked of all and of kinds; of all not where only kinds
// are asked for something.
func askedFor[K interface {
	comparable
	Label() diagnostic.Text
}](all int, kinds []K, of map[K]int) diagnostic.Text {
	var zh, en []string
	if all > 0 {
		zh, en = append(zh, fmt.Sprintf("全部 %d%%", all)), append(en, fmt.Sprintf("all %d%%", all))
	}
	byKind := false
	for _, k := range kinds {
		if n := of[k]; n > 0 {
			label := k.Label()
			zh, en = append(zh, fmt.Sprintf("%s %d%%", label.ZH, n)), append(en, fmt.Sprintf("%s %d%%", label.EN, n))
			byKind = true
		}
	}
	if !byKind {
		return diagnostic.Textf("，要求 %d%%", ", %d%% asked for", all)
	}
	return diagnostic.Text{ZH: "，要求：" + strings.Join(zh, "、"), EN: "; asked for: " + strings.Join(en, ", ")}
}

func (r *runner) mutation() error {
	g := r.gate(Mutation)
	if r.skip(g, r.config.Mutation < 0, diagnostic.Textf("未要求（mutation）", "not asked for (mutation)")) {
		return nil
	}
	if !r.passing {
		g.State, g.Said = Skipped, diagnostic.Textf("用例未全部通过，未做", "left out: not all cases pass")
		return nil
	}
	results, err := mutate.Run(r.ctx, r.Book, r.Files, mutate.Options{Tries: r.config.tries()})
	if err != nil {
		return err
	}
	killed, survived := 0, 0
	for _, x := range results {
		switch x.Fate {
		case mutate.Killed:
			killed++
		case mutate.Survived:
			survived++
		}
	}
	percent := share(killed, killed+survived)
	asked := askedFor(r.config.Mutation, mutate.Kinds(), r.config.MutationOf)
	g.Said = diagnostic.Textf("%[1]d%%（%[2]d 处中的 %[3]d 处）%[4]s", "%[1]d%% (%[3]d of %[2]d changes)%[5]s", percent, killed+survived, killed, asked.ZH, asked.EN)
	low := map[mutate.Kind]bool{} // what is listed
	fail := func(percent, asked int, of diagnostic.Text) {
		g.fail(diagnostic.Diagnostic{Code: CodeMutationLow, Message: diagnostic.Textf("误改%[1]s只有 %[3]d%% 会被用例发觉，要求 %[4]d%%", "cases notice only %[3]d%% of careless changes%[2]s; %[4]d%% is asked for", of.ZH, of.EN, percent, asked),
			Remedy: diagnostic.Textf("逐处看：rulebook mutate", "see each: rulebook mutate")})
	}
	for _, c := range mutate.Counts(results) {
		if percent, asked := share(c.Killed, c.Killed+c.Survived), r.config.MutationOf[c.Kind]; percent < asked {
			fail(percent, asked, bracketed(c.Kind.Label()))
			low[c.Kind] = true
		}
	}
	if percent < r.config.Mutation {
		fail(percent, r.config.Mutation, diagnostic.Text{})
		for _, k := range mutate.Kinds() {
			low[k] = true
		}
	}
	listed := 0
	for _, x := range results {
		if x.Fate == mutate.Survived && low[x.Kind] && listed < maxListed {
			listed++
			g.Findings = append(g.Findings, diagnostic.Diagnostic{Code: CodeMutationLow, Severity: diagnostic.Warning, Span: x.Span,
				Message: diagnostic.Textf("把 %s 改成 %s，没有用例发觉", "%s changed to %s: no case notices", x.Old, cmp.Or(x.New, "∅")), Remedy: diagnostic.Textf("补一个用例", "add a case")})
		}
	}
	return nil
}
