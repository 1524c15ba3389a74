package casefile

import (
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/policy"
)

// expectedValue says where what is expected of a value can be none of its kind:
// a label for a word, an amount with a unit, a time without its offset. No answer
// could be so, whatever the rules say.
func (r *Result) expectedValue(path string, of *policy.ValueType, n *source.Node) {
	if n.Kind != source.Scalar || of == nil {
		return
	}
	message := diagnostic.Textf("取值 %s 不会是 %q", "the value %s can never be %q", path, n.Text)
	switch of.Kind {
	case policy.KindWord:
		words := make([]string, len(of.Words))
		for i, w := range of.Words {
			words[i] = w.Word
		}
		if len(words) > 0 && !slices.Contains(words, n.Text) {
			r.fault("unknown_word", n.Span, n.Text, message, wordMeant(n.Text, of.Words, words))
		}
	case policy.KindYesNo:
		if _, err := source.Boolean(n.Text); err != nil {
			r.faultOf(n, message, err)
		} else if n.Style != source.Plain {
			r.fault("wrong_type", n.Span, n.Text, message, diagnostic.Textf("不加引号：写 %s", "write it without quotes: %s", n.Text))
		}
	case policy.KindCount:
		digits := strings.TrimRightFunc(n.Text, func(c rune) bool { return c < '0' || c > '9' })
		switch _, err := source.Integer(n.Text); {
		case err == nil && n.Style != source.Plain:
			r.fault("wrong_type", n.Span, n.Text, message, diagnostic.Textf("不加引号：写 %s", "write it without quotes: %s", n.Text))
		case err == nil:
		case digits != "" && digits != n.Text && isInteger(digits):
			r.fault("not_an_integer", n.Span, n.Text, message, diagnostic.Textf("只写数，不写单位：%s", "write the number without a unit: %s", digits))
		default:
			r.faultOf(n, message, err)
		}
	case policy.KindMoney:
		if strings.HasSuffix(n.Text, "%") {
			r.fault("not_money", n.Span, n.Text, message, diagnostic.Textf("它是金额，不是百分比", "it is an amount of money, and not a share"))
		}
	case policy.KindDate:
		if _, err := source.Date(n.Text); err != nil {
			r.faultOf(n, message, err)
		}
	case policy.KindMoment:
		if _, err := source.Moment(n.Text); err != nil {
			r.faultOf(n, message, err)
		}
	case policy.KindMonth:
		if _, _, err := source.Month(n.Text); err != nil {
			r.faultOf(n, message, err)
		}
	}
}

// faultOf is a fault with the code and the remedy of what is wrong with a scalar.
func (r *Result) faultOf(n *source.Node, message diagnostic.Text, err error) {
	var wrong *source.ScalarError
	if !errors.As(err, &wrong) {
		r.fault("wrong_type", n.Span, n.Text, message, policy.Text{})
		return
	}
	r.fault(wrong.Code, n.Span, n.Text, message, wrong.Remedy)
}

func isInteger(text string) bool {
	_, err := source.Integer(text)
	return err == nil
}

// wordMeant says which word is meant by a text: that whose label it is, or one
// that is spelt or called much alike; and which there are.
func wordMeant(text string, labelled []policy.Word, words []string) diagnostic.Text {
	list := policy.WordList{Words: words, Labels: map[string]policy.Text{}}
	for _, w := range labelled {
		list.Labels[w.Word] = w.Label
		for _, lang := range w.Label.Languages() {
			if strings.EqualFold(w.Label.In(lang), text) {
				return diagnostic.Textf("写词，不写它的名称：%s", "write the word, not its label: %s", w.Word)
			}
		}
	}
	return list.OneOf(text)
}

// breachMeant says which code of a breach is meant: one that is spelt or called
// much alike, or else what the answer found.
func breachMeant(a *policy.Answer, code string, codes map[string]policy.Text) diagnostic.Text {
	list := policy.WordList{Words: slices.Sorted(maps.Keys(codes)), Labels: codes}
	if near := list.Nearest(code); near != "" {
		return diagnostic.Textf("是否指 %[1]s？", "did you mean %[1]s?", near)
	}
	return meantBreaches(a)
}

// meantBreaches are the breaches that an answer found, as a case has to write them.
func meantBreaches(a *policy.Answer) diagnostic.Text {
	if a == nil || len(a.Breaches) == 0 {
		return diagnostic.Textf("写成 条款#代码", "write it as article#code")
	}
	var all []string
	for _, b := range a.Breaches {
		all = append(all, b.String())
	}
	list := strings.Join(slices.Compact(all), ", ")
	return diagnostic.Textf("写成 条款#代码，如 %s", "write it as article#code, as in %s", list)
}

// labelledWords are the words that a value may be, with their labels.
func labelledWords(v *policy.QuestionValue) []policy.Word {
	if v.Type == nil {
		return nil
	}
	return v.Type.Words
}
