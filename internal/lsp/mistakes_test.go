package lsp_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook/internal/load"
	"github.com/servicerules/rulebook/internal/testsize"
)

// mistakes are careless edits of rules.yaml: what is found, what it is shown
// at, and whether its remedy can be followed by one click.
var mistakes = []struct {
	name, find, write string
	code, token       string
	fixed             bool
}{
	{"full-width comma", "    urban: {zh: 城区, en: urban}", "    urban: {zh: 城区，en: urban}", "yaml_syntax", "，", true},
	{"full-width braces", "{zh: 来访, en: visit}", "｛zh: 来访, en: visit｝", "yaml_syntax", "｛", true},
	{"quotation mark not closed", "{zh: 电话, en: phone}", `{zh: 电话, en: "phone}`, "yaml_syntax", `"`, true},
	{"full-width dashes in a date", "in_force: {from: 2011-05-20}", "in_force: {from: 2011－05－20}", "not_a_date", "2011－05－20", true},
	{"Chinese for and", `request.kind == "install" and request.area_type == "urban"`, `request.kind == "install" 且 request.area_type == "urban"`, "expression_syntax", "且", true},
	{"full-width sign", "when: len(to_supplement.value) > 0\n", "when: len(to_supplement.value) ＞ 0\n", "expression_syntax", "＞", true},
	{"misspelt word", `request.kind == "install" and request.area_type == "urban"`, `request.kind == "instal" and request.area_type == "urban"`, "unknown_word", `"instal"`, true},
	{"misspelt fact", `request.kind == "install" and request.area_type == "urban"`, `request.kimd == "install" and request.area_type == "urban"`, "unknown_fact", "kimd", true},
	{"misspelt function", "date_of(submitted_at), 5)", "dateof(submitted_at), 5)", "unknown_function", "dateof", true},
	{"misspelt reading", "by: first_inquiry.notice_time", "by: first_inquiry.notice_tme", "unknown_reading", "first_inquiry.notice_tme", true},
	{"misspelt option", "on_the_spot: submitted_at != null", "on_the_sport: submitted_at != null", "unknown_option", "on_the_sport", true},
	{"misspelt unit", "within: 5 working days", "within: 5 workdays", "unknown_unit", "workdays", true},
	{"key in Chinese", "            within: 5 working days", "            时限: 5 working days", "unknown_key", "时限", true},
	{"misspelt nature", "nature: purpose", "nature: purpos", "unknown_nature", "purpos", true},
	{"misspelt calendar", "base: state_council\n    makeup", "base: state_concil\n    makeup", "unknown_calendar", "state_concil", true},
	{"equals sign", `request.kind == "install" and request.area_type == "urban"`, `request.kind = "install" and request.area_type == "urban"`, "unsupported_syntax", "=", true},
	{"fact that the question does not take", "    facts: [contact, staff_present, matter]", "    facts: [contact, staff_present]", "fact_not_taken", "own_action", true},
	{"key twice", "    nature: purpose\n", "    nature: purpose\n        nature: purpose\n", "duplicate_key", "nature", true},
	{"stray character before a key", "            part_of: request_clock\n", "            1part_of: request_clock\n", "unknown_key", "1part_of", true},
	{"wording missing", "{zh: 来访, en: visit}", "{en: visit}", "missing_label", "", false},
}

// Each mistake is found while the text is not saved, at its place, and where
// there is a remedy it leads to a file that loads.
func TestMistakesAsOneTypes(t *testing.T) {
	const path = "/book/rules.yaml"
	sound := rulesFile(t)
	c := start(t, "zh-CN", files{path: sound})
	c.open(path, sound)
	assert.Empty(t, c.findings(path))
	for i, m := range mistakes {
		if i%testsize.Pick(6, 2, 1) > 0 {
			continue
		}
		t.Run(m.name, func(t *testing.T) {
			c.t = t
			at := strings.Index(sound, m.find)
			require.GreaterOrEqual(t, at, 0, "rules.yaml has changed: find another place for this mistake")
			wrong := sound[:at] + m.write + sound[at+len(m.find):]
			c.write(path, wrong)
			found := c.findings(path)
			require.NotEmpty(t, found)
			assert.Equal(t, m.code, found[0].Code)
			assert.Equal(t, 1, found[0].Severity)
			assert.Regexp(t, `\p{Han}.*\n→ .*`, found[0].Message, "in Chinese, with a remedy")
			if m.token != "" {
				assert.Contains(t, under(wrong, found[0].Range), m.token)
				assert.LessOrEqual(t, len(under(wrong, found[0].Range)), len(m.token)+4)
			}
			var actions []struct {
				Title       string `json:"title"`
				IsPreferred bool   `json:"isPreferred"`
				Edit        struct {
					Changes map[string][]edit `json:"changes"`
				} `json:"edit"`
			}
			c.ask("textDocument/codeAction", map[string]any{"textDocument": map[string]any{"uri": uri(path)}, "range": found[0].Range, "context": map[string]any{"diagnostics": found[:1]}}, &actions)
			require.Equal(t, m.fixed, len(actions) > 0, "%+v", found[0])
			for _, a := range actions[:min(1, len(actions))] {
				mended := applied(wrong, a.Edit.Changes[uri(path)])
				book, left := load.Parse("", []byte(mended))
				assert.NotNil(t, book, "%s: %v", a.Title, left)
				assert.Regexp(t, `\p{Han}`, a.Title)
			}
		})
	}
	c.t = t
	c.write(path, sound)
	assert.Empty(t, c.findings(path))
}
