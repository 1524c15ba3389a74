package load

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/form"
	"github.com/servicerules/rulebook/internal/forms"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/policy"
)

// usualLanguages are those of a rulebook that does not say any.
var usualLanguages = []string{"zh", "en"}

// maxLanguages bounds the languages of a rulebook.
const maxLanguages = 10

// languages reads rulebook.languages: the languages that all wording of the file
// is in. It comes before everything that has wording.
func (l *loader) languages(n *source.Node) {
	if n == nil {
		return
	}
	var all []string
	for _, item := range l.items(n) {
		switch {
		case !isLanguage(item.Text):
			remedy := diagnostic.Textf("写语言代码，如 en、zh、de、fr", "write the code of a language, such as en, zh, de or fr")
			if meant := languageMeant(item.Text); meant != "" {
				remedy = diagnostic.Textf("写 %s", "write %s", meant)
				all = append(all, meant) // so that its wording is no finding, too
			}
			l.lost["languages"] = true
			l.fail("unknown_language", item, diagnostic.Textf("没有语言代码 %q", "%q is not the code of a language", item.Text), remedy)
		case isKey(item.Text):
			l.fail("unknown_language", item, diagnostic.Textf("%q 在规则书里是别的键，不能作语言", "%q is another key of rules files, and cannot be a language", item.Text),
				diagnostic.Textf("写上地区，如 %[1]s-%[2]s", "write it with a region, such as %[1]s-%[2]s", item.Text, strings.ToUpper(item.Text)))
		case slices.Contains(all, item.Text):
			l.fail("duplicate_item", item, diagnostic.Textf("%q 列了两次", "%q is listed twice", item.Text), diagnostic.Textf("删去一个", "remove one"))
		case len(all) == maxLanguages:
			l.fail(source.CodeTooManyItems, item, diagnostic.Textf("语言超过 %d 种", "more than %d languages", maxLanguages), diagnostic.Textf("删去几种", "remove some of them"))
			return
		default:
			all = append(all, item.Text)
		}
	}
	if len(n.Items) == 0 && n.Kind != source.Scalar {
		l.failAt("empty_list", l.spanOf(n), diagnostic.Textf("没有列出语言", "no language is listed"), diagnostic.Textf("写 [en]、[zh, en] 等", "write [en], [de, en] or the like"))
	}
	if len(all) > 0 {
		l.book.Languages = diagnostic.TextIn(all, func(string) string { return "" }).Languages()
	}
}

var languageTag = regexp.MustCompile(`^([a-z]{2}|[a-z]{3})(-[A-Za-z0-9]{2,8}){0,3}$`)

// twoLetters are the languages of ISO 639-1.
const twoLetters = " aa ab ae af ak am an ar as av ay az ba be bg bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee el en eo es et eu fa ff fi fj fo fr fy " +
	"ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is it iu ja jv ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml " +
	"mn mr ms mt my na nb nd ne ng nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl sm sn so sq sr ss st su sv sw ta te tg th ti tk tl " +
	"tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu "

// isLanguage reports whether a text is the tag of a language: two letters that
// stand for one, or three, and perhaps a script or region.
func isLanguage(text string) bool {
	m := languageTag.FindStringSubmatch(text)
	return m != nil && languageMeant(m[1]) == "" && (len(m[1]) == 3 || strings.Contains(twoLetters, " "+m[1]+" "))
}

// isKey reports whether a text is a key beside which labels stand.
func isKey(text string) bool {
	return text == "id" || text == "is" || text == "on" || text == "to" || slices.ContainsFunc(forms.All(), func(f *form.Form) bool {
		return slices.ContainsFunc(f.Fields, func(x policy.Field) bool { return x.Name == text })
	})
}

// withLabel are the keys of a map that has a label: its languages and these.
func (l *loader) withLabel(keys ...string) []string {
	return append(slices.Clone(l.book.Languages), keys...)
}

// otherLanguage reports a wording in a language that the rulebook does not have.
func (l *loader) otherLanguage(key, value *source.Node, keys []string) bool {
	if !slices.Contains(keys, l.book.Languages[0]) || !isLanguage(key.Text) || isKey(key.Text) {
		return false
	}
	if l.lost["languages"] {
		return true
	}
	if len(key.Text) == 3 && !isWords(value) { // min: 0, not a wording in Minangkabau
		return false
	}
	l.fail("language_not_declared", key, diagnostic.Textf("规则书没有语言 %s", "the rulebook is not in the language %s", key.Text),
		diagnostic.Textf("删去它，或在 rulebook 下写 languages: [%s]", "remove it, or write languages: [%s] under rulebook", strings.Join(l.withLabel(key.Text), ", ")))
	return true
}

// isWords reports whether a value may be a wording: a text with letters, and no
// name or word of rules.
func isWords(n *source.Node) bool {
	return n.Kind == source.Scalar && strings.ContainsFunc(n.Text, unicode.IsLetter) && !checked.WordPattern.MatchString(n.Text)
}

// wordingShape shows how a wording is written: {zh: …, en: …}, or the text
// alone in a rulebook of one language.
func (l *loader) wordingShape(given, lang string) string {
	return wordingIn(l.book.Languages, given, lang)
}

// wordingIn is wordingShape in given languages.
func wordingIn(languages []string, given, lang string) string {
	if len(languages) == 1 {
		if given != "" {
			return given
		}
		return "…"
	}
	parts := make([]string, len(languages))
	for i, x := range languages {
		if parts[i] = x + ": …"; x == lang && given != "" {
			parts[i] = x + ": " + given
		}
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

// text reads a wording: {zh: …, en: …} with all languages of the rulebook, or
// the text alone where it has one.
func (l *loader) text(n *source.Node) policy.Text {
	if n == nil {
		return policy.Text{}
	}
	if len(l.book.Languages) == 1 && n.Kind == source.Scalar {
		return l.onlyWording(n)
	}
	if !l.isWordingMap(n, policy.Text{ZH: "文字", EN: "wording"}) {
		return policy.Text{}
	}
	l.onlyKeys(n, l.withLabel()...)
	return l.label(n)
}

// isWordingMap reports whether a node is a map with the wording of each language; else
// it is told how to write what stands there as one.
func (l *loader) isWordingMap(n *source.Node, what policy.Text) bool {
	shape := l.wordingShape("", "")
	if n.Kind == source.Scalar && n.Text != "" && utf8.RuneCountInString(n.Text) <= checked.MaxIdentifier {
		wording := n.Text
		if strings.ContainsAny(wording, ",:#[]{}\"'\n") || strings.ContainsAny(wording[:1], "&*!|>%@`?- ") {
			wording = "'" + strings.ReplaceAll(strings.Join(strings.Fields(wording), " "), "'", "''") + "'"
		}
		lang := l.languageOf(wording)
		l.unsaid[l.spanOfValue(n)] = lang
		if lang == "" {
			return l.isMapAs(n, what, diagnostic.Textf("写成 %[1]s，%[2]s 写在它所属的语言后面", "write %[1]s, with %[2]s behind the language that it is in", shape, wording))
		}
		shape = l.wordingShape(wording, lang)
	}
	return l.isMapAs(n, what, diagnostic.Textf("写成 %s", "write %s", shape))
}

// nameForgotten reports a wording in a language where what is worded by its name is
// expected, {zh: 故障, en: fault} for {fault: {zh: 故障, en: fault}}: of the languages
// that stand beside each other, the first is told.
// Where that name is used elsewhere, it is unknown there, which is told by a code.
func (l *loader) nameForgotten(n *source.Node, at int, what policy.Text, unknown string) bool {
	forgotten := func(e source.Entry) bool {
		return e.Value.Kind == source.Scalar && slices.Contains(l.book.Languages, e.Key.Text)
	}
	if len(l.book.Languages) == 1 || !forgotten(n.Entries[at]) {
		return false
	}
	if !slices.ContainsFunc(n.Entries[:at], forgotten) {
		l.nameless[n.Entries[at].Key.Span] = unknown
		l.fail("missing_key", n.Entries[at].Key, diagnostic.Wording("这里直接写了文字，缺少它所属的%s", "a wording stands here without the %s that it is of", what),
			diagnostic.Textf("写在它之下：名称: %[1]s", "write it under that: name: %[1]s", l.wordingShape("", "")))
	}
	return true
}

// languageOf is the language of the rulebook that a text is in, by its letters; ""
// where it may be in several, as one without accents in German and in English.
func (l *loader) languageOf(text string) string {
	chinese := strings.ContainsFunc(text, func(r rune) bool { return unicode.Is(unicode.Han, r) })
	accents := strings.ContainsFunc(text, func(r rune) bool { return r > unicode.MaxASCII && unicode.IsLetter(r) })
	may := slices.DeleteFunc(slices.Clone(l.book.Languages), func(lang string) bool {
		switch lang, _, _ = strings.Cut(lang, "-"); lang {
		case "en":
			return accents
		case "ja":
			return !accents
		}
		return chinese != (lang == "zh")
	})
	if len(may) == 1 {
		return may[0]
	}
	return ""
}

// languagesNotSaid makes one finding of a rulebook whose wording is in other languages
// than it would be where it does not say any, as a whole: each of its labels lacks
// Chinese, say, because it is in English alone.
func (l *loader) languagesNotSaid(found diagnostic.List) diagnostic.List {
	n := l.root.Get("rulebook")
	if n == nil || n.Kind != source.Map || n.Get("languages") != nil || l.root.Get(source.Extends) != nil {
		return found
	}
	isOfOne := func(d diagnostic.Diagnostic) bool {
		_, unsaid := l.unsaid[d.Span]
		return d.Code == "missing_label" || d.Code == "language_not_declared" || d.Code == "map_expected" && unsaid
	}
	used := map[string]bool{} // languages that something is worded in
	for _, lang := range usualLanguages {
		if isWorded(l.root, lang) {
			used[lang] = true
		}
	}
	first, count := -1, 0
	for i, d := range found {
		if !isOfOne(d) {
			continue
		}
		switch lang, unsaid := l.unsaid[d.Span]; {
		case d.Code == "language_not_declared":
			used[l.textAt(d.Span)] = true
		case unsaid && lang != "":
			used[lang] = true
		}
		if first < 0 {
			first = i
		}
		count++
	}
	lacks := slices.DeleteFunc(slices.Clone(usualLanguages), func(lang string) bool { return used[lang] })
	if count < 2 || len(used) == 0 || len(lacks) == 0 {
		return found
	}
	is := strings.Join(slices.Sorted(maps.Keys(used)), ", ")
	not := policy.Text{ZH: strings.Join(lacks, "、"), EN: strings.Join(lacks, " or ")}
	one := found[first]
	one.Code, one.Span, one.Related = "language_not_declared", n.Span, nil
	if key := n.Key(); key != nil {
		one.Span = key.Span
	}
	one.Message = diagnostic.Textf("文字都是 %[1]s，没有 %[2]s，而规则书没有写是哪些语言", "the wording is in %[1]s, nowhere in %[3]s, and the rulebook does not say its languages", is, not.ZH, not.EN)
	one.Remedy = diagnostic.Textf("在 rulebook 下写 languages: [%[1]s]；也要 %[2]s 的，每处都补上", "write languages: [%[1]s] under rulebook; where %[3]s is wanted as well, add it everywhere", is, not.ZH, not.EN)
	rest := slices.DeleteFunc(slices.Clone(found), isOfOne)
	rest = append(rest, one)
	rest.Sort()
	return rest
}

// isWorded reports whether something below n is worded in a language.
func isWorded(n *source.Node, lang string) bool {
	if n == nil {
		return false
	}
	return slices.ContainsFunc(n.Entries, func(e source.Entry) bool {
		return e.Key.Text == lang && e.Value.Kind == source.Scalar || isWorded(e.Value, lang)
	}) || slices.ContainsFunc(n.Items, func(x *source.Node) bool { return isWorded(x, lang) })
}

// onlyWording is a wording in the one language of the rulebook.
func (l *loader) onlyWording(n *source.Node) policy.Text {
	if !l.isScalar(n, policy.Text{ZH: "文字", EN: "wording"}) {
		return policy.Text{}
	}
	return diagnostic.TextIn(l.book.Languages, func(string) string { return n.Text })
}

// label reads the languages of a map that may hold other keys too.
func (l *loader) label(n *source.Node) policy.Text {
	wording := map[string]string{}
	for _, lang := range l.book.Languages {
		child := n.Get(lang)
		if child == nil {
			otherName := slices.ContainsFunc(n.Entries, func(e source.Entry) bool {
				meant := languageMeant(e.Key.Text)
				return meant == lang || meant != "" && n.Get(meant) != nil // cn beside zh is written for what is missing
			})
			if !otherName && !slices.Contains(l.meant[n], lang) { // else the key is reported
				l.failAt("missing_label", l.spanOf(n), diagnostic.Textf("缺少 %s 文字", "the %s wording is missing", lang), l.addLabel(lang))
			}
			continue
		}
		if child.Kind == source.Empty && child.Text == "" {
			l.failAt("value_expected", l.spanOfValue(child), diagnostic.Textf("%s 的文字是空的", "the %s wording is empty", lang),
				diagnostic.Textf("在 %s: 后写上文字", "write it behind %s:", lang))
		} else if l.isScalar(child, policy.Text{ZH: "文字", EN: "wording"}) {
			wording[lang] = child.Text
		}
	}
	return diagnostic.TextIn(l.book.Languages, func(lang string) string { return wording[lang] })
}

// addLabel says to write a label in a language.
func (l *loader) addLabel(lang string) policy.Text {
	switch {
	case slices.Equal(l.book.Languages, usualLanguages):
		return diagnostic.Textf("补上 %s: …，中英文都要有", "add %s: …; both languages are needed", lang)
	case len(l.book.Languages) == 1:
		return diagnostic.Textf("补上 %s: …", "add %s: …", lang)
	}
	return diagnostic.Textf("补上 %[1]s: …，规则书的语言是 %[2]s", "add %[1]s: …; the rulebook is in %[2]s", lang, strings.Join(l.book.Languages, ", "))
}

// inOwnLanguages is a wording of the engine's as one of the rulebook's.
func (l *loader) inOwnLanguages(t policy.Text) policy.Text { return t.InLanguages(l.book.Languages) }

// hasLabel reports whether a map has a label in any of the languages.
func (l *loader) hasLabel(n *source.Node) bool {
	return slices.ContainsFunc(l.book.Languages, func(lang string) bool { return n.Get(lang) != nil })
}

// labelledDay is withLabel of calendars and their days: they are taken over from
// files in Chinese and English, whatever the languages of the rulebook.
func (l *loader) labelledDay(keys ...string) []string {
	all := l.withLabel(keys...)
	for _, lang := range usualLanguages {
		if !slices.Contains(all, lang) {
			all = append(all, lang)
		}
	}
	return all
}

// offered are the keys that are told of where another stands: not languages that the
// rulebook is not in.
func (l *loader) offered(keys []string) []string {
	return slices.DeleteFunc(slices.Clone(keys), func(key string) bool {
		return slices.Contains(usualLanguages, key) && !slices.Contains(l.book.Languages, key)
	})
}

// keysOf are the keys of rules of a form, with the languages of the rulebook in
// the place of the usual ones.
func (l *loader) keysOf(f *policy.Form) []string {
	var keys []string
	for _, key := range f.Keys() {
		switch {
		case key == usualLanguages[0]:
			keys = append(keys, l.book.Languages...)
		case !slices.Contains(usualLanguages, key):
			keys = append(keys, key)
		}
	}
	return keys
}

// isWordingKey reports whether wording stands under a key: a language, or what
// holds nothing but wording and is the text alone in a rulebook of one language.
func isWordingKey(b *checked.Book, key string) bool {
	return slices.Contains(b.Languages, key) || slices.Contains([]string{"note", "title", "text", "asks", "why", "decides_nothing"}, key)
}
