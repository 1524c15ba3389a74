package load

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/condition"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/policy"
)

// oneCause leaves one finding for what has one cause: a name that was changed
// where it is declared is unknown wherever it is used, a type that was changed
// does not fit anywhere, and a file that was cut off lacks all that followed.
// Where else a finding shows is told beside it.
func (l *loader) oneCause(found diagnostic.List) diagnostic.List {
	found.Sort()
	found = slices.CompactFunc(found, func(a, b diagnostic.Diagnostic) bool {
		return a.Span.File == b.Span.File && a.Span.Start == b.Span.Start && a.Code == b.Code && a.Message == b.Message
	})
	found = l.languagesNotSaid(found)
	found = l.cutOff(found)
	found = l.nameMissing(found)
	found = l.keyMeant(found)
	found = l.withoutConsequences(found)
	found = l.sameName(found)
	found = l.sameMessage(found)
	return l.sameType(found)
}

// nameMissing leaves one finding of a wording without its name: what is unknown
// elsewhere, and what follows for tables, may be due to it. Where one name alone is
// unknown, it is the one that is missing.
func (l *loader) nameMissing(found diagnostic.List) diagnostic.List {
	for i := 0; i < len(found); i++ {
		unknown := l.nameless[found[i].Span]
		if unknown == "" || found[i].Code != "missing_key" {
			continue
		}
		names, which := map[string]bool{}, []int{i}
		for j, d := range found {
			if d.Code == unknown {
				names[l.nameOf(d)] = true
				which = append(which, j)
			}
		}
		if len(names) == 1 {
			for name := range names {
				found[i].Remedy = diagnostic.Textf("写在它之下：%s: %s", "write it under that: %s: %s", name, l.wordingShape("", ""))
			}
			found = merge(found, which, diagnostic.Textf("这里用到它", "it is used here"))
		}
		found = slices.DeleteFunc(found, func(d diagnostic.Diagnostic) bool {
			return d.Code == unknown || d.Code == "table_otherwise_never" || d.Code == "table_gap"
		})
	}
	return found
}

// sameMessage makes one finding of what is said of several places of one rule in
// the same words, as of the values of several dates. It stands at the one that is
// written otherwise than all others, where there is one.
func (l *loader) sameMessage(found diagnostic.List) diagnostic.List {
	for i := 0; i < len(found); i++ {
		which := []int{}
		rule := l.ruleAt(found[i].Span)
		for j := range found {
			if rule != nil && found[j].Code == found[i].Code && found[j].Message == found[i].Message && l.ruleAt(found[j].Span) == rule {
				which = append(which, j)
			}
		}
		if len(which) < 3 || which[0] != i {
			continue
		}
		shapes := map[string][]int{}
		for k, j := range which {
			shape := digit.ReplaceAllString(l.textAt(found[j].Span), "0")
			shapes[shape] = append(shapes[shape], k)
		}
		for _, alike := range shapes {
			if k := alike[0]; len(shapes) == 2 && len(alike) == 1 {
				which[0], which[k] = which[k], which[0]
			}
		}
		found = merge(found, which, diagnostic.Textf("这里也是", "here, too"))
	}
	return found
}

var digit = regexp.MustCompile(`[0-9]`)

// maxPlaces is how many further places of a finding are told.
const maxPlaces = 5

// merge makes one finding of several, the first of them.
func merge(found diagnostic.List, which []int, also policy.Text) diagnostic.List {
	d := found[which[0]]
	d.Related = slices.Clone(d.Related)
	for _, i := range which[1:min(len(which), maxPlaces+1)] {
		d.Related = append(d.Related, diagnostic.Related{Span: found[i].Span, Message: also})
	}
	merged := make(diagnostic.List, 0, len(found))
	for i, x := range found {
		switch {
		case i == which[0]:
			merged = append(merged, d)
		case !slices.Contains(which, i):
			merged = append(merged, x)
		}
	}
	return merged
}

// unknownNames are the findings of names that are not declared.
var unknownNames = []string{
	"unknown_fact", "unknown_rule", "unknown_word_list", "unknown_word", "unknown_calendar", "unknown_reading", "unknown_question", "unknown_article", "unknown_option",
}

// sameName makes one finding of a name that is unknown in several places.
func (l *loader) sameName(found diagnostic.List) diagnostic.List {
	for i := 0; i < len(found); i++ {
		name := l.nameOf(found[i])
		if name == "" {
			continue
		}
		which := []int{i}
		for j := i + 1; j < len(found); j++ {
			if l.nameOf(found[j]) == name && found[j].Span != found[i].Span && (found[i].Code != "unknown_option" || found[j].Message == found[i].Message) {
				which = append(which, j)
			}
		}
		for _, j := range which { // the one that knows what was meant speaks
			if strings.HasPrefix(found[j].Remedy.EN, "did you mean") {
				found[i].Remedy = found[j].Remedy
				break
			}
		}
		if len(which) > 1 {
			found = merge(found, which, diagnostic.Textf("这里也用到 %s", "%s is used here, too", name))
		}
		if renamed := l.renamed(found[i].Code); renamed != "" && !strings.HasPrefix(found[i].Remedy.EN, "did you mean") && !strings.HasPrefix(found[i].Remedy.EN, "write ") {
			found[i].Remedy = policy.Text{
				ZH: "是否改名为 " + renamed + "？那就在这里也写 " + renamed + "；否则" + found[i].Remedy.ZH,
				EN: "was it renamed to " + renamed + "? Then write " + renamed + " here, too; else " + found[i].Remedy.EN,
			}
		}
	}
	return found
}

// nameOf is the name that a finding says is unknown, without the records that
// it is in; "" for other findings.
func (l *loader) nameOf(d diagnostic.Diagnostic) string {
	if d.Severity != diagnostic.Error || !slices.Contains(unknownNames, d.Code) {
		return ""
	}
	name := strings.Trim(l.textAt(d.Span), `"'`)
	switch d.Code {
	case "unknown_fact":
		name = name[strings.LastIndexByte(name, '.')+1:]
	case "unknown_word": // a set of words is at one place, and each may be unknown
		if m := quotedName.FindStringSubmatch(d.Message.EN); m != nil {
			name = m[1]
		}
	}
	return name
}

var quotedName = regexp.MustCompile(`"([^"]*)"`)

// renamed is the one declared name of the kind that stands nowhere else in the
// file, so that it may be the new name of what is unknown; "" where there is
// none, or several.
func (l *loader) renamed(code string) string {
	var declared []string
	switch code {
	case "unknown_fact":
		declared = slices.Collect(maps.Keys(l.book.FactsByName))
		for _, r := range l.book.AllRules {
			declared = append(declared, r.Unit())
		}
	case "unknown_rule":
		for _, r := range l.book.AllRules {
			declared = append(declared, r.Unit())
		}
	case "unknown_word_list":
		declared = slices.Collect(maps.Keys(l.book.WordsByName))
	case "unknown_reading":
		declared = slices.Collect(maps.Keys(l.book.ReadingsByKey))
	case "unknown_calendar":
		declared = l.book.CalendarNames()
	default:
		return ""
	}
	text, alone := string(l.book.Source()), ""
	for _, name := range declared {
		if name == alone || countWord(text, name, 2) > 1 {
			continue
		}
		if alone != "" {
			return ""
		}
		alone = name
	}
	return alone
}

// countWord counts how often a name stands in a text, up to a limit.
func countWord(text, name string, limit int) int {
	n := 0
	for at := 0; n < limit; {
		i := strings.Index(text[at:], name)
		if i < 0 {
			break
		}
		from, to := at+i, at+i+len(name)
		if (from == 0 || !inName(text[from-1])) && (to == len(text) || !inName(text[to])) {
			n++
		}
		at = to
	}
	return n
}

func inName(b byte) bool {
	return b == '_' || b >= '0' && b <= '9' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z'
}

// typeCodes are the findings that a wrong type brings about wherever it is used.
var typeCodes = []string{condition.CodeType, condition.CodeResult, condition.CodeArguments, condition.CodeNoElement}

// mention is a name in an expression, with the records that it is in.
var mention = regexp.MustCompile(`\.?[a-z_][a-z0-9_]*(?:\.[a-z_][a-z0-9_]*)*`)

// sameType makes one finding of a fact that does not fit in several places: its
// declaration may be what is wrong.
func (l *loader) sameType(found diagnostic.List) diagnostic.List {
	for {
		places := map[string][]int{}
		for i, d := range found {
			if d.Severity != diagnostic.Error || !slices.Contains(typeCodes, d.Code) {
				continue
			}
			for _, name := range mention.FindAllString(l.textAt(d.Span), -1) {
				if l.declaredAt(name) != nil && !slices.Contains(places[name], i) {
					places[name] = append(places[name], i)
				}
			}
		}
		most := ""
		for _, name := range slices.Sorted(maps.Keys(places)) {
			if len(places[name]) > max(1, len(places[most])) {
				most = name
			}
		}
		if most == "" {
			return found
		}
		which := places[most]
		f := l.declaredAt(most)
		found = merge(found, which, diagnostic.Textf("这里的 %s 也不合适", "%s does not fit here, either", most))
		d := &found[which[0]]
		d.Related = append([]diagnostic.Related{{Span: f.Span, Message: diagnostic.Textf("%s 在这里声明为 %s：也许是这里的类型不对", "%s is declared as %s here: perhaps this type is wrong", most, f.TypeName)}}, d.Related...)
	}
}

// declaredAt is the fact of a path, nil where there is none.
func (l *loader) declaredAt(path string) *checked.Fact {
	root, rest, dotted := strings.Cut(path, ".")
	if root == "" { // a field of an element of some list: the one that has it
		var only *checked.Fact
		for _, f := range l.book.Facts {
			if f.Elem != nil && f.Elem.Vars[rest] != nil {
				if only != nil {
					return nil
				}
				only = f.Elem.Vars[rest]
			}
		}
		return only
	}
	f := l.book.FactsByName[root]
	for f != nil && dotted {
		root, rest, dotted = strings.Cut(rest, ".")
		f = f.Vars[root]
	}
	if f != nil && len(f.Vars) > 0 {
		return nil // a record is not what does not fit
	}
	return f
}

// missingKey is the message of a key that a map lacks.
var missingKey = regexp.MustCompile(`^"([a-z_]+)" is missing$`)

// keyMeant makes one finding of a key that is unknown and the only one that is
// missing in the same map: it was meant as that.
func (l *loader) keyMeant(found diagnostic.List) diagnostic.List {
	for i := range found {
		if found[i].Code != "unknown_key" || found[i].Severity != diagnostic.Error {
			continue
		}
		n := l.unknownIn(found[i].Span)
		if n == nil {
			continue
		}
		unknown := 0
		for key := range l.unknown {
			if key.Parent() == n {
				unknown++
			}
		}
		var lacks []int
		for j, d := range found {
			if d.Code == "missing_key" && d.Span == l.spanOf(n) && missingKey.MatchString(d.Message.EN) {
				lacks = append(lacks, j)
			}
		}
		if unknown != 1 || len(lacks) != 1 {
			continue
		}
		key := missingKey.FindStringSubmatch(found[lacks[0]].Message.EN)[1]
		_, list, _ := strings.Cut(found[i].Remedy.EN, "llowed: ")
		if allowed := strings.Split(list, ", "); slices.Contains(allowed, key) {
			found[i].Remedy = diagnostic.OneOfNear(key, allowed)
		} else {
			found[i].Remedy = diagnostic.Textf("是否指 %s？", "did you mean %s?", key)
		}
		return l.keyMeant(slices.Delete(slices.Clone(found), lacks[0], lacks[0]+1))
	}
	return found
}

// unknownIn is the map of the unknown key that stands at a place.
func (l *loader) unknownIn(at diagnostic.Span) *source.Node {
	for key := range l.unknown {
		if key.Span == at {
			return key.Parent()
		}
	}
	return nil
}

// withoutConsequences leaves out what follows from other findings.
func (l *loader) withoutConsequences(found diagnostic.List) diagnostic.List {
	has := func(code string, where func(d diagnostic.Diagnostic) bool) bool {
		return slices.ContainsFunc(found, func(d diagnostic.Diagnostic) bool {
			return d.Severity == diagnostic.Error && (code == "" || d.Code == code) && where(d)
		})
	}
	return slices.DeleteFunc(slices.Clone(found), func(d diagnostic.Diagnostic) bool {
		if slices.ContainsFunc(l.cut, func(at diagnostic.Span) bool {
			return d.Span != at && d.Code != "unknown_key" && (spans(d.Span, at) || spans(at, d.Span))
		}) {
			return true // a number that commas have cut is what is wrong in it
		}
		switch d.Code {
		case "not_a_percent": // what is told of the expression that it may be as well
			return has(condition.CodeSyntax, func(x diagnostic.Diagnostic) bool { return x.Span.Start == d.Span.Start })
		case condition.CodeType:
			if strings.Contains(d.Message.EN, condition.UnknownType.EN) { // of a field whose expression is wrong
				return has("", func(x diagnostic.Diagnostic) bool { return !strings.Contains(x.Message.EN, condition.UnknownType.EN) })
			}
			// amounts of the rulebook's currency, which is none, beside those of another
			return l.currencyTold && strings.Contains(d.Message.EN, "sum of money in ")
		case condition.CodeFloat: // what else it should be is said
			return has("", func(x diagnostic.Diagnostic) bool { return x.Span == d.Span && x.Code != d.Code })
		case "unknown_word": // that a list lacks, which rules use
			name := l.nameOf(d)
			return has(condition.CodeResult, func(x diagnostic.Diagnostic) bool { return strings.Contains(x.Remedy.EN, " has no "+name+":") })
		case "article_empty": // the key that says why it has no rule is misspelt
			return has("unknown_key", func(x diagnostic.Diagnostic) bool {
				n := l.unknownIn(x.Span)
				return n != nil && slices.Contains(l.meant[n], "decides_nothing") && n.Key() != nil && n.Key().Span == d.Span
			})
		case "missing_key": // what was meant as it is said
			return has("unknown_key", func(x diagnostic.Diagnostic) bool { return x.Span == d.Span })
		case "table_gap", "table_overlap": // a row that is wrong fills no gap
			return has("", func(x diagnostic.Diagnostic) bool {
				r := l.ruleAt(d.Span)
				return r != nil && l.ruleAt(x.Span) == r && x.Code != "table_gap" && x.Code != "table_overlap"
			})
		case "value_expected": // the rest of a number that a comma has cut in two, or a day whose colon is missing
			return has(source.CodeNotADate, func(x diagnostic.Diagnostic) bool { return x.Span == d.Span }) || has("unknown_key", func(x diagnostic.Diagnostic) bool {
				return x.Span.Start.Compare(d.Span.Start) < 0 && d.Span.End.Compare(x.Span.End) <= 0
			})
		case "clock_without_deadline": // the deadline may be the one that is wrong
			return has("", func(x diagnostic.Diagnostic) bool {
				r := l.ruleAt(x.Span)
				return r != nil && r.Form.Name == "deadline" && x.Code != "clock_without_deadline"
			})
		case "unknown_fact": // what may be a rule, or what a review shows of a fact that its question should take
			if has("unknown_calendar", func(x diagnostic.Diagnostic) bool { return x.Span == d.Span }) {
				return true
			}
			name := l.nameOf(d)
			if l.lost["regulations"] && !strings.HasPrefix(d.Remedy.EN, "did you mean") {
				return true
			}
			return has("fact_not_taken", func(x diagnostic.Diagnostic) bool {
				return strings.Contains(x.Message.EN, `"`+name+`"`)
			})
		}
		return false
	})
}

// spans reports whether a place is within another one.
func spans(outer, inner diagnostic.Span) bool {
	return outer.File == inner.File && outer.Start.Compare(inner.Start) <= 0 && inner.End.Compare(outer.End) <= 0
}

// cutOff makes one finding of a file that ends too soon: sections that stand
// towards its end are missing, and whatever refers to them.
func (l *loader) cutOff(found diagnostic.List) diagnostic.List {
	if len(l.files.parts) > 1 {
		return found // what one of several files lacks may stand in another
	}
	lacks := func(key string) bool { return l.root.Get(key) == nil && !slices.Contains(l.meant[l.root], key) }
	var lacking []string
	for _, key := range []string{"facts", "regulations", "questions"} {
		if lacks(key) {
			lacking = append(lacking, key)
		}
	}
	goesOn := l.root.Get("review") != nil || lacks("facts") && len(lacking) < 3
	if goesOn || l.root.Get("rulebook") == nil {
		return found // it was left out
	}
	if lacking == nil {
		if lacking = l.rulesLacking(found); lacking == nil {
			return found
		}
	}
	end := l.last()
	at := end.Span
	if key := end.Key(); key != nil && (at.Start == at.End || at.Start.Line != at.End.Line) {
		at = key.Span
	}
	list := strings.Join(lacking, ", ")
	kept := diagnostic.List{{
		Code: "file_cut_off", Severity: diagnostic.Error, Span: at,
		Message: diagnostic.Textf("文件到这里就结束了，缺少 %s：可能被截断了", "the file ends here and lacks %s: it may have been cut off", list),
		Remedy:  diagnostic.Textf("补上缺的部分：%s", "restore what is missing: %s", list),
	}}
	for _, d := range found {
		follows := d.Code == "clock_without_deadline" || strings.HasPrefix(d.Code, "unknown_") && d.Code != "unknown_key" || d.Severity == diagnostic.Warning || d.Code == "article_empty" ||
			d.Code == "missing_key" && d.Span == l.spanOf(l.root)
		if !follows && !l.atEnd(d.Span) {
			kept = append(kept, d)
		}
	}
	return kept
}

// manyLacking is how many names are unknown where a part of the file is missing.
const manyLacking = 3

// rulesLacking are the rules and articles that a file lacks which ends with its
// regulations, where they are many, or the last rule is not complete: then the
// end of the file may be missing.
func (l *loader) rulesLacking(found diagnostic.List) []string {
	if n := len(l.root.Entries); n == 0 || l.root.Entries[n-1].Key.Text != "regulations" {
		return nil
	}
	var names []string
	for _, d := range found {
		if name := l.nameOf(d); name != "" && (d.Code == "unknown_rule" || d.Code == "unknown_article") && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	unfinished := slices.ContainsFunc(found, func(d diagnostic.Diagnostic) bool { return d.Code == "missing_key" && l.atEnd(d.Span) })
	if len(names) < manyLacking && (len(names) == 0 || !unfinished) {
		return nil
	}
	if len(names) > manyLacking {
		names = append(names[:manyLacking], "…")
	}
	return names
}

// last is the last value of the file.
func (l *loader) last() *source.Node {
	n := l.root
	for len(n.Entries)+len(n.Items) > 0 {
		if len(n.Items) > 0 {
			n = n.Items[len(n.Items)-1]
		} else {
			n = n.Entries[len(n.Entries)-1].Value
		}
	}
	return n
}

// atEnd reports whether a place is that of the last value of the file, or of
// something that it is in: what was being written where the file was cut off.
func (l *loader) atEnd(at diagnostic.Span) bool {
	for n := l.last(); n != nil; n = n.Parent() {
		if at == l.spanOf(n) || at == l.spanOfValue(n) || at == n.Span {
			return true
		}
	}
	return false
}
