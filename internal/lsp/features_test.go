package lsp_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook/internal/load"
)

// completions are edits of rules.yaml, the place of the cursor marked by ‸, with
// some of what may be written there, what it is called, and what may not.
var completions = []struct {
	name, find, write string
	want, detail      string
	not               string
}{
	{"fields of a fact", `request.kind == "install" and request.area_type == "urban"`, `request.‸`, "area_type", "片区类别", "install_urban"},
	{"words of a fact", `request.kind == "install" and request.area_type == "urban"`, `request.kind == "‸"`, "install", "安装开通", "urban"},
	{"words that have begun", `request.kind == "install" and request.area_type == "urban"`, `request.area_type == "ur‸" and window`, "urban", "城区", "fault"},
	{"facts in a condition", `request.kind == "install" and request.area_type == "urban"`, `req‸`, "request", "办理事项", ""},
	{"functions", `when: len(to_supplement.value) > 0` + "\n            met: guidance_given", `when: wor‸`, "working_days_after", "working_days_after(date, n[, calendar])", ""},
	{"what a rule gives", `when: len(to_supplement.value) > 0` + "\n            met: guidance_given", `when: told_late.‸`, "value", "", "request"},
	{"fields of an element", `is: map(filter(provided, .valid_form), .name)`, `is: map(filter(provided, .‸`, "valid_form", "格式符合规定", "items"},
	{"what chooses", "by: first_inquiry.notice_time", "by: ‸", "first_inquiry.notice_time", "", "install_urban"},
	{"options of a reading", "by: first_inquiry.notice_time\n", "by: first_inquiry.notice_time\n              ‸\n", "on_the_spot", "", "urban"},
	{"option that is chosen", "    chosen: exclude\n", "    chosen: ‸\n", "include", "当天算第一天", "midnight"},
	{"units", "within: 5 working days", "within: 5 ‸", "个工作日", "单位", "working days"},
	{"units in English", "within: 5 working days", "within: 5 w‸", "working days", "单位", ""},
	{"keys of a rule", "            within: 5 working days", "            wi‸", "within", "多久", "type"},
	{"sections of an article", "        duties:\n          handle_own_matters:", "        ‸\n          handle_own_matters:", "checklists", "", "within"},
	{"natures", "nature: purpose", "nature: ‸", "presumption", "", ""},
	{"types of facts", "type: name}\n  department_head", "type: ‸}\n  department_head", "yes_no", "", "request"},
	{"lists of words", "words: contact_channel}", "words: ‸}", "contact_channel", "", "request"},
	{"rules of a question", "rules: [contact_counts, owner, owner_open, action, steps]", "rules: [contact_counts, ‸]", "owner_open", "首问责任人未定，须由人指定", "request"},
	{"facts of a question", "facts: [contact, staff_present, matter]", "facts: [contact, ‸]", "staff_present", "参与接触的员工", "install_urban"},
	{"article of a reading", "    article: time_limit/6\n    asks: {zh: 开始的当天", "    article: time_limit/‸\n    asks: {zh: 开始的当天", "time_limit/6", "安装、恢复与投诉答复", "request"},
	{"calendars", "    base: state_council\n    makeup", "    base: ‸\n    makeup", "monday_to_friday", "周一至周五", "request"},
	{"keys at the top", "\nmust:", "\n‸\nmust:", "readings", "读法", "within"},
	{"nothing in a comment", "# 规则书：", "# ‸规则书：", "", "", "request"},
}

// A completion is offered with what it is called, and leads to a text that has
// it, also where the file cannot be read at the moment.
func TestCompletions(t *testing.T) {
	const path = "/book/rules.yaml"
	sound := rulesFile(t)
	c := start(t, "zh", files{path: sound})
	c.open(path, sound)
	c.findings(path)
	for _, m := range completions {
		t.Run(m.name, func(t *testing.T) {
			c.t = t
			before := sound
			if m.name == "keys at the top" && !strings.Contains(sound, m.find) {
				before = strings.Replace(sound, "\nregulations:", m.find+"\nregulations:", 1)
			}
			at := strings.Index(before, m.find)
			require.GreaterOrEqual(t, at, 0, "rules.yaml has changed: find another place")
			text := before[:at] + m.write + before[at+len(m.find):]
			cursor := strings.Index(text, "‸")
			text = strings.Replace(text, "‸", "", 1)
			c.write(path, text)
			var list struct {
				Items []struct {
					Label, Detail string
					TextEdit      edit
				}
			}
			c.ask("textDocument/completion", map[string]any{"textDocument": map[string]any{"uri": uri(path)}, "position": placeOf(text, cursor)}, &list)
			var labels []string
			found := m.want == ""
			for _, i := range list.Items {
				labels = append(labels, i.Label)
				if i.Label != m.want {
					continue
				}
				found = true
				if m.detail != "" {
					assert.Contains(t, i.Detail, m.detail)
				}
				written := applied(text, []edit{i.TextEdit})
				assert.Contains(t, written, m.want)
				assert.Equal(t, i.TextEdit.Range.End, placeOf(text, cursor))
			}
			assert.True(t, found, "%s is not among %v", m.want, labels)
			assert.NotContains(t, labels, m.not)
		})
	}
}

// What stands at a place is told, in the language of the client; and where it
// is declared and used.
func TestHoverAndPlaces(t *testing.T) {
	const path = "/book/rules.yaml"
	text := rulesFile(t)
	for locale, wants := range map[string]map[string][]string{
		"zh-CN": {
			`request.kind == "install"`: {"事项类型", "`install` 安装开通"}, "by: first_inquiry.notice_time": {"**✓** `", "现行所选"},
			"install_urban:": {"城区", "time_limit/6", "within: 5 working days", "2026-03-01"}, "working_days_after(": {"之后第 n 个工作日", "2026-01-05"}, "governed_by:": {"适用哪一天的版本"},
		},
		"en-GB": {`request.kind == "install"`: {"kind of request", "`install` installation"}, "install_urban:": {"as in force on 2026-03-01"}, "governed_by:": {"which day's edition"}},
	} {
		c := start(t, locale, files{path: text})
		c.open(path, text)
		for mark, parts := range wants {
			var h struct {
				Contents struct{ Kind, Value string }
				Range    stretch
			}
			offset := strings.LastIndexAny(strings.TrimRight(mark, ":("), ". ") + 2
			if strings.HasPrefix(mark, "request") {
				offset = len("request.k")
			}
			c.ask("textDocument/hover", at(path, text, mark, offset), &h)
			assert.Equal(t, "markdown", h.Contents.Kind)
			for _, part := range parts {
				assert.Contains(t, h.Contents.Value, part, mark)
			}
		}
		var to struct {
			URI   string
			Range stretch
		}
		c.ask("textDocument/definition", at(path, text, `request.kind == "install"`, 9), &to)
		assert.Equal(t, "kind", under(text, to.Range))
		assert.Contains(t, text[offsetOf(text, to.Range.Start):], "kind: {zh: 事项类型")
		var uses []struct{ Range stretch }
		c.ask("textDocument/references", with(at(path, text, `request.kind == "install"`, 9), "context", map[string]any{"includeDeclaration": true}), &uses)
		assert.Greater(t, len(uses), 10)
		for _, u := range uses {
			assert.Equal(t, "kind", under(text, u.Range))
		}
		var outline []struct {
			Name     string
			Children []struct {
				Name, Detail string
				Children     []struct {
					Name, Detail string
					Children     []struct{ Name, Detail string }
				}
			}
		}
		c.ask("textDocument/documentSymbol", map[string]any{"textDocument": map[string]any{"uri": uri(path)}}, &outline)
		i := slices.IndexFunc(outline, func(x struct {
			Name     string
			Children []struct {
				Name, Detail string
				Children     []struct {
					Name, Detail string
					Children     []struct{ Name, Detail string }
				}
			}
		}) bool {
			return x.Name == "regulations"
		})
		require.GreaterOrEqual(t, i, 0)
		assert.Contains(t, fmt.Sprint(outline[i].Children), "time_limit/6")
		assert.Contains(t, fmt.Sprint(outline[i].Children), "install_urban")
	}
}

func with(params map[string]any, key string, value any) map[string]any {
	params[key] = value
	return params
}

// A new name is written everywhere, or the change is refused as a whole.
func TestRename(t *testing.T) {
	const path = "/book/rules.yaml"
	text := rulesFile(t)
	c := start(t, "zh", files{path: text})
	c.open(path, text)
	for mark, name := range map[string]string{
		`kind == "install" and`: "sort", "first_inquiry.notice_time:": "first_inquiry.when_told", "install_urban:": "install_city",
		"told_late:": "came_late", "valid_form:": "good_form", "contact_channel:": "way_of_contact",
	} {
		var w struct{ Changes map[string][]edit }
		c.ask("textDocument/rename", with(at(path, text, mark, 1), "newName", name), &w)
		renamed := applied(text, w.Changes[uri(path)])
		book, found := load.Parse("", []byte(renamed))
		assert.NotNil(t, book, "%s: %v", mark, found)
		assert.Contains(t, renamed, name)
	}
	for mark, name := range map[string]string{"staff_present:": "present", "valid_form:": "Good Form"} {
		r := c.request("textDocument/rename", with(at(path, text, mark, 1), "newName", name))
		require.NotNil(t, r.Error, "%s → %s", mark, name)
		assert.Regexp(t, `\p{Han}.* → `, r.Error.Message)
	}
}

const (
	bookMain  = "rulebook: {id: kiosk, title: {zh: 小卖部😀, en: Kiosk}, zone: UTC, in_force: {from: 2020-01-01}}\r\ninclude: [words.yaml]\r\nfacts: {cup: {zh: 杯😀, en: cup, type: word, words: size}}\r\nquestions:\r\n  cup: {zh: 杯, en: cup, facts: [cup], rules: [small_cup], verdict: {is: cup, words: size}, values: {}}\r\nregulations:\r\n  rules:\r\n    zh: 规则\r\n    en: Rules\r\n    articles:\r\n      \"1\":\r\n        nature: duty\r\n        title: {zh: 杯, en: Cups}\r\n        text: {zh: 用小杯, en: cups are small}\r\n        duties: {small_cup: {zh: \"小杯😀𠮷\", en: a small cup, met: cup == \"small\", breach: too_big}}\r\n"
	bookWords = "words: {size: {small: {zh: 小, en: small}, large: {zh: 大, en: large}}, breach: {too_big: {zh: 过大, en: too big}}}\n"
	bookCases = "cases:\n- {name: 小杯😀, question: cup, facts: {cup: small}, expect: {verdict: small, breaches: []}}\n- name: 大杯\n  question: cup\n  facts: {cup: large}\n  expect:\n    verdict: small\n    breaches: [rules/1#too_big]\n"
)

// Two files of a book are open, one of them not saved: findings are in the file
// that they are about, with the places of emoji, rare characters and CRLF.
func TestSeveralFiles(t *testing.T) {
	const main, words = "/book/rules.yaml", "/book/words.yaml"
	c := start(t, "zh", files{main: bookMain, words: bookWords})
	c.open(words, bookWords)
	assert.Empty(t, c.findings(words), "the book around it is found")
	c.open(main, bookMain)
	assert.Empty(t, errorsAmong(c.findings(main)))

	unsaved := strings.Replace(bookWords, "small: {zh", "tiny: {zh", 1)
	c.write(words, unsaved)
	var found []finding
	for len(found) == 0 {
		found = errorsAmong(c.findings(main))
	}
	assert.Equal(t, "unknown_word", found[0].Code)
	assert.Contains(t, under(bookMain, found[0].Range), "small")

	var to struct{ URI string }
	c.write(words, bookWords)
	c.ask("textDocument/definition", at(main, bookMain, `"small"`, 2), &to)
	assert.Equal(t, uri(words), to.URI)
	var w struct{ Changes map[string][]edit }
	c.ask("textDocument/rename", with(at(main, bookMain, `"small"`, 2), "newName", "little"), &w)
	assert.Len(t, w.Changes, 2)
	assert.Contains(t, applied(bookMain, w.Changes[uri(main)]), `met: cup == "little", breach`)

	// A part of the file behind an emoji is changed.
	at := strings.Index(bookMain, "small cup")
	c.typeIn(main, stretch{placeOf(bookMain, at), placeOf(bookMain, at+len("small"))}, "小")
	for !slices.ContainsFunc(found, func(f finding) bool { return f.Code == "label_language" }) {
		found = c.findings(main)
	}
	c.tell("textDocument/didClose", map[string]any{"textDocument": map[string]any{"uri": uri(main)}})
	for {
		var p published
		require.NoError(t, json.Unmarshal(c.notification("textDocument/publishDiagnostics").Params, &p))
		if p.URI == uri(main) && len(p.Diagnostics) == 0 {
			break // what is not saved is forgotten
		}
	}
}

// Cases run from the line above them, against rules that are not saved.
func TestCases(t *testing.T) {
	const main, words, cases = "/book/rules.yaml", "/book/words.yaml", "/book/cases/cup.yaml"
	c := start(t, "zh", files{main: bookMain, words: bookWords})
	c.open(cases, bookCases)
	assert.Empty(t, c.findings(cases))
	lenses := func() (titles []string, commands []map[string]any) {
		var all []struct {
			Range   stretch
			Command map[string]any
		}
		c.ask("textDocument/codeLens", map[string]any{"textDocument": map[string]any{"uri": uri(cases)}}, &all)
		for _, l := range all {
			titles, commands = append(titles, l.Command["title"].(string)), append(commands, l.Command)
		}
		return titles, commands
	}
	titles, commands := lenses()
	assert.Equal(t, []string{"▶ 全部试跑（2 个）", "▶ 试跑", "▶ 试跑"}, titles)
	run := func(command map[string]any) (sum struct{ Passed, Failed int }) {
		c.ask("workspace/executeCommand", map[string]any{"command": command["command"], "arguments": command["arguments"]}, &sum)
		return sum
	}
	sum := run(commands[0])
	assert.Equal(t, 1, sum.Passed)
	assert.Equal(t, 1, sum.Failed)
	titles, _ = lenses()
	assert.Equal(t, []string{"▶ 全部试跑（2 个）", "▶ 试跑  ✓ 通过", "▶ 试跑  ✗ 1 处不符"}, titles)
	found := c.findings(cases)
	require.Len(t, found, 1)
	assert.Equal(t, "case_failed", found[0].Code)
	assert.Equal(t, "small", under(bookCases, found[0].Range))

	c.open(main, strings.Replace(bookMain, "is: cup", "is: '\"small\"'", 1))
	assert.Equal(t, 1, run(commands[2]).Passed, "the rules as they are in the editor")

	c.write(cases, "cases:\n- {name: x, qestion: cup}\n")
	found = c.findings(cases)
	require.NotEmpty(t, found)
	assert.True(t, slices.ContainsFunc(found, func(f finding) bool { return f.Code == "unknown_key" && strings.Contains(f.Message, "qestion") }), "%+v", found)
}

// slowCase is a case about changed rules, which take a while to load.
const slowCase = "changes: {'readings.\"ladder.hall_boundary\".chosen': ge3}\ncases:\n- {name: x, question: %s, facts: {}, expect: {verdict: small}}\n"

// While cases run, other messages are handled. What comes of cases that have
// been changed meanwhile is not shown.
func TestCasesRunBeside(t *testing.T) {
	const main, cases = "/book/rules.yaml", "/book/cases/x.yaml"
	text := fmt.Sprintf(slowCase, "a")
	c := start(t, "en", files{main: rulesFile(t)})
	c.open(cases, text)
	c.findings(cases)
	run := func(id int) {
		c.send(fmt.Sprintf(`{"jsonrpc":"2.0","id":%d,"method":"workspace/executeCommand","params":{"command":"rulebook.runCases","arguments":[%q,-1]}}`, id, uri(cases)))
	}
	answer := func(id int) reply {
		is := func(r reply) bool { return r.ID != nil && *r.ID == id && r.Method == "" }
		if i := slices.IndexFunc(c.unread, is); i >= 0 { // before the answer to something else
			return c.unread[i]
		}
		for {
			if r := c.receive(); is(r) {
				return r
			}
		}
	}
	run(1000)
	c.write(cases, fmt.Sprintf(slowCase, "b"))
	c.ask("textDocument/codeLens", map[string]any{"textDocument": map[string]any{"uri": uri(cases)}}, nil)
	changed := answer(1000)
	require.NotNil(t, changed.Error, "the change was heard of while the case ran")
	assert.Equal(t, -32801, changed.Error.Code)

	// The end of the session ends them.
	run(1001)
	c.ask("shutdown", nil, nil)
	c.tell("exit", nil)
	ended := answer(1001)
	require.NotNil(t, ended.Error)
	assert.Contains(t, ended.Error.Message, "canceled")
	assert.NoError(t, <-c.ended)
}

// What is no message of the protocol ends nothing but itself.
func TestMalformedMessages(t *testing.T) {
	c := start(t, "en", files{})
	c.send("{")
	assert.Equal(t, -32700, c.receive().Error.Code)
	for _, body := range []string{`[]`, `{"jsonrpc":"2.0","id":1}`, `"x"`, `null`} {
		c.send(body)
	}
	for method, code := range map[string]int{"initialize": -32600, "nothing/like/it": -32601} {
		assert.Equal(t, code, c.request(method, map[string]any{}).Error.Code)
	}
	for _, method := range []string{"textDocument/hover", "textDocument/completion", "textDocument/rename", "textDocument/codeAction", "textDocument/codeLens", "workspace/executeCommand", "textDocument/didOpen", "textDocument/didChange"} {
		for _, params := range []any{nil, []int{1}, map[string]any{"textDocument": map[string]any{"uri": "file:///none.yaml"}, "position": place{-5, 1 << 30}}, map[string]any{"position": "x"}} {
			c.request(method, params)
		}
	}
	c.ask("shutdown", nil, nil)
	assert.Equal(t, -32600, c.request("textDocument/hover", map[string]any{}).Error.Code)
	c.tell("exit", nil)
	assert.NoError(t, <-c.ended)
}
