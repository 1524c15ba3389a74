package load

import (
	"context"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/condition"
	"github.com/servicerules/rulebook/internal/form"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/policy"
)

// Unused are warnings about what is in the rules file and has no effect, and
// about what seems to be missing from it: rules that no question asks, readings
// that choose nothing and parameters that nothing reads, facts, words, lists of
// words and calendars that nothing uses, parts of calendars that list nothing,
// wordings in the other language, alike or cut by a comment, articles that do
// not exist or that the numbering skips, and a review that may have been cut off.
//
// Whoever means it so says why in a comment on the line, or on lines of comments
// right above it: `# accepted: unused_fact – why`. Parse does not look for these:
// the file can be used all the same, and it takes some milliseconds.
func Unused(b *checked.Book) diagnostic.List {
	found, _ := UnusedContext(context.Background(), b) // which does not end
	return found
}

// UnusedContext is Unused, broken off where the context ends: then nothing is
// found, and the error is that of the context.
func UnusedContext(ctx context.Context, b *checked.Book) (diagnostic.List, error) {
	u := newUsage(b)
	for _, look := range []func(){
		u.collect, u.acceptedArticles, u.rules, u.verdicts, u.readings, u.facts, u.words, u.unusedWords, u.neverGiven, func() { u.labels(u.root) }, u.sameLabels, u.rulesTwice,
		u.unlabelledResults, u.unusedCalendars, u.emptyLists, u.nightsInPieces, u.numbering, u.readingsElsewhere, u.bounds, u.yearsLeftOut, func() { u.cutNumbers(u.root) }, u.review,
		u.restMissing, u.absences, u.idleAcceptances,
	} {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		look()
	}
	return source.Limit(u.found), nil
}

// acceptedArticles notes the acceptances of articles that there are not: without
// them the file would have been refused.
func (u *usage) acceptedArticles() {
	for _, n := range wrongArticles(u.book, u.book.Root) {
		u.isAccepted("unknown_article", n.at)
	}
}

// usage is what of a rulebook is used, by name.
type usage struct {
	book      *checked.Book
	root      *source.Node
	lines     map[string][]string // of each file
	found     diagnostic.List
	reached   map[string]bool // units that some question needs
	listed    map[string]bool // units that some question reports
	names     map[string]bool // what expressions of these mention, and word lists
	fields    map[string]bool // what stands behind a dot in them
	spoken    map[string]bool // the words in them
	calendars map[string]bool
	accepted  map[place]bool        // lines of acceptances that were needed
	choices   []*source.Node        // the {by: …} of what is used
	weighed   map[*source.Node]bool // conditions that were looked at for what they always or never are
}

func newUsage(b *checked.Book) *usage {
	return &usage{
		book: b, root: b.Root, lines: linesOf(b.Files()), reached: map[string]bool{}, listed: map[string]bool{}, spoken: map[string]bool{},
		fields: map[string]bool{}, names: map[string]bool{}, calendars: map[string]bool{}, accepted: map[place]bool{},
		weighed: map[*source.Node]bool{},
	}
}

// place is a line of a file.
type place struct {
	file string
	line int
}

// warn reports a finding that nobody has accepted.
func (u *usage) warn(code string, span diagnostic.Span, message, remedy policy.Text, related ...diagnostic.Related) {
	if u.isAccepted(code, span) {
		return
	}
	u.found = append(u.found, diagnostic.Diagnostic{
		Code: code, Severity: diagnostic.Warning, Span: span, Message: message, Remedy: remedy, Related: related,
	})
}

// isAccepted reports whether a finding at a place is accepted, and notes where.
func (u *usage) isAccepted(code string, span diagnostic.Span) bool {
	at := checked.AcceptanceOf(u.lines[span.File], span.Start.Line, code)
	if at > 0 {
		u.accepted[place{span.File, at}] = true
	}
	return at > 0 || u.almostAccepted(code, span)
}

// almostAccepted reports a comment that was to accept a finding and does not, in
// place of the finding.
func (u *usage) almostAccepted(code string, span diagnostic.Span) bool {
	lines := u.lines[span.File]
	for at := span.Start.Line; at >= 1 && at <= len(lines); at-- {
		text := lines[at-1]
		if at < span.Start.Line && !strings.HasPrefix(strings.TrimSpace(text), "#") {
			return false
		}
		if a, is := checked.AlmostAcceptanceIn(text); is && a.Code == code && a.HasReason() {
			u.idle(span.File, at, text, a, diagnostic.Textf("这样写不算接受 %s", "written so, %s is not accepted", code),
				diagnostic.Textf("写 # accepted: %s – %s", "write # accepted: %s – %s", code, a.Reason()))
			return true
		}
	}
	return false
}

// idle reports an acceptance in a line of a file.
func (u *usage) idle(file string, line int, text string, a checked.Acceptance, message, remedy policy.Text) {
	column := func(at int) int { return 1 + len([]rune(strings.TrimPrefix(text[:at], "\ufeff"))) }
	u.found = append(u.found, diagnostic.Diagnostic{
		Code: "acceptance_idle", Severity: diagnostic.Warning, Message: message, Remedy: remedy,
		Span: diagnostic.Span{File: file, Start: diagnostic.Position{Line: line, Column: column(a.From)}, End: diagnostic.Position{Line: line, Column: column(a.To)}},
	})
}

// unusedCodes are the findings that may be accepted.
var unusedCodes = []string{
	"unused_rule", "breach_never_reported", "verdict_misses_rule", "unused_reading", "unused_parameter", "unused_fact", "unused_word", "unused_word_list", "unused_calendar", "nothing_listed", "night_in_pieces",
	"none_not_guarded", "label_language", "label_twice", "comment_after_label", "unknown_article",
	"article_skipped", "article_out_of_order", "reading_elsewhere", "bound_without_effect", "year_left_out", "number_cut", "result_without_label", "condition_constant", "review_missing", "file_cut_off",
}

// idleAcceptances reports acceptances of what is not found.
func (u *usage) idleAcceptances() {
	for _, f := range u.book.Files() {
		if !f.Base { // what a branch uses, others may not
			u.idleIn(f.Name)
		}
	}
}

func (u *usage) idleIn(file string) {
	for i, text := range u.lines[file] {
		a, is := checked.AcceptanceIn(text)
		if !is || u.accepted[place{file, i + 1}] || slices.Contains(checked.AnalysisCodes, a.Code) {
			continue // or it is for the analysis to say
		}
		code := a.Code
		message, remedy := diagnostic.Textf("这里没有可以接受的 %s", "there is no %s here to accept", code), diagnostic.Textf("删去这条注释", "remove the comment")
		switch {
		case !slices.Contains(unusedCodes, code):
			remedy = diagnostic.OneOf(code, unusedCodes)
		case !a.HasReason():
			message = diagnostic.Textf("没有写为什么接受 %s", "it is not said why %s is accepted", code)
			remedy = diagnostic.Textf("写 # accepted: %s – 原因", "write # accepted: %s – why", code)
		}
		u.idle(file, i+1, text, a, message, remedy)
	}
}

// collect finds what the questions need, in every branch of every choice.
func (u *usage) collect() {
	units := map[string][]*checked.Rule{}
	for _, r := range u.book.AllRules {
		units[r.Unit()] = append(units[r.Unit()], r)
	}
	var reach func(name string)
	reach = func(name string) {
		if u.reached[name] || units[name] == nil {
			return
		}
		u.reached[name] = true
		for _, r := range units[name] {
			for _, used := range u.rule(r) {
				reach(used)
			}
		}
	}
	for _, q := range u.book.Questions {
		for _, name := range slices.Concat(q.Rules, q.Scope) {
			u.listed[name] = true
			reach(name)
		}
		for _, n := range q.Nodes() {
			for _, name := range u.expression(n) {
				reach(name)
			}
		}
		for _, f := range slices.Concat([]*checked.Value{q.Verdict}, q.Values) {
			u.value(f)
		}
		if words := u.root.Get("questions").Get(q.ID).Get("verdict").Get("words"); words != nil {
			u.names[words.Text] = true // its list may have words of rules besides
		}
	}
	for _, m := range u.book.Musts {
		u.expression(m.That)
	}
	u.by(u.book.CalendarNode, func(n *source.Node) { u.calendars[n.Text] = true })
}

// value notes the list of words and the columns of a value.
func (u *usage) value(f *checked.Value) {
	if f.Words != nil {
		u.names[f.Words.Name] = true
	}
	for name := range f.Columns {
		u.fields[name] = true
	}
	for _, x := range f.Fields {
		u.value(x)
	}
}

// by calls back with every value that a choice may come to.
func (u *usage) by(n *source.Node, visit func(*source.Node)) {
	switch {
	case n == nil:
	case checked.IsBy(n):
		u.choices = append(u.choices, n)
		u.chosenByFact(n)
		for _, e := range n.Entries {
			if e.Key.Text != "by" {
				u.by(e.Value, visit)
			}
		}
	default:
		visit(n)
	}
}

var (
	behindDot = regexp.MustCompile(`\.\s*([a-z][a-z0-9_]*)`)
	inQuotes  = regexp.MustCompile(`"([^"\\]*)"|'([^'\\]*)'`)
)

// expression notes what an expression mentions, and lists the names.
func (u *usage) expression(n *source.Node) []string {
	var names []string
	u.by(n, func(n *source.Node) {
		if n.Kind != source.Scalar {
			return
		}
		looks, ends := condition.PeriodFields()
		for _, name := range checked.References(n.Text) {
			if slices.Contains(looks, name) {
				for _, end := range ends {
					u.fields[end] = true
				}
			}
			u.names[name] = true
			names = append(names, name)
		}
		for _, m := range behindDot.FindAllStringSubmatch(n.Text, -1) {
			u.fields[m[1]] = true
		}
		for _, m := range inQuotes.FindAllStringSubmatch(n.Text, -1) {
			u.spoken[m[1]+m[2]] = true
		}
		u.constant(n)
	})
	return names
}

// rule notes what a rule mentions, and lists the names.
func (u *usage) rule(r *checked.Rule) []string {
	names := slices.Clone(r.Values)
	var walk func(n *source.Node, fields []policy.Field)
	walk = func(n *source.Node, fields []policy.Field) {
		for _, f := range fields {
			child := n.Get(f.Name)
			if child == nil {
				continue
			}
			u.by(child, func(n *source.Node) {
				switch f.Kind {
				case policy.Expression:
					for _, name := range f.Looks {
						u.fields[name] = true
					}
					names = append(names, u.expression(n)...)
				case policy.Expressions:
					for _, e := range n.Entries {
						u.spoken[e.Key.Text] = true
						names = append(names, u.expression(e.Value)...)
					}
				case policy.RuleName:
					if f.Name != "part_of" {
						names = append(names, n.Text)
					}
				case policy.RuleNames:
					for _, item := range n.Items {
						u.by(item, func(item *source.Node) { names = append(names, item.Text) })
					}
				case policy.Calendar:
					u.calendars[n.Text] = true
					if f.Computed && u.book.Calendars[n.Text] == nil && n.Text != policy.BuiltInCalendar {
						names = append(names, u.expression(n)...)
						for name := range u.book.Calendars {
							u.calendars[name] = true // it may be any of them
						}
					}
				case policy.Quantity:
					if f.Computed && n.Kind == source.Map {
						walk(n, form.FieldsOfLength)
					}
				case policy.Option:
					if f.Computed && !slices.Contains(f.Words, n.Text) {
						names = append(names, u.expression(n)...)
					}
				case policy.Structs:
					for _, item := range n.Items {
						u.by(item, func(item *source.Node) { walk(item, f.Fields) })
					}
				case policy.StructMap:
					for _, e := range n.Entries {
						u.spoken[e.Key.Text] = true
						u.by(e.Value, func(n *source.Node) { walk(n, f.Fields) })
					}
				case policy.Cells:
					for _, cell := range n.Entries {
						u.by(cell.Value, func(n *source.Node) {
							u.spoken[n.Text] = true
							for _, item := range n.Items {
								u.spoken[item.Text] = true
							}
						})
					}
				case policy.Wording, policy.Articles, policy.Number, policy.Numbers, policy.Percentage, policy.TimeOfDay, policy.Flag:
				default: // words, and lists of them
					u.spoken[n.Text], u.names[n.Text] = true, true
					for _, item := range n.Items {
						u.by(item, func(item *source.Node) { u.spoken[item.Text] = true })
					}
				}
			})
		}
	}
	walk(r.Node, append(slices.Clone(r.Form.Fields), policy.CommonFields()...))
	return names
}

// rules reports units that no question needs, and breaches that none reports.
func (u *usage) rules() {
	done := map[string]bool{}
	for _, r := range u.book.AllRules {
		name := r.Unit()
		if !u.reached[name] {
			if !done[name] {
				done[name] = true
				u.warn("unused_rule", r.KeyNode.Span, diagnostic.Textf("没有问题用到规则 %s", "no question uses the rule %s", name),
					diagnostic.Textf("列入某个问题的 rules，或在规则里用到它；不再需要就删去", "list it under the rules of a question, or use it in a rule; remove it where it is not needed"))
			}
			continue
		}
		for _, f := range r.Form.Fields {
			n := r.Node.Get(f.Name)
			if u.listed[name] || !reportsBreach(f, n) {
				continue
			}
			u.warn("breach_never_reported", r.KeyNode.Span, diagnostic.Textf("没有问题列出规则 %s，它的 %s 不会报出", "no question lists the rule %s, so that its %s is never reported", name, f.Name),
				diagnostic.Textf("列入该报它的问题的 rules", "list it under the rules of the question that is to report it"))
			break
		}
	}
}

// reportsBreach reports whether a field of a rule has it report a breach.
func reportsBreach(f policy.Field, n *source.Node) bool {
	return (f.Kind == policy.Code || f.Kind == policy.Codes) && f.Said && n != nil && n.Text != "none" && n.Kind != source.Empty
}

// readings reports those that choose nothing. One with a single option says
// that something is fixed: there is nothing to choose.
func (u *usage) readings() {
	for _, r := range u.book.Readings {
		if len(r.Options) == 1 && !r.Several && r.Options[0].Parameter == "" {
			continue
		}
		used, differs := false, false
		read := map[string]bool{} // options of which a branch looks at the parameter
		for _, n := range u.choices {
			if n.Get("by").Text != r.Key {
				continue
			}
			used = true
			differs = differs || r.Several || !sameBranches(r, n)
			for i := range r.Options {
				if o := &r.Options[i]; o.Parameter != "" && mentionsParameter(branchOf(n, o.Name)) {
					read[o.Name] = true
				}
			}
		}
		switch {
		case !used:
			u.warn("unused_reading", r.Span, diagnostic.Textf("没有规则或问题用到读法 %s", "no rule or question chooses by the reading %s", r.Key),
				diagnostic.Textf("写 {by: %[1]s, …} 由它选值；不再需要就删去", "write {by: %[1]s, …} where it is to choose; remove it where it is not needed", r.Key))
		case !differs:
			u.warn("unused_reading", r.Span, diagnostic.Textf("读法 %s 选哪个都一样", "it makes no difference which option of the reading %s is chosen", r.Key),
				diagnostic.Textf("让各选项的值不同；不再需要就删去", "give its options different values; remove it where it is not needed"))
		}
		u.parameters(r, read, used && differs)
	}
}

// parameters reports those of options that no branch looks at: whatever is
// written behind the option, it makes no difference. Where the reading chooses
// nothing, that is reported instead.
func (u *usage) parameters(r *checked.Reading, read map[string]bool, chooses bool) {
	for i := range r.Options {
		o := &r.Options[i]
		if o.Parameter == "" || read[o.Name] {
			continue
		}
		span := r.Span
		if n := u.root.Get("readings").Get(r.Key).Get("options").Get(o.Name).Get("parameter"); n != nil {
			span = n.Span
		}
		if !chooses { // the reading itself is reported
			u.isAccepted("unused_parameter", span)
			continue
		}
		u.warn("unused_parameter", span, diagnostic.Textf("读法 %s 选 %s 时的参数没有用上：写多少都一样", "nothing looks at the parameter of %[2]s, an option of the reading %[1]s: whatever it is makes no difference", r.Key, o.Name),
			diagnostic.Textf("在 %s 的值里写 parameter；不要参数就删去这里的 parameter", "write parameter in the value of %s; remove it here where none is wanted", o.Name))
	}
}

// words reports lists that nothing takes words or labels from.
func (u *usage) words() {
	var walk func(f *checked.Fact)
	walk = func(f *checked.Fact) {
		if f.Words != nil {
			u.names[f.Words.Name] = true
		}
		for _, x := range f.Fields {
			walk(x)
		}
		if f.Elem != nil {
			walk(f.Elem)
		}
	}
	for _, f := range u.book.Facts {
		walk(f)
	}
	labelled := map[string]bool{} // by an earlier list, whose labels win
	for _, w := range u.book.Words {
		used := u.names[w.Name] || u.book.Relabels[w]
		for _, word := range w.Words {
			used = used || u.spoken[word] && !labelled[word]
			labelled[word] = true
		}
		if n := u.root.Get("words").Get(w.Name); !used && n != nil {
			u.warn("unused_word_list", n.Key().Span, diagnostic.Textf("没有事实、取值或规则用到词表 %s", "no fact, value or rule uses the word list %s", w.Name),
				diagnostic.Textf("在某处写 words: %[1]s；不再需要就删去", "write words: %[1]s somewhere; remove it where it is not needed", w.Name))
		}
	}
}

var (
	chineseText = regexp.MustCompile(`\p{Han}`)
	englishText = regexp.MustCompile(`[a-z]{3}`)
)

// labels reports Chinese in an English wording, and English alone in a Chinese
// one: perhaps they were exchanged, or one was copied to be translated later.
func (u *usage) labels(n *source.Node) {
	for _, e := range n.Entries {
		u.labels(e.Value)
	}
	for _, item := range n.Items {
		u.labels(item)
	}
	var wordings []*source.Node
	for _, lang := range u.book.Languages {
		text := n.Get(lang)
		if text == nil || text.Kind != source.Scalar {
			return
		}
		wordings = append(wordings, text)
	}
	for _, text := range wordings {
		if text.Style == source.Plain && text.LineComment != "" && !strings.Contains(text.LineComment, "accepted:") && text.Span.End.Column > 0 {
			u.warn("comment_after_label", text.CommentSpan(), diagnostic.Textf("# 之后是注释，不属于这段文字", "what stands behind the # is a comment and not part of this wording"),
				diagnostic.Textf("属于文字的，给文字加引号；注释则另起一行", "put the wording in quotes where it belongs to it; else put the comment on a line of its own"))
		}
	}
	zh, en := n.Get("zh"), n.Get("en")
	switch {
	case en != nil && en.Kind == source.Scalar && chineseText.MatchString(en.Text):
		u.warn("label_language", en.Span, diagnostic.Textf("英文文字里有中文", "there is Chinese in the English wording"), diagnostic.Textf("en 写英文", "write English under en"))
	case en != nil && zh != nil && zh.Kind == source.Scalar && !chineseText.MatchString(zh.Text) && englishText.MatchString(zh.Text):
		u.warn("label_language", zh.Span, diagnostic.Textf("中文文字里没有中文", "there is no Chinese in the Chinese wording"), diagnostic.Textf("zh 写中文", "write Chinese under zh"))
	}
}

// sameLabels reports words of one list that people could not tell apart.
func (u *usage) sameLabels() {
	for _, w := range u.book.Words {
		n := u.root.Get("words").Get(w.Name)
		for _, lang := range u.book.Languages {
			first := map[string]string{}
			for _, word := range w.Words {
				text := w.Labels[word].In(lang)
				other, twice := first[text]
				first[text] = word
				if at := n.Get(word).Get(lang); twice && at != nil {
					u.warn("label_twice", at.Span, diagnostic.Textf("%[2]s 与 %[1]s 的文字相同", "%[2]s has the same wording as %[1]s", other, word),
						diagnostic.Textf("改成能区分的文字", "word one of them otherwise"))
				}
			}
		}
	}
}

// numbering reports articles, and items of one, that the numbering skips.
func (u *usage) numbering() {
	for _, reg := range u.book.Regulations {
		groups := map[string][]inSequence{}
		var order []string
		for _, a := range reg.Articles {
			number := a.Number[strings.LastIndexByte(a.Number, '.')+1:]
			n, err := strconv.Atoi(number)
			if err != nil {
				continue
			}
			if groups[a.Parent()] == nil {
				order = append(order, a.Parent())
			}
			groups[a.Parent()] = append(groups[a.Parent()], inSequence{a, n})
		}
		for _, parent := range order {
			groups[parent] = u.sequence(groups[parent])
		}
		if last := u.root.Get("regulations").Get(reg.ID).Get("last_article"); last != nil {
			u.lastArticle(reg, last, groups[""])
		}
	}
}

type inSequence struct {
	*policy.Article
	n int
}

// lastArticle reports articles that are missing at the end, and such as are more
// than the regulation has.
func (u *usage) lastArticle(reg *policy.Regulation, last *source.Node, all []inSequence) {
	number, err := strconv.Atoi(last.Text)
	if err != nil || len(all) == 0 {
		return // it is refused
	}
	greatest := slices.MaxFunc(all, func(a, b inSequence) int { return a.n - b.n })
	switch {
	case greatest.n < number:
		u.warn("article_skipped", last.Span, diagnostic.Textf("%[1]s 应到第 %[2]d 条，现在到第 %[3]d 条为止", "%[1]s has articles up to %[2]d, and here they end with %[3]d", reg.ID, number, greatest.n),
			diagnostic.Textf("补上缺的条款，不作判定的写 decides_nothing；或改正 last_article", "add what is missing; an article that decides nothing says so. Or correct last_article"))
	case greatest.n > number:
		u.warn("article_skipped", greatest.Span, diagnostic.Textf("%s 的最后一条是第 %d 条，这里却有第 %d 条", "the last article of %s is %d, and this is %d", reg.ID, number, greatest.n),
			diagnostic.Textf("检查条号，或改正 last_article", "check its number, or correct last_article"))
	}
}

// sequence reports what does not follow in a sequence of numbers. One that is
// out of order is no reason to miss those that it jumps over, unless it stands
// where the only one that is missing should: then its number is wrong. It gives
// those that are in order.
func (u *usage) sequence(all []inSequence) []inSequence {
	var ordered []inSequence
	has := map[int]bool{}
	for _, a := range all {
		has[a.n] = true
	}
	last := 0
	for i, a := range all {
		misplaced := a.n < last
		next := 0
		if i+1 < len(all) {
			next = all[i+1].n
		}
		if next != 0 && next < a.n && next > last {
			misplaced = true // the next one follows the last one, this does not
		}
		if misplaced {
			remedy := diagnostic.Textf("按条文的次序排列，检查条号", "put it where the text has it, and check its number")
			if next == last+2 && !has[last+1] {
				last++
				number := strings.TrimSuffix(a.Number, strconv.Itoa(a.n)) + strconv.Itoa(last)
				remedy = diagnostic.Textf("缺 %[1]s：条号是否应为 %[1]s？否则按条文的次序排列", "%[1]s is missing: should its number be %[1]s? Else put it where the text has it", number)
			}
			u.warn("article_out_of_order", a.Span, diagnostic.Textf("条款 %s 没有按次序排列", "article %s is out of order", a.ID), remedy)
			continue
		}
		var missing []string
		for n := last + 1; n < a.n; n++ {
			if !has[n] {
				missing = append(missing, strings.TrimSuffix(a.ID, strconv.Itoa(a.n))+strconv.Itoa(n))
			}
		}
		last = a.n
		ordered = append(ordered, a)
		if missing == nil {
			continue
		}
		if len(missing) > 3 {
			missing = append(missing[:3], "…")
		}
		u.warn("article_skipped", a.Span, diagnostic.Textf("条款 %[1]s 之前缺 %[2]s", "before article %[1]s the numbering skips %[2]s", a.ID, strings.Join(missing, ", ")),
			diagnostic.Textf("补上缺的条款，不作判定的写 decides_nothing", "add what is missing; an article that decides nothing says so"))
	}
	return ordered
}

// review reports that a file may have been cut off at its end.
func (u *usage) review() {
	for _, f := range u.book.Files() {
		if !strings.HasSuffix(string(f.Text), "\n") {
			u.warn("file_cut_off", u.lastLine(f.Name), diagnostic.Textf("文件不以换行结尾，末尾可能被截断", "the file does not end with a line break: its end may have been cut off"),
				diagnostic.Textf("补上缺的内容；没有缺就在末尾加一个换行", "restore what is missing; where nothing is, end the last line with a line break"))
		}
	}
	if u.book.Review == nil {
		u.warn("review_missing", u.lastLine(u.book.FileName), diagnostic.Textf("没有 review，不能审查一个时期的记录；也许是文件末尾被截断了", "there is no review: no period's records can be reviewed; perhaps the end of the file was cut off"),
			diagnostic.Textf("补上 review: …；不要审查就写注释 # accepted: review_missing – 原因", "add review: …; where none is wanted write the comment # accepted: review_missing – why"))
	}
}

// lastLine is the last line of a file that has any text.
func (u *usage) lastLine(file string) diagnostic.Span {
	lines := u.lines[file]
	last := len(lines)
	for last > 1 && strings.TrimSpace(lines[last-1]) == "" {
		last--
	}
	line := strings.TrimRight(lines[last-1], "\r")
	end := 1 + len([]rune(strings.TrimPrefix(line, "\ufeff")))
	from := 1 + len([]rune(line)) - len([]rune(strings.TrimLeft(line, " ")))
	return diagnostic.Span{
		File: file, Start: diagnostic.Position{Line: last, Column: min(from, end)}, End: diagnostic.Position{Line: last, Column: end},
	}
}
