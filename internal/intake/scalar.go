package intake

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/internal/value"
	"github.com/servicerules/rulebook/policy"
)

func scalarFactError(path string, err error) *policy.FactError {
	if se, ok := err.(*source.ScalarError); ok {
		return policy.NewFactError(se.Code, path, se.Message, se.Remedy)
	}
	return policy.NewFactError("bad_value", path, diagnostic.Textf("%v", "%v", err), policy.Text{})
}

// ParseScalar reads a scalar strictly by the declared type. Without a rulebook
// an article may be any.
func ParseScalar(f *checked.Fact, text string, quoted bool, b *checked.Book) (value.Value, error) {
	switch f.Typ.Kind {
	case value.YesNo:
		if quoted {
			remedy := diagnostic.Textf("写 true 或 false", "write true or false")
			var meant *source.ScalarError
			if _, err := source.Boolean(text); errors.As(err, &meant) {
				remedy = meant.Remedy // of yes, 是 and the like
			}
			return value.Value{}, policy.NewFactError("wrong_type", f.Path, diagnostic.Textf("应为 true 或 false，不加引号", "true or false without quotes is expected"), remedy)
		}
		v, err := source.Boolean(text)
		return value.Bool(v), err
	case value.Count:
		if quoted {
			return value.Value{}, policy.NewFactError("wrong_type", f.Path, diagnostic.Textf("应为整数，不加引号", "a whole number without quotes is expected"), diagnostic.Textf("去掉引号，只写整数", "write a whole number without quotes"))
		}
		v, err := source.Integer(text)
		if err != nil {
			return value.Value{}, err
		}
		if e := checkNumber(f, v); e != nil {
			return value.Value{}, e
		}
		return value.Int(v), nil
	case value.Money:
		m, err := policy.ReadMoney(text, f.Typ.In.Code())
		if err != nil {
			return value.Value{}, err
		}
		in, _ := value.CurrencyNamed(m.Currency)
		return value.MoneyOf(m.Minor, in), nil
	case value.Moment:
		t, err := source.Moment(text)
		if err != nil {
			if refused := (*source.ScalarError)(nil); b != nil && errors.As(err, &refused) {
				refused.Remedy = refused.In(b.Zone)
			}
			return value.Value{}, err
		}
		return value.MomentOf(t), nil
	case value.Date:
		d, err := source.Date(text)
		return value.DateOf(d), err
	case value.Month:
		y, m, err := source.Month(text)
		return value.MonthOf(y, m), err
	case value.Word:
		for _, w := range f.Words.Words {
			if w == text {
				return value.WordOf(w), nil
			}
		}
		return value.Value{}, policy.NewFactError("unknown_word", f.Path, diagnostic.Textf("%q 不在词表中", "%q is not one of the words", text), f.Words.OneOf(text))
	case value.Article:
		if b == nil {
			return value.ArticleOf(text), nil
		}
		a := b.ArticlesByID[text]
		if a == nil {
			return value.Value{}, policy.NewFactError("unknown_article", f.Path, diagnostic.Textf("没有条款 %q", "there is no article %q", text),
				diagnostic.OneOf(text, checked.Nearby(text, slices.Sorted(maps.Keys(b.ArticlesByID)))))
		}
		return value.ArticleOf(a.ID), nil
	default:
		text = strings.TrimSpace(text)
		switch {
		case text == "" && f.TypeName == "text":
			return value.NoneOf(value.Name), nil
		case text == "":
			return value.Value{}, policy.NewFactError("empty_name", f.Path, diagnostic.Textf("名称是空的", "the name is empty"), diagnostic.Textf("写编号，或写 null", "write an id, or null"))
		case utf8.RuneCountInString(text) > policy.MaxName && f.TypeName == "name":
			return value.Value{}, policy.NewFactError("name_too_long", f.Path, diagnostic.Textf("名称超过 %d 个字符", "the name is longer than %d characters", policy.MaxName), diagnostic.Textf("用编号", "use an id"))
		}
		return value.NameOf(text), nil
	}
}
