package plainwords

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/condition"
	"github.com/servicerules/rulebook/internal/forms"
	"github.com/servicerules/rulebook/internal/load"
	"github.com/servicerules/rulebook/policy"
)

func parsed(t *testing.T, name string) *checked.Book {
	data, err := os.ReadFile(name)
	require.NoError(t, err)
	b, found := load.Parse(name, data)
	require.NotNil(t, b, found)
	return b
}

// Every key, option and function has words of its own; a new one fails here.
func TestEverythingHasWords(t *testing.T) {
	for _, form := range forms.All() {
		assert.Contains(t, sentences, form.Name)
		var walk func(fields []policy.Field)
		walk = func(fields []policy.Field) {
			for _, f := range fields {
				for _, w := range f.Words {
					assert.NotEmpty(t, firstOf(form.Name+"."+f.Name+"="+w, f.Name+"="+w, w), "%s.%s: %s", form.Name, f.Name, w)
				}
				walk(f.Fields)
			}
		}
		walk(form.Fields)
		for _, f := range form.Fields {
			_, own := fieldLabels[form.Name+"."+f.Name]
			_, all := fieldLabels[f.Name]
			assert.True(t, own || all, "%s.%s", form.Name, f.Name)
		}
	}
	for _, f := range condition.Functions() {
		_, own := calls[f.Name]
		assert.True(t, own || f.Name == "joined" || !f.Told.IsZero() || !f.ToldAll.IsZero(), f.Name)
	}
}

// No sentence of any book has something of the rules file's syntax in it.
func TestNoSyntaxIsLeft(t *testing.T) {
	for _, name := range []string{"rules.yaml", "examples/rulebooks/cloud-sla.yaml", "examples/rulebooks/gdpr.yaml", "examples/rulebooks/ofcom.yaml", "examples/rulebooks/service-desk.yaml", "examples/rulebooks/support-contract.yaml", "examples/rulebooks/time-limits.yaml"} {
		b := parsed(t, "../../"+name)
		for _, lang := range []string{"zh", "en"} {
			s := New(b, lang)
			for _, r := range b.AllRules {
				told := s.Rule(r)
				assert.NotEmpty(t, told.Says, r.ID)
				for _, text := range textsOf(told) {
					for _, leak := range []string{"==", "!=", "%!", " == ", "?", "{", "[.", "&&", ".value", "的的"} {
						assert.NotContains(t, text, leak, "%s: %s", r.ID, text)
					}
				}
			}
		}
	}
}

func textsOf(x Told) []string {
	var all []string
	for _, b := range x.Says {
		all = append(all, b.String())
	}
	for _, l := range x.Lines {
		all = append(all, l.Block.String())
	}
	for _, c := range x.Choices {
		for _, o := range c.Options {
			all = append(all, o.Block.String())
		}
	}
	for _, tb := range x.Tables {
		for _, row := range tb.Rows {
			for _, cell := range row {
				all = append(all, cell.String())
			}
		}
	}
	return all
}

func TestRules(t *testing.T) {
	b := parsed(t, "../../rules.yaml")
	zh, en := New(b, "zh"), New(b, "en")
	for rule, want := range map[string][2]string{
		"install_urban":   {"自申请的起算时刻起 5 个工作日内；首日不计［读法］，末日至 24:00［读法］。", "Within 5 working days of start of an application; the first day does not count[reading], the last day ends at 24:00[reading]."},
		"fault_major":     {"自受理时间起 72 小时内；小时连续计，夜间和休息日都算［读法］。", "Within 72 hours of request: received; hours run on, through nights and days off[reading]."},
		"guidance":        {"须做到：已指导补正。", "It must be so: helped with supplementing."},
		"fault_found":     {"须符合：主观过错不是无过错。", "It holds where fault is not no fault."},
		"complaint_fine":  {"按适用的层级和第几次定金额。", "The amount goes by tier that applies, and by which occurrence it is."},
		"retention_rate":  {"即（期初户数 − 流失户数）÷ 期初户数。", "It is (households at the start − households lost) ÷ households at the start."},
		"complaint_rate":  {"分公司记录的投诉电话数［读法］［读法］÷ 月末户数［读法］，须低于 0.1%（不含）。", ""},
		"expedite":        {"即急办。", "It is expedite."},
		"change_reported": {"须全部做到：综合部办公室、传输监控中心（看已报送的部门）。", ""},
	} {
		assert.Equal(t, want[0], zh.Rule(b.RulesByName[rule]).Says[0].String(), rule)
		if want[1] != "" {
			assert.Equal(t, want[1], en.Rule(b.RulesByName[rule]).Says[0].String(), rule)
		}
	}
	limit := zh.Rule(b.RulesByName["install_urban"])
	require.Len(t, limit.Choices, 1)
	assert.Equal(t, "time_limit.rural", limit.Choices[0].Reading.Key)
	assert.True(t, limit.Choices[0].Options[0].Chosen)
	assert.Equal(t, "事项类型为安装开通，且装机地址类别为城区", limit.Choices[0].Options[1].Block.String())
	ladder := zh.Rule(b.RulesByName["complaint_fine"])
	require.Len(t, ladder.Tables, 1)
	assert.Equal(t, "营业部", ladder.Tables[0].Rows[0][0].String())
	assert.Equal(t, "第 4［读法］次起", ladder.Tables[0].Rows[1][1].String())
}

func TestQuantity(t *testing.T) {
	assert.Equal(t, policy.Text{ZH: "5个工作日", EN: "5 working days"}, Quantity("5 working days"))
	assert.Equal(t, policy.Text{ZH: "1个营业小时至 2周", EN: "1 opening hour至 2 weeks"}, Quantity("1 opening hour至 2 weeks"))
}

func TestSpaced(t *testing.T) {
	for text, want := range map[string]string{"自 受理 起5个": "自受理起 5 个", "至 24:00 止": "至 24:00 止", "（ 3 ）": "（3）", "ab cd": "ab cd"} {
		assert.Equal(t, want, spaced(plain(text)).String())
	}
	assert.Equal(t, "第 4 次", spaced(Phrase{{Text: "第"}, {Text: "4", Kind: Number}, {Text: "次"}}).String())
	assert.Equal(t, strings.Repeat("长", 9), spaced(plain(strings.Repeat("长 ", 9))).String())
}

// lines are what stands under the labels of a rule.
func linesOf(x Told) map[string]string {
	all := map[string]string{}
	for _, l := range x.Lines {
		all[l.Field] = l.Block.String()
	}
	return all
}

// What a fact decides is said to be open: the direction and the unit of a limit.
func TestLimitThatFactsDecide(t *testing.T) {
	b := parsed(t, "../../examples/rulebooks/time-limits.yaml")
	zh, en := New(b, "zh"), New(b, "en")
	rule := b.RulesByName["from_day"]
	assert.Equal(t, "自起算日起算几个单位（向前或向后，看方向）。", zh.Rule(rule).Says[0].String())
	assert.Equal(t, "The limit is how many × unit, counted from day of the start (after or before it, by direction).", en.Rule(rule).Says[0].String())
	clock := linesOf(zh.Rule(b.RulesByName["limit"]))
	assert.Equal(t, "按事实“日历”", clock["calendar"], "what is called as its field is")
	assert.Equal(t, "as the fact “direction” says", linesOf(en.Rule(b.RulesByName["limit"]))["direction"])
}

// A unit is said once, by the function or beside the number.
func TestUnitsOnce(t *testing.T) {
	desk, cloud := parsed(t, "../../examples/rulebooks/service-desk.yaml"), parsed(t, "../../examples/rulebooks/cloud-sla.yaml")
	assert.Equal(t, "即解决时间的日期之后 5 个工作日［读法］。", New(desk, "zh").Rule(desk.RulesByName["report_day"]).Says[0].String())
	assert.Equal(t, "It is 5 working days after the date of resolved[reading].", New(desk, "en").Rule(desk.RulesByName["report_day"]).Says[0].String())
	assert.Equal(t, "即维护窗口中符合“开始 − 公告时间不少于 72 小时”的［读法］。", New(cloud, "zh").Rule(cloud.RulesByName["windows"]).Says[0].String())
}

// A reading that chooses no condition of when a rule applies has it apply always.
func TestNoConditionIsAlways(t *testing.T) {
	b := parsed(t, "../../examples/rulebooks/service-desk.yaml")
	for lang, want := range map[string][2]string{"zh": {"总是", "从不"}, "en": {"always", "never"}} {
		choices := New(b, lang).Rule(b.RulesByName["claimed_in_time"]).Choices
		require.Len(t, choices, 2)
		assert.Equal(t, want[0], choices[1].Options[0].Block.String())
		assert.Equal(t, want[1], choices[1].Options[1].Block.String())
	}
	ofcom := parsed(t, "../../examples/rulebooks/ofcom.yaml")
	choices := New(ofcom, "zh").Rule(ofcom.RulesByName["start_pay"]).Choices
	assert.Equal(t, "不设", choices[0].Options[1].Block.String(), "of other fields it is that there is none")
}

// What asks is said as a statement, where it is a condition or what a figure shows.
func TestQuestionsAsStatements(t *testing.T) {
	desk := parsed(t, "../../examples/rulebooks/service-desk.yaml")
	for _, r := range desk.AllRules {
		for _, says := range New(desk, "zh").Rule(r).Says {
			assert.NotContains(t, says.String(), "是否须由人决定", r.Name)
		}
	}
	x := &teller{Speaker: New(desk, "zh")}
	for asked, want := range map[string]string{"是否到场": "到场", "投诉应否计罚": "投诉应计罚", "能否延期": "能延期", "可否延期": "可延期", "有无异议": "有异议", "whether it is late": "it is late"} {
		assert.Equal(t, want, x.stated(plain(asked)).String())
	}
	for part, want := range map[string]string{"是否违反": "违反按时提交", "是否齐备": "按时提交齐备"} {
		assert.Equal(t, want, x.stated(Phrase{{Text: "按时提交", Kind: Rule}, {Text: "的"}, {Text: part}}).String())
	}
	b := parsed(t, "../../rules.yaml")
	for _, src := range []string{"complaint_accountable.value == false", "complaint_accountable.value != true", "false == complaint_accountable.value"} {
		assert.Equal(t, "并非“投诉应计罚”", New(b, "zh").of(b.AllRules[0]).demands(src).String(), src)
	}
}

// What people must type stands as it must be typed.
func TestTypedWords(t *testing.T) {
	b := parsed(t, "../../rules.yaml")
	zh := New(b, "zh").Rule(b.RulesByName["at_parent"]).Says[0]
	assert.Equal(t, "接收投诉的单位为以下之一：parent_company、city_company、provincial_company，则为“是”。", zh.String())
	assert.Contains(t, zh.Phrase, Span{Text: "parent_company", Kind: Code})
}

// Fields are named in words in lists of lists too, with the record that is nearest
// where a label alone could be another's.
func TestFieldsOfNestedRecords(t *testing.T) {
	contract, desk, b := parsed(t, "../../examples/rulebooks/support-contract.yaml"), parsed(t, "../../examples/rulebooks/service-desk.yaml"), parsed(t, "../../rules.yaml")
	for _, rule := range []string{"waiting", "waiting_in_month"} {
		assert.Equal(t, "在等客户的每一段里，自“开始”至“结束”，时钟不走。", New(contract, "zh").Rule(contract.RulesByName[rule]).Says[0].String())
		assert.Equal(t, "For each of waiting for the customer, from its “from” to its “to”, the clock stands still.", New(contract, "en").Rule(contract.RulesByName[rule]).Says[0].String())
	}
	assert.Contains(t, New(contract, "zh").Rule(contract.RulesByName["reached"]).Says[0].String(), "解决的期限用去 50% 的时刻", "an alert is told by when it comes")
	extension := desk.AllRules[slices.IndexFunc(desk.AllRules, func(r *checked.Rule) bool { return r.Form.Name == "extension" })]
	assert.Equal(t, "约定延期·结果为同意", linesOf(New(desk, "zh").Rule(extension))["approved"], "the record in a record, not the outer one")
	assert.Contains(t, linesOf(New(b, "zh").Rule(b.RulesByName["acts"]))["fields"], "日期不晚于本次行为·日期", "beside the field of an element")
}

// A circumstance moves by as many steps as it says, up, down, or as a reading has it.
func TestStepsOfCircumstances(t *testing.T) {
	data, err := os.ReadFile("../../examples/rulebooks/service-desk.yaml")
	require.NoError(t, err)
	for from, want := range map[string][2]string{
		"direction: aggravating":            {"从重情节，升 1 档。", "An aggravating circumstance: 1 step up."},
		"direction: aggravating, weight: 2": {"从重情节，升 2 档。", "An aggravating circumstance: 2 steps up."},
		"direction: mitigating, weight: 10": {"从轻情节，降 10 档。", "A mitigating circumstance: 10 steps down."},
		"direction: {by: credits.combine, net_sum: aggravating, strongest: mitigating, manual_on_conflict: mitigating}": {"情节，升或降 1 档，看作用。", "A circumstance of 1 step, up or down by its effect."},
	} {
		text := strings.Replace(string(data), "part_of: weighed, direction: aggravating", "part_of: weighed, "+from, 1)
		b, found := load.Parse("service-desk.yaml", []byte(text))
		require.NotNil(t, b, found)
		factor := b.AllRules[slices.IndexFunc(b.AllRules, func(r *checked.Rule) bool { return r.Form.Name == "factor" })]
		assert.Equal(t, want[0], New(b, "zh").Rule(factor).Says[0].String())
		assert.Equal(t, want[1], New(b, "en").Rule(factor).Says[0].String())
	}
}

// Each level of a ladder says how earlier ones are priced; and what an accrual
// counts at its ends is said also where nothing is written.
func TestWhatIsWrittenForEachLevelAndWhatIsNotWritten(t *testing.T) {
	b, desk, ofcom := parsed(t, "../../rules.yaml"), parsed(t, "../../examples/rulebooks/service-desk.yaml"), parsed(t, "../../examples/rulebooks/ofcom.yaml")
	ladder := linesOf(New(b, "zh").Rule(b.RulesByName["complaint_fine"]))
	assert.Equal(t, "\n  营业部：不补收［读法］\n  分公司：不补收", ladder["repricing"], "the highest level has one row")
	assert.Equal(t, "计次期内此前次数", ladder["earlier"])
	assert.Equal(t, "不补收［读法］", linesOf(New(desk, "zh").Rule(desk.RulesByName["credit_ladder"]))["repricing"], "the same for all levels")
	pay := New(ofcom, "zh").Rule(ofcom.RulesByName["start_pay"])
	assert.Equal(t, [3]string{"每天计一份，每份的数额如下。", "计一整天", "不计"}, [3]string{pay.Says[0].String(), linesOf(pay)["first"], linesOf(pay)["last"]})
	assert.Equal(t, "计一整天", linesOf(New(ofcom, "zh").Rule(ofcom.RulesByName["visits_pay"]))["last"])
}

// What an option leaves open is called by its kind, and a mark of a reading stands
// before the colon of a list.
func TestOpenParametersAndMarks(t *testing.T) {
	b := parsed(t, "../../rules.yaml")
	all := ""
	for _, r := range b.AllRules {
		all += strings.Join(textsOf(New(b, "zh").Rule(r)), "\n") + "\n"
	}
	assert.Contains(t, all, "所定的钟点")
	assert.Contains(t, all, "之后所定的数个工作日")
	assert.Contains(t, all, "取先适用的［读法］：")
	assert.NotContains(t, all, "：［读法］")
	assert.NotContains(t, all, "所定的工作日数个")
}

// What is not so is said as people say it, quotation marks do not nest alike, and
// “one of these is the word” reads in that order.
func TestDenialsAndQuotes(t *testing.T) {
	x := &teller{Speaker: New(parsed(t, "../../rules.yaml"), "zh")}
	for is, not := range map[string]string{
		"已劝阻": "未劝阻", "说服劝阻·已劝阻": "说服劝阻·未劝阻", "客户已回应": "客户未回应", "投诉·属实": "投诉·不属实", "属于本岗职责": "不属于本岗职责", "能当场办理": "不能当场办理",
		"有权决定": "无权决定", "已经办理": "尚未办理", "是服务窗口": "不是服务窗口", "符合办理条件": "不符合办理条件", "须报告领导": "无须报告领导",
	} {
		got, ok := x.denied(plain(is))
		assert.True(t, ok, is)
		assert.Equal(t, not, got.String())
	}
	for _, is := range []string{"已解决或已关闭", "预览版", "没有把握，须先请示", "首次告知过晚", "已听取并记录", "有效期内", "有线电视", "能力达标", "须知齐全", "客户已经回应"} {
		_, ok := x.denied(plain(is))
		assert.False(t, ok, is)
	}
	assert.Equal(t, "中有“甲‘乙’丙”的", nested(plain("中有“甲“乙”丙”的")).String())
	assert.Equal(t, "a “b” ”c", nested(plain("a “b” ”c")).String(), "marks that do not pair")
	b := parsed(t, "../../rules.yaml")
	overall := New(b, "zh").Rule(b.RulesByName["overall"]).Says[0].Parts
	assert.Contains(t, overall[0].String(), "月满意率的结果之一为不达标的：不达标")
	assert.Contains(t, linesOf(New(b, "zh").Rule(b.RulesByName["other_window_told"]))["when"], "不属于本窗口业务")
}

// What a sentence says beside a name is not said twice.
func TestNothingIsSaidTwice(t *testing.T) {
	gdpr, ofcom, cloud := parsed(t, "../../examples/rulebooks/gdpr.yaml"), parsed(t, "../../examples/rulebooks/ofcom.yaml"), parsed(t, "../../examples/rulebooks/cloud-sla.yaml")
	assert.Equal(t, "自从哪天数起几个月内；首日不计，末日至 24:00。", New(gdpr, "zh").Rule(gdpr.RulesByName["to_answer"]).Says[0].String())
	assert.Equal(t, "Within how many months of day from which the month counts; the first day does not count, the last day ends at 24:00.", New(gdpr, "en").Rule(gdpr.RulesByName["to_answer"]).Says[0].String())
	assert.Equal(t, "按日期定为：", New(ofcom, "zh").Rule(ofcom.RulesByName["start_day"]).Says[0].Phrase.String())
	assert.Equal(t, "有下列情形即不得进行：须有的证据中有不在证据中的。", New(cloud, "zh").Rule(cloud.RulesByName["complete"]).Says[0].String())
	assert.Contains(t, New(cloud, "en").Rule(cloud.RulesByName["windows"]).Says[0].String(), "“from” − announced")
}
