package load

import (
	"slices"
	"strconv"
	"strings"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/condition"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/policy"
	"github.com/servicerules/rulebook/sla/workday"
)

// What can be meant and hardly is: warnings about rules that load.

// readingsElsewhere reports readings that are filed under an article of one
// regulation and used by rules of others alone.
func (u *usage) readingsElsewhere() {
	for _, r := range u.book.Readings {
		own, _, _ := strings.Cut(r.Article, "/")
		var others []string
		for _, rule := range r.UsedBy {
			article, _, _ := strings.Cut(rule.Article.ID, "/")
			if article == own || slices.Contains(rule.AlsoCite, r.Article) {
				others = nil
				break
			}
			if !slices.Contains(others, rule.Article.ID) {
				others = append(others, rule.Article.ID)
			}
		}
		if others == nil {
			continue
		}
		n := u.root.Get("readings").Get(r.Key).Get("article")
		if n == nil {
			continue
		}
		list := strings.Join(others[:min(len(others), diagnostic.MaxListed)], ", ")
		u.warn("reading_elsewhere", n.Span, diagnostic.Textf("读法 %s 归在 %s 之下，用到它的规则却都属于别的制度：%s", "the reading %s is filed under %s, and the rules that use it are all of other regulations: %s", r.Key, r.Article, list),
			diagnostic.Textf("写它所解释的条款，如 %s", "write the article that it interprets, such as %s", others[0]))
	}
}

// boundKeys are the keys of an indicator that bound a share.
var boundKeys = []string{"below", "at_most", "above", "at_least", "exactly"}

// bounds reports bounds of shares that are always kept, or never: a share is
// from 0 to 100 %.
func (u *usage) bounds() {
	for _, r := range u.book.AllRules {
		if r.Form.Name != "indicator" {
			continue
		}
		for _, key := range boundKeys {
			u.by(r.Node.Get(key), func(n *source.Node) {
				num, den, err := source.Percent(n.Text)
				if err != nil {
					return // it is computed, or refused
				}
				always, never := false, false
				switch key {
				case "below":
					always, never = num > den, num == 0
				case "at_most":
					always = num >= den
				case "above":
					never = num >= den
				case "at_least":
					always, never = num == 0, num > den
				case "exactly":
					never = num > den
				}
				remedy := diagnostic.Textf("占比在 0%% 到 100%% 之间，检查百分比；确可超过 100%% 的，写注释 # accepted: bound_without_effect – 原因", "a share is from 0%% to 100%%: check the percentage; where it may exceed 100%%, write the comment # accepted: bound_without_effect – why")
				switch {
				case always:
					u.warn("bound_without_effect", n.Span, diagnostic.Textf("占比永远满足 %s %s", "every share is %s %s: the bound has no effect", key, n.Text), remedy)
				case never:
					u.warn("bound_without_effect", n.Span, diagnostic.Textf("占比永远达不到 %s %s", "no share can be %s %s", key, n.Text), remedy)
				}
			})
		}
	}
}

// yearsLeftOut reports years that a calendar lists neither itself nor by rules,
// though it lists earlier and later ones.
func (u *usage) yearsLeftOut() {
	section := u.root.Get("calendars")
	if section == nil {
		return
	}
	for _, c := range section.Entries {
		if c.Value.Get("any_year") != nil || c.Value.Get("yearly") != nil {
			continue
		}
		before := 0
		if base := c.Value.Get("base"); base != nil {
			if base.Text != policy.BuiltInCalendar {
				continue
			}
			_, before = workday.China().Range()
		}
		years := c.Value.Get("years")
		if years == nil {
			continue
		}
		for _, e := range years.Entries {
			year, err := strconv.Atoi(e.Key.Text)
			if err != nil {
				before = 0
				continue
			}
			if before != 0 && year > before+1 {
				u.warn("year_left_out", e.Key.Span, diagnostic.Textf("日历 %s 有 %d 年和 %d 年，缺 %d 年", "the calendar %s lists %d and %d and lacks %d", c.Key.Text, before, year, before+1),
					diagnostic.Textf("补上 %d 年，或检查年份", "add %d, or check the year", before+1))
			}
			before = max(before, year)
		}
	}
}

// cutNumbers reports items of lists that look like one number with a comma in it.
func (u *usage) cutNumbers(n *source.Node) {
	for _, e := range n.Entries {
		u.cutNumbers(e.Value)
	}
	for _, item := range n.Items {
		u.cutNumbers(item)
	}
	for _, cut := range checked.CutNumbers(n) {
		message, remedy := cut.Told()
		u.warn("number_cut", cut.Span(), message, policy.Text{ZH: remedy.ZH + "；确是两项就在逗号后空一格", EN: remedy.EN + "; where these are two items, put a blank behind the comma"})
	}
}

// constant reports parts of a condition that are always so, or never.
func (u *usage) constant(n *source.Node) {
	if u.weighed[n] {
		return
	}
	u.weighed[n] = true
	for _, x := range condition.Constant(n.Text) {
		u.warn("condition_constant", n.SpanAt(x.From, x.To), x.Message, x.Remedy)
	}
	if key := n.Key(); n.Text == "false" && key != nil && slices.Contains([]string{"when", "claimed"}, key.Text) && !checked.IsBy(n.Parent()) {
		u.warn("condition_constant", n.Span, policy.Text{ZH: "这个条件永远不成立", EN: "this condition never holds"},
			diagnostic.Textf("写出条件；不再需要就删去这条规则", "write the condition; where the rule is not needed, remove it"))
	}
}

// manyUnused is how much may be unused before a missing review is the likelier
// cause: the questions at the end of the file are missing, too.
const manyUnused = 10

// restMissing leaves one warning where a file without a review has much that
// nothing uses.
func (u *usage) restMissing() {
	at := slices.IndexFunc(u.found, func(d diagnostic.Diagnostic) bool { return d.Code == "review_missing" || d.Code == "file_cut_off" })
	unused := func(d diagnostic.Diagnostic) bool { return strings.HasPrefix(d.Code, "unused_") }
	n := 0
	for _, d := range u.found {
		if unused(d) {
			n++
		}
	}
	if at < 0 || n < manyUnused {
		return
	}
	d := &u.found[at]
	d.Message = policy.Text{
		ZH: d.Message.ZH + "；前面另有 " + strconv.Itoa(n) + " 处规则、事实、词表等没有问题用到",
		EN: d.Message.EN + "; " + strconv.Itoa(n) + " rules, facts, word lists and the like before it are used by no question",
	}
	u.found = slices.DeleteFunc(u.found, unused)
}
