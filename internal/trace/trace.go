// Package trace lays the rules of an article beside its text: what each rests
// on, which of its numbers the text has, and of what of the text no rule
// is found that rests on it.
// It is for people who check a draft, whoever wrote it.
package trace

import (
	"regexp"
	"slices"
	"strings"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/numerals"
	"github.com/servicerules/rulebook/internal/run"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/policy"
)

// Article is an article's text, sentence by sentence, and its rules.
type Article struct {
	*policy.Article
	Sentences []Sentence
	Rules     []Rule
	quotes    map[string][]string // the ids of the rules that quote the text in a language
}

// Sentence is a part of the text that ends with a full stop or a semicolon.
type Sentence struct {
	Lang string
	Text string
	By   []string // ids of the rules that rest on it: that quote it or, where a rule quotes nothing, have a number of it
}

// Rule is a rule with what it rests on.
type Rule struct {
	*policy.Rule
	Numbers []Number
}

// Number is a number that stands in a rule.
type Number struct {
	Field  string // where, such as within
	Text   string // the value that it is a part of, such as "5 working days"
	Number string // its digits, such as 5
	InText bool   // the text of the article has it, in digits or in words
}

// Of traces the articles of a book, those with the given ids where there are any.
func Of(book *rulebook.Book, ids ...string) []Article {
	b := run.Of(book).Book()
	var all []Article
	for _, reg := range b.Regulations {
		for _, a := range reg.Articles {
			if len(ids) == 0 || slices.Contains(ids, a.ID) {
				all = append(all, articleOf(b, a))
			}
		}
	}
	return all
}

func articleOf(b *checked.Book, a *policy.Article) Article {
	out := Article{Article: a, quotes: map[string][]string{}}
	for _, lang := range a.Text.Languages() {
		for _, text := range sentences(a.Text.In(lang)) {
			out.Sentences = append(out.Sentences, Sentence{Lang: lang, Text: text})
		}
	}
	for _, r := range b.AllRules {
		own := r.Article == a
		if !own && r.Article.Parent() != a.ID && !slices.Contains(r.AlsoCite, a.ID) {
			continue
		}
		numbers := numbersOf(b, r)
		for i := range out.Sentences {
			s := &out.Sentences[i]
			rests := slices.ContainsFunc(r.RestsOn, func(words string) bool { return overlaps(s.Text, words) })
			if rests && !slices.Contains(out.quotes[s.Lang], r.ID) {
				out.quotes[s.Lang] = append(out.quotes[s.Lang], r.ID)
			}
			if len(r.RestsOn) == 0 && own {
				rests = slices.ContainsFunc(numbers, func(n Number) bool { return n.standsIn(s.Text) })
			}
			if rests {
				s.By = append(s.By, r.ID)
			}
		}
		if own {
			out.Rules = append(out.Rules, Rule{r.Rule, numbers})
		}
	}
	return out
}

// overlaps reports whether words and a sentence have each other, or the words go
// on over its end.
func overlaps(sentence, words string) bool {
	if checked.Quotes(sentence, words) {
		return true
	}
	parts := sentences(words)
	return len(parts) > 1 && slices.ContainsFunc(parts, func(part string) bool { return checked.Quotes(sentence, part) })
}

// Elsewhere are the rules that quote the article in other languages and not in
// this one, by that language. Which sentence of one language says what a sentence of
// another does is not known: any that nothing rests on may be theirs.
func (a *Article) Elsewhere(lang string) map[string][]string {
	var all map[string][]string
	for other, ids := range a.quotes {
		for _, id := range ids {
			if other == lang || slices.Contains(a.quotes[lang], id) {
				continue
			}
			if all == nil {
				all = map[string][]string{}
			}
			all[other] = append(all[other], id)
		}
	}
	return all
}

// Left are the sentences in a language that no rule is found to rest on; none where
// the article says why it has no rules, and where rules quote it in another language
// alone.
func (a *Article) Left(lang string) []Sentence {
	if !a.DecidesNothing.IsZero() || a.Elsewhere(lang) != nil {
		return nil
	}
	var all []Sentence
	for _, s := range a.Sentences {
		if s.Lang == lang && len(s.By) == 0 {
			all = append(all, s)
		}
	}
	return all
}

// sentences are the parts of a text.
func sentences(text string) []string {
	var all []string
	from := 0
	runes := []rune(text)
	for i, r := range runes {
		ends := strings.ContainsRune("。；！？", r) || strings.ContainsRune(".;!?", r) && (i+1 == len(runes) || runes[i+1] == ' ' || runes[i+1] == '\n')
		if ends || i+1 == len(runes) {
			if part := strings.TrimSpace(string(runes[from : i+1])); part != "" {
				all = append(all, part)
			}
			from = i + 1
		}
	}
	return all
}

// apart are the fields of a rule that people read, those that name articles and
// other things, and the ranks, which only order.
var apart = []string{"zh", "en", "note", "label", "rests_on", "in_force", "also_cites", "part_of", "breach", "breach_of", "rank"}

// digits finds numbers that stand by themselves.
var digits = regexp.MustCompile(`(?:^|[^\w.:/-])(\d+(?:\.\d+)?)(?:$|[^\w.:-]|个|年|月|日|天|元|小时)`)

// oneOf is a length or amount that begins with one.
var oneOf = regexp.MustCompile(`^1 ?\p{L}`)

// calledOtherwise are lengths that texts have other words for.
var calledOtherwise = []struct{ length, words *regexp.Regexp }{
	{regexp.MustCompile(`^6 ?(?:months?|个月)$`), regexp.MustCompile(`(?i)半年|\bhalf (?:a |of a )?year\b|\bhalf-year\b|\bsix-month`)},
	{regexp.MustCompile(`^(?:14 ?(?:days?|天|日)|2 ?(?:weeks?|周|个?星期))$`), regexp.MustCompile(`(?i)\bfortnight|两周|两个?星期`)},
	{regexp.MustCompile(`^15 ?(?:days?|天|日)$`), regexp.MustCompile(`半个?月`)},
	{regexp.MustCompile(`^30 ?(?:minutes?|分钟)$`), regexp.MustCompile(`(?i)半个?小时|半个?钟头|\bhalf an hour\b`)},
}

// standsIn reports whether a text has the number, in digits or words, or other words
// for the length of which it is the number.
func (x Number) standsIn(text string) bool {
	for _, c := range calledOtherwise {
		if c.length.MatchString(strings.TrimSpace(x.Text)) && c.words.MatchString(text) {
			return true
		}
	}
	return numerals.Has(text, x.Number)
}

// numbersOf are the numbers in the fields of a rule, each once a field. Nought,
// and one by itself, are no numbers of a regulation.
func numbersOf(b *checked.Book, r *checked.Rule) []Number {
	var all []Number
	texts := b.TextsFor(r.Rule)
	var walk func(n *source.Node, field string)
	walk = func(n *source.Node, field string) {
		for _, e := range n.Entries {
			if slices.Contains(apart, e.Key.Text) || slices.Contains(b.Languages, e.Key.Text) {
				continue
			}
			under := e.Key.Text
			if field != "" {
				under = field + "." + under
			}
			walk(e.Value, under)
		}
		for _, item := range n.Items {
			walk(item, field)
		}
		if n.Kind != source.Scalar {
			return
		}
		for _, m := range digits.FindAllStringSubmatch(n.Text, -1) {
			if m[1] == "0" || m[1] == "1" && !oneOf.MatchString(n.Text) {
				continue
			}
			x := Number{Field: field, Text: n.Text, Number: m[1]}
			x.InText = slices.ContainsFunc(texts, func(a *policy.Article) bool {
				return slices.ContainsFunc(checked.TextsOf(a), func(text string) bool { return x.standsIn(text) })
			})
			if !slices.ContainsFunc(all, func(y Number) bool { return y.Field == x.Field && y.Number == x.Number }) {
				all = append(all, x)
			}
		}
	}
	walk(r.Node, "")
	return all
}
