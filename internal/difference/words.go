package difference

import (
	"strings"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/probe"
	"github.com/servicerules/rulebook/internal/wording"
	"github.com/servicerules/rulebook/policy"
)

// DifferencesOf are parts of the answers of two rulebooks to a question in words,
// each in those of the rulebook that says it.
func DifferencesOf(old, changed *policy.Rulebook, question string, all []probe.Difference, lang string) string {
	pick := func(zh, en string) string { return diagnostic.Text{ZH: zh, EN: en}.In(lang) }
	before, after := sayer(old, question, lang), sayer(changed, question, lang)
	if e := differenceIn(all, "error"); e.Part != "" {
		verdict := differenceIn(all, "verdict")
		return before.outcome(e.Old, verdict.Old) + " → " + after.outcome(e.New, verdict.New)
	}
	var parts, alike []string
	for _, d := range all {
		was, is := before.says(d.Part, d.Old, d.OldValue), after.says(d.Part, d.New, d.NewValue)
		told := after.name(d.Part) + " " + was + " → " + is
		if was == is { // an empty list and none, which people call the same
			alike = append(alike, told)
		} else {
			parts = append(parts, told)
		}
	}
	if len(parts) == 0 {
		parts = alike
	}
	return strings.Join(parts, pick("；", "; "))
}

func differenceIn(all []probe.Difference, part string) probe.Difference {
	for _, d := range all {
		if d.Part == part {
			return d
		}
	}
	return probe.Difference{}
}

// said says parts of the answers of a rulebook to a question.
type said struct {
	wording.Words
	question *policy.Question // nil where the rulebook does not have it
}

func sayer(book *policy.Rulebook, question, lang string) said {
	q, _ := book.Question(question)
	return said{wording.Words{Book: book, Lang: lang}, q}
}

var partLabels = map[string]policy.Text{
	"verdict": {ZH: "结论", EN: "verdict"}, "breaches": {ZH: "违反", EN: "breaches"}, "liable": {ZH: "责任人", EN: "liable"},
	"missing_facts": {ZH: "缺少的事实", EN: "missing facts"}, "decisions": {ZH: "须由人决定", EN: "decisions"}, "cites": {ZH: "依据条款", EN: "articles"},
	"error": {ZH: "不能判断", EN: "error"}, "provisional": {ZH: "暂定", EN: "provisional"},
}

// name is what a part is called.
func (s said) name(part string) string {
	if label, ok := partLabels[part]; ok {
		return label.In(s.Lang)
	}
	if s.question != nil {
		if v, known := s.question.ValueAt(part); known {
			return v.Label.In(s.Lang)
		}
	}
	return part
}

// says is what an answer says for a part; "" is nothing.
func (s said) says(part, text string, v policy.Value) string {
	pick := func(zh, en string) string { return diagnostic.Text{ZH: zh, EN: en}.In(s.Lang) }
	each := func(say func(string) string) string {
		list := strings.Split(text, ", ")
		for i := range list {
			list[i] = say(list[i])
		}
		return strings.Join(list, pick("、", ", "))
	}
	switch {
	case part == "provisional":
		if text == "" {
			return pick("否", "no")
		}
		return pick("是", "yes")
	case text == "": // which a rulebook may call something else
		return pick("无", "none")
	}
	switch part {
	case "verdict":
		return s.verdict(text)
	case "error":
		return s.error(text)
	case "breaches":
		return each(s.BreachOf)
	case "liable":
		return each(func(role string) string { return s.Word(role, nil) })
	case "missing_facts":
		return each(func(fact string) string {
			if s.question == nil {
				return fact
			}
			return s.FactNamed(s.question, fact)
		})
	case "decisions":
		return each(s.decision)
	case "cites":
		return each(func(id string) string { return wording.Article(s.Book, id).In(s.Lang) })
	}
	if s.question != nil {
		if of, known := s.question.ValueAt(part); known && v.Name == part {
			shown := s.Value(of, v)
			if unit := v.Unit.In(s.Lang); unit != "" && v.Kind != policy.KindMoney {
				shown += " " + unit
			}
			return shown
		}
	}
	return text
}

// verdict is a verdict as people call it; what is said instead of one where there
// is none.
func (s said) verdict(code string) string {
	if code == "" {
		return diagnostic.Text{ZH: "无", EN: "none"}.In(s.Lang)
	}
	if s.question != nil && s.question.Verdict != nil {
		return s.Verdict(s.question, code)
	}
	return s.Code(code)
}

// decision is what a person has to decide: by the wording of the code, or by what
// the rule is called that has it.
func (s said) decision(code string) string {
	if r, ok := s.Book.Rule(code); ok {
		return r.Label.In(s.Lang)
	}
	return s.Code(code)
}

// outcome is a verdict or, where there is an error, that there is none and why.
func (s said) outcome(code, verdict string) string {
	pick := func(zh, en string) string { return diagnostic.Text{ZH: zh, EN: en}.In(s.Lang) }
	if code != "" {
		return pick("不能判断（", "cannot be answered (") + s.error(code) + pick("）", ")")
	}
	return s.name("verdict") + " " + s.verdict(verdict)
}

// error is why nothing could be answered: a code, and the fact, the question or the
// reading that was refused, if one was.
func (s said) error(text string) string {
	code, name, refused := strings.Cut(text, " ")
	why := s.Reason(code)
	switch {
	case why == code && refused: // another error, as it says it
		return text
	case name == "":
		return why
	case s.question != nil:
		name = s.FactNamed(s.question, name)
	}
	return why + diagnostic.Text{ZH: "：", EN: ": "}.In(s.Lang) + name
}
