package load

import (
	"slices"
	"strings"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/policy"
)

// onlyKeys reports keys of a map that are not in the list. What stands under
// one is not read, and its names count as broken.
func (l *loader) onlyKeys(n *source.Node, keys ...string) {
	l.checkMarks(n, keys)
	for i, e := range n.Entries {
		if slices.Contains(keys, e.Key.Text) {
			continue
		}
		if l.full() {
			return
		}
		l.unknown[e.Key] = true
		if l.cutNumber(n, i) || l.otherLanguage(e.Key, e.Value, keys) || l.otherWording(n, e, keys) {
			continue
		}
		offered := l.offered(keys)
		near, remedy := diagnostic.Nearest(e.Key.Text, offered), diagnostic.OneOf(e.Key.Text, offered)
		if key := otherWords[e.Key.Text]; slices.Contains(keys, key) {
			near, remedy = key, diagnostic.OneOfNear(key, offered)
		}
		if lang := languageMeant(e.Key.Text); slices.Contains(keys, lang) {
			near, remedy = lang, diagnostic.Textf("写 %s", "write %s", lang)
		}
		if slices.Contains(l.book.Languages, near) && languageMeant(e.Key.Text) == "" && !isWords(e.Value) { // min: 0 is not en
			near, remedy = "", diagnostic.OneOfNear("", offered)
		}
		if lang := l.onlyLacking(n); near != "" && n.Get(near) != nil && slices.Contains(keys, lang) && languageMeant(e.Key.Text) != "" {
			near, remedy = lang, diagnostic.Textf("%[1]s 已经写了，缺的是 %[2]s：写 %[2]s", "%[1]s is given already, and %[2]s is missing: write %[2]s", near, lang)
		}
		if near != "" && n.Get(near) != nil {
			remedy = diagnostic.Textf("%s 已经写了：删去其中一个", "%s is given already: remove one of the two", near)
		}
		if e.Value.Kind == source.Empty && near == "" { // a comma within {…} has cut a text in two
			remedy = belongsBefore
		}
		if key, value, ok := strings.Cut(e.Key.Text, " "); ok && e.Value.Kind == source.Empty && slices.Contains(keys, key) {
			near, remedy = key, diagnostic.Textf("键后面少了冒号：写 %s: %s", "a key has a colon behind it: write %s: %s", key, strings.TrimSpace(value))
		}
		if key, part, ok := strings.Cut(e.Key.Text, "_"); ok && slices.Contains(parted[key], part) && slices.Contains(keys, key) && n.Get(key) == nil {
			if slices.Contains(l.meant[n], key) {
				continue // the part before it is told
			}
			near, remedy = key, diagnostic.Textf("写成 %s: {%s: …}", "write %s: {%s: …}", key, strings.Join(parted[key], ": …, "))
		}
		l.unknownKey(e.Key, remedy)
		l.refuse(e.Value)
		if near != "" {
			l.meant[n] = append(l.meant[n], near)
		}
	}
}

// belongsBefore is what may be wrong with a key of which there is no value.
var belongsBefore = diagnostic.Textf("如果它是前面文字的一部分：给整段文字加引号，或用全角逗号", "if it belongs to the text before it: quote the whole text")

// parted are keys with several parts below them, which people write as keys of their
// own: decided_by.
var parted = map[string][]string{"decided": {"by", "on"}}

// otherWording reports a title where languages stand by themselves, and languages by
// themselves where a title holds them: both ways of naming a thing there are.
func (l *loader) otherWording(n *source.Node, e source.Entry, keys []string) bool {
	languages := l.book.Languages
	given := func(key string) bool { return n.Get(key) != nil }
	allowed := func(key string) bool { return slices.Contains(keys, key) }
	switch {
	case e.Key.Text == "title" && !slices.ContainsFunc(languages, func(lang string) bool { return !allowed(lang) }):
		lacking := slices.DeleteFunc(slices.Clone(languages), given)
		remedy := diagnostic.Textf("去掉 title，把 %s 直接写在这里", "leave title out, and write its %s here", strings.Join(lacking, ", "))
		if len(lacking) == 0 {
			remedy = diagnostic.Textf("去掉 title：这里由 %s 说叫什么", "leave title out: %s say here what it is called", strings.Join(languages, ", "))
		}
		l.unknownKey(e.Key, remedy)
		l.meant[n] = append(l.meant[n], lacking...)
	case isLanguage(e.Key.Text) && !isKey(e.Key.Text) && isWords(e.Value) && allowed("title") && !given("title"):
		if slices.Contains(l.meant[n], "title") {
			return true // the language before it is told
		}
		l.unknownKey(e.Key, diagnostic.Textf("写在 title 里：title: %s", "write it within a title: title: %s", l.wordingShape("", "")))
		l.meant[n] = append(l.meant[n], "title")
	default:
		return false
	}
	return true
}

func (l *loader) unknownKey(key *source.Node, remedy policy.Text) {
	l.fail("unknown_key", key, diagnostic.Textf("这里没有名为 %q 的键", "there is no key %q here", key.Text), remedy)
}

// otherWords are words that people write for the keys of rules and calendars.
var otherWords = map[string]string{
	"期限": "within", "时限": "within", "限期": "within", "起算": "from", "开始": "from", "结束": "to", "截止": "due", "条件": "when", "日历": "calendar",
	"标题": "title", "条文": "text", "正文": "text", "性质": "nature", "备注": "note", "说明": "note", "条款": "article", "事实": "facts", "规则": "rules", "结论": "verdict",
	"类型": "type", "单位": "unit", "选项": "options", "金额": "amount", "生效": "in_force",
	"放假": "rest", "休息": "rest", "休假": "rest", "节假日": "rest", "假日": "rest", "上班": "work", "补班": "work", "调休": "work", "开放时间": "hours",
	"in": "within", "time_limit": "within", "starts": "from", "start": "from", "since": "from", "if": "when", "condition": "when",
	"holidays": "rest", "holiday": "rest", "days_off": "rest", "off": "rest", "workdays": "work", "working_days": "work", "worked": "work", "opening_hours": "hours",
}

// languageMeant is the key of a wording that other names of its language are
// meant for, or "".
func languageMeant(key string) string {
	switch strings.ToLower(strings.ReplaceAll(key, "_", "-")) {
	case "cn", "ch", "chs", "chn", "zh-cn", "zh-hans", "chinese", "中文", "汉语", "简体中文":
		return "zh"
	case "eng", "en-us", "en-gb", "english", "英文", "英语":
		return "en"
	}
	return ""
}

// onlyLacking is the language in which a wording alone is missing, or "".
func (l *loader) onlyLacking(n *source.Node) string {
	var lacks []string
	for _, lang := range l.book.Languages {
		if n.Get(lang) == nil {
			lacks = append(lacks, lang)
		}
	}
	if len(lacks) == 1 && len(l.book.Languages) > 1 {
		return lacks[0]
	}
	return ""
}

// cutNumber reports a number that a comma within {…} has cut in two, 2,000.
func (l *loader) cutNumber(n *source.Node, at int) bool {
	cut, is := checked.CutInMap(n, at)
	if !is {
		return false
	}
	message, remedy := cut.Told()
	l.cut = append(l.cut, cut.Span())
	l.failAt("unknown_key", cut.Span(), message, remedy)
	return true
}

// refuse notes the names below a node that is not read.
func (l *loader) refuse(n *source.Node) {
	for _, e := range n.Entries {
		l.broken[e.Key.Text] = true
		l.refuse(e.Value)
	}
}

func (l *loader) required(n *source.Node, key string) *source.Node {
	child := n.Get(key)
	if child == nil {
		l.missing(n, key, diagnostic.Textf("补上 %s: …", "add %s: …", key))
	}
	return child
}

// missing reports a key that a map lacks, unless a key was reported that was
// probably meant as it.
func (l *loader) missing(n *source.Node, key string, remedy policy.Text) {
	if !slices.Contains(l.meant[n], key) {
		l.failAt("missing_key", l.spanOf(n), diagnostic.Textf("缺少 %q", "%q is missing", key), remedy)
	}
}
