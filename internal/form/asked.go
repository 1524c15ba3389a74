package form

import (
	"slices"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/condition"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/internal/value"
	"github.com/servicerules/rulebook/policy"
)

// Expressions that choose by the word of an element, or of a fact in a
// question: what they are by is known only where the element is.

// knowingTypes is an item that is an expression of choices by what elements have,
// of which it is known here whether that is a word, or yes or no.
func knowingTypes(i *checked.Item, env *condition.Env) *checked.Item {
	return i.KnowingTypes(func(asked checked.WordsAsked) bool {
		by, problems := condition.Compile(asked.By.Text, env, condition.Want{})
		if by == nil || len(problems) > 0 {
			return asked.YesNo // there is a finding
		}
		return by.Type().Kind == value.YesNo
	})
}

// checkAsked reports words that what is chosen by cannot be, those for which
// nothing is said, and arguments of two readings in one choice.
func (plan *Plan) checkAsked(i *checked.Item, env *condition.Env, found *diagnostic.List) bool {
	before := len(*found)
	if by := i.SecondParameter; by != nil {
		*found = append(*found, diagnostic.Diagnostic{
			Code: "several_parameters", Severity: diagnostic.Error, Span: by.Span,
			Message: diagnostic.Textf("一个选择里用到两个读法的参数，parameter 只能是其中一个的：还有 %s", "one choice uses the parameters of two readings, and parameter can be that of one: there is %s, too", by.Text),
			Remedy:  diagnostic.Textf("先写成一条 figures 规则，这里写 规则名.value", "make one of them a rule of figures and write rule.value here"),
		})
	}
	for _, asked := range i.Asked {
		by, problems := condition.Compile(asked.By.Text, env, condition.Want{})
		for _, x := range problems {
			if x.Code == condition.CodeNoElement {
				x.Message, x.Remedy = NoElementToChooseBy(asked.By.Text)
			}
			*found = append(*found, diagnostic.Diagnostic{
				Code: x.Code, Severity: diagnostic.Error, Span: asked.By.SpanAt(x.From, x.To), Message: x.Message, Remedy: x.Remedy,
			})
		}
		if by == nil || len(problems) > 0 {
			continue
		}
		words := checked.WordsOf(by.Type())
		if words == nil {
			*found = append(*found, diagnostic.Diagnostic{
				Code: "word_expected", Severity: diagnostic.Error, Span: asked.By.Span,
				Message: diagnostic.Textf("%s 不是词，不能由它选值", "%s is no word, and a value cannot be chosen by it", asked.By.Text),
				Remedy: policy.Text{ZH: "按数值或条件取值，在表达式里写 条件 ? 甲 : 乙，时长则写 {n: '条件 ? 48 : 12', unit: hour}",
					EN: "to choose by a number or a condition, write condition ? a : b in an expression, a length as {n: 'condition ? 48 : 12', unit: hour}"},
			})
			continue
		}
		near := func(text string) string { return diagnostic.Nearest(text, words) }
		if by.Type().Kind == value.YesNo {
			near = checked.YesOrNoMeant
		}
		*found = append(*found, checked.WordsOfChoice(asked.Node, asked.By, words, near)...)
	}
	return len(*found) == before
}

// expressionOf is an item as an expression. Where it chooses by words that may
// not exist, and does not say what holds otherwise, it is none for these.
func (plan *Plan) expressionOf(i *checked.Item, env *condition.Env) string {
	if slices.ContainsFunc(i.Asked, func(a checked.WordsAsked) bool {
		by, _ := condition.Compile(a.By.Text, env, condition.Want{})
		return !a.Otherwise && by != nil && by.MayBeNone()
	}) {
		return i.IfNone
	}
	return i.Expression()
}

// wrongBranch reports what is wrong with one of the values that an item chooses
// from, where it stands; false where each is right by itself.
func (plan *Plan) wrongBranch(i *checked.Item, env *condition.Env, want condition.Want, found *diagnostic.List) bool {
	for _, b := range i.Branches {
		switch b.Item.Kind {
		case source.Map, source.Seq:
			plan.expected(b.Item, found)
			return true
		case source.Empty:
			continue
		}
		if plan.wrongBranch(b.Item, env, want, found) {
			return true
		}
		_, problems := condition.Compile(b.Text, env, want)
		for _, x := range problems {
			span := b.Item.Node.Span
			if b.Text == b.Item.Node.Text {
				span = b.Item.Node.SpanAt(x.From, x.To)
			}
			*found = append(*found, diagnostic.Diagnostic{Code: x.Code, Severity: diagnostic.Error, Span: span, Message: x.Message, Remedy: x.Remedy})
		}
		if len(problems) > 0 {
			return true
		}
	}
	return false
}

// NoElementToChooseBy says that no element is looked at where a choice is by a
// word of one.
func NoElementToChooseBy(by string) (message, remedy policy.Text) {
	return diagnostic.Textf("这里没有列表的某一项，不能由它的词选值：%s", "no element of a list is looked at here: %s", by),
		policy.Text{ZH: "by 之后写词类的事实、读法或 date", EN: "write a fact that is a word, a reading or date behind by"}
}
