package analysis_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/internal/analysis"
	"github.com/servicerules/rulebook/internal/run"
	"github.com/servicerules/rulebook/policy"
)

// given are facts of a small domain; way is "" where there is none.
type given struct {
	kind, way string
	flag      bool
	n, m      int
}

// said is what the engine answers; what does not exist is nil.
type said struct {
	verdict     string
	score       *int64
	mark, alarm string
}

// says is a condition with what it means.
type says struct {
	text  string
	holds func(given, said) bool
}

var (
	kinds = []string{"a", "b", "c"}
	marks = []string{"low", "mid", "high"}
)

const largest = 7 // of the counts in the domain; constants are up to 3

// promisedBook writes a rulebook with promises, at random.
type promisedBook struct {
	*rand.Rand
	computes bool // something is added up, and cells do not stand for all
	promises []promiseMeant
}

// promiseMeant is a promise with what it means.
type promiseMeant struct {
	name, text string
	when, then says // of a condition
	rises      string
	value      string
	never      bool // rises; else falls
	order      []string
}

func (b *promisedBook) one(of ...string) string { return of[b.IntN(len(of))] }

func (b *promisedBook) leaf() says {
	k := b.IntN(4)
	of := func(text string, holds func(given) bool) says {
		return says{text, func(f given, _ said) bool { return holds(f) }}
	}
	kind, way := b.one(kinds...), b.one("x", "y")
	switch b.IntN(8) {
	case 0:
		return of(fmt.Sprintf("kind == %q", kind), func(f given) bool { return f.kind == kind })
	case 1:
		return of(fmt.Sprintf("way == %q", way), func(f given) bool { return f.way == way })
	case 2:
		return of("way == null", func(f given) bool { return f.way == "" })
	case 3:
		return of("flag", func(f given) bool { return f.flag })
	case 4:
		return of(fmt.Sprintf("n > %d", k), func(f given) bool { return f.n > k })
	case 5:
		return of(fmt.Sprintf("m <= %d", k), func(f given) bool { return f.m <= k })
	case 6:
		return of("n < m", func(f given) bool { return f.n < f.m })
	}
	return of(fmt.Sprintf("n == %d", k), func(f given) bool { return f.n == k })
}

func (b *promisedBook) condition(depth int, leaf func() says) says {
	if depth == 0 || b.IntN(3) == 0 {
		x := leaf()
		if b.IntN(4) == 0 {
			return says{"not (" + x.text + ")", func(f given, a said) bool { return !x.holds(f, a) }}
		}
		return x
	}
	x, y := b.condition(depth-1, leaf), b.condition(depth-1, leaf)
	if b.IntN(2) == 0 {
		return says{"(" + x.text + " and " + y.text + ")", func(f given, a said) bool { return x.holds(f, a) && y.holds(f, a) }}
	}
	return says{"(" + x.text + " or " + y.text + ")", func(f given, a said) bool { return x.holds(f, a) || y.holds(f, a) }}
}

// answerLeaf is a condition on an answer, or on facts.
func (b *promisedBook) answerLeaf() says {
	k, mark := int64(b.IntN(4)), b.one(marks...)
	switch b.IntN(5) {
	case 0:
		return says{fmt.Sprintf("answer.mark == %q", mark), func(_ given, a said) bool { return a.mark == mark }}
	case 1:
		return says{fmt.Sprintf("answer.verdict != %q", mark), func(_ given, a said) bool { return a.verdict != mark }}
	case 2:
		return says{fmt.Sprintf("answer.score <= %d", k), func(_ given, a said) bool { return a.score != nil && *a.score <= k }}
	case 3:
		return says{"answer.alarm", func(_ given, a said) bool { return a.alarm == "true" }}
	}
	return b.leaf()
}

func (b *promisedBook) promise(i int) promiseMeant {
	p := promiseMeant{name: "p" + strconv.Itoa(i), when: says{"", func(given, said) bool { return true }}}
	head := fmt.Sprintf("  %s: {zh: 承诺%d, en: promise %d, article: r/1, question: q", p.name, i, i)
	if b.IntN(2) == 0 {
		p.when = b.condition(1, b.leaf)
		if b.IntN(4) == 0 {
			p.when = b.condition(1, b.answerLeaf)
		}
		head += fmt.Sprintf(", when: '%s'", p.when.text)
	}
	if b.IntN(2) == 0 {
		p.then = b.condition(1, b.answerLeaf)
		for !strings.Contains(p.then.text, "answer") {
			p.then = b.condition(1, b.answerLeaf)
		}
		p.text = head + fmt.Sprintf(", then: '%s'}", p.then.text)
		return p
	}
	p.rises, p.value, p.never = b.one("n", "m", "flag", "kind"), b.one("score", "mark", "verdict", "alarm"), b.IntN(2) == 0
	key := "never_falls"
	if p.never {
		key = "never_rises"
	}
	p.order = marks
	p.text = head + fmt.Sprintf(", as_rises: %s, %s: answer.%s", p.rises, key, p.value)
	if (p.value == "mark" || p.value == "verdict") && b.IntN(2) == 0 {
		p.order = slices.Clone(marks)
		b.Shuffle(3, func(i, k int) { p.order[i], p.order[k] = p.order[k], p.order[i] })
		p.order = p.order[:2+b.IntN(2)]
		p.text += ", order: [" + strings.Join(p.order, ", ") + "]"
	}
	p.text += "}"
	return p
}

func (b *promisedBook) text() string {
	var t strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&t, format+"\n", args...) }
	when := func() string { return b.condition(2, b.leaf).text }
	line("rulebook: {id: small, title: {zh: 小, en: small}, zone: UTC, in_force: {from: 2020-01-01}}")
	line("words: {kind: {a: {zh: 甲, en: a}, b: {zh: 乙, en: b}, c: {zh: 丙, en: c}}, way: {x: {zh: 子, en: x}, y: {zh: 丑, en: y}}, mark: {low: {zh: 低, en: low}, mid: {zh: 中, en: mid}, high: {zh: 高, en: high}}}")
	line("facts:\n  kind: {zh: 类, en: kind, type: word, words: kind}\n  way: {zh: 路, en: way, type: word, words: way, if_absent: none}\n  flag: {zh: 旗, en: flag, type: yes_no}")
	line("  n: {zh: 数, en: number, type: count}\n  m: {zh: 量, en: amount, type: count}")
	line("regulations:\n  r:\n    zh: 规\n    en: rules\n    articles:\n      \"1\":\n        nature: duty\n        title: {zh: 题, en: title}\n        text: {zh: 文, en: text}")
	scope := b.IntN(4) == 0
	if scope {
		line("        scopes: {inside: {zh: 内, en: inside, holds: '%s'}}", b.condition(1, b.leaf).text)
	}
	number := b.one("n", "m", "0", "2")
	if b.IntN(6) == 0 {
		number, b.computes = b.one("n + m", "n * 2"), true
	}
	line("        figures:")
	line("          score: {zh: 分, en: score, is: '%s ? %s : %s'}", when(), number, b.one("n", "m", "1", "3"))
	line("          mark: {zh: 记, en: mark, is: '%s ? \"low\" : %s ? \"mid\" : \"high\"', words: mark}", when(), when())
	line("          alarm: {zh: 警, en: alarm, is: '%s'}", when())
	line("questions:\n  q:\n    zh: 问\n    en: question\n    facts: [kind, way, flag, n, m]")
	if scope {
		line("    scope: [inside]")
	}
	line("    rules: [score, mark, alarm]\n    verdict: {is: mark.value, words: mark}\n    values:")
	exists := ""
	if b.IntN(3) == 0 {
		exists = fmt.Sprintf(", when: '%s'", when())
	}
	line("      score: {zh: 分, en: score, is: score.value%s}\n      mark: {zh: 记, en: mark, is: mark.value, words: mark}\n      alarm: {zh: 警, en: alarm, is: alarm.value}\npromises:", exists)
	for i := range 5 {
		p := b.promise(i)
		b.promises = append(b.promises, p)
		line("%s", p.text)
	}
	return t.String()
}

// domain are all facts.
func domain() []given {
	var all []given
	for _, kind := range kinds {
		for _, way := range []string{"", "x", "y"} {
			for _, flag := range []bool{false, true} {
				for n := range largest + 1 {
					for m := range largest + 1 {
						all = append(all, given{kind, way, flag, n, m})
					}
				}
			}
		}
	}
	return all
}

func (f given) json() []byte {
	facts := map[string]any{"kind": f.kind, "flag": f.flag, "n": f.n, "m": f.m}
	if f.way != "" {
		facts["way"] = f.way
	}
	data, _ := json.Marshal(facts)
	return data
}

// answer is what the engine says to facts; false where the question does not apply.
func (f given) answer(t *testing.T, book *rulebook.Book) (said, bool) {
	t.Helper()
	a, err := book.Ask(context.Background(), "q", f.json())
	require.NoError(t, err)
	require.NoError(t, a.Error)
	if a.Verdict == policy.NotInScope {
		return said{}, false
	}
	s := said{verdict: a.Verdict}
	if v, ok := a.Value("score"); ok && v.State == policy.StateKnown {
		n, _ := strconv.ParseInt(string(v.AppendJSON(nil)), 10, 64)
		s.score = &n
	}
	word := func(name string) string {
		v, _ := a.Value(name)
		return strings.Trim(string(v.AppendJSON(nil)), `"`)
	}
	s.mark, s.alarm = word("mark"), word("alarm")
	return s, true
}

// position is how high a value is; false where it cannot be compared.
func (p *promiseMeant) position(a said) (int64, bool) {
	word := func(w string) (int64, bool) {
		i := slices.Index(p.order, w)
		return int64(i), i >= 0
	}
	switch p.value {
	case "score":
		if a.score == nil {
			return 0, false
		}
		return *a.score, true
	case "mark":
		return word(a.mark)
	case "verdict":
		return word(a.verdict)
	}
	return map[string]int64{"false": 0, "true": 1}[a.alarm], true
}

// risen are the facts with one of them greater.
func (p *promiseMeant) risen(f given) []given {
	var all []given
	add := func(change func(*given)) {
		x := f
		change(&x)
		all = append(all, x)
	}
	switch p.rises {
	case "n":
		for n := f.n + 1; n <= largest; n++ {
			add(func(x *given) { x.n = n })
		}
	case "m":
		for m := f.m + 1; m <= largest; m++ {
			add(func(x *given) { x.m = m })
		}
	case "flag":
		if !f.flag {
			add(func(x *given) { x.flag = true })
		}
	case "kind":
		for _, kind := range kinds[slices.Index(kinds, f.kind)+1:] {
			add(func(x *given) { x.kind = kind })
		}
	}
	return all
}

// brokenBy reports whether facts break the promise.
func (p *promiseMeant) brokenBy(f given, answers map[given]said) bool {
	a, in := answers[f]
	if !in || !p.when.holds(f, a) {
		return false
	}
	if p.rises == "" {
		return !p.then.holds(f, a)
	}
	return slices.ContainsFunc(p.risen(f), func(x given) bool { return p.brokenByPair(f, x, answers) })
}

func (p *promiseMeant) brokenByPair(f, x given, answers map[given]said) bool {
	b, in := answers[x]
	if !in || !p.when.holds(x, b) {
		return false
	}
	from, ok := p.position(answers[f])
	to, also := p.position(b)
	return ok && also && (p.never && to > from || !p.never && to < from)
}

// readFacts are facts as they were printed.
func readFacts(t *testing.T, text json.RawMessage) given {
	t.Helper()
	var facts struct {
		Kind, Way string
		Flag      bool
		N, M      int
	}
	require.NoError(t, json.Unmarshal(text, &facts))
	return given{facts.Kind, facts.Way, facts.Flag, facts.N, facts.M}
}

// A promise is proven where no facts of a small domain break it, and refuted by
// facts that do where some do.
func TestPromisesAreThoseOfAllFacts(t *testing.T) {
	books := 25
	if n, err := strconv.Atoi(os.Getenv("SMALL_BOOKS")); err == nil {
		books = n
	}
	count := map[analysis.State]int{}
	for seed := range uint64(books) {
		b := &promisedBook{Rand: rand.New(rand.NewPCG(seed, 14))}
		text := b.text()
		book, err := rulebook.Parse("small.yaml", []byte(text))
		require.NoError(t, err, text)
		answers := map[given]said{}
		for _, f := range domain() {
			if a, in := f.answer(t, book); in {
				answers[f] = a
			}
		}
		r, err := analysis.Promises(t.Context(), run.Of(book), analysis.Options{})
		require.NoError(t, err)
		require.Len(t, r.Promises, len(b.promises))
		for i := range b.promises {
			p, got := &b.promises[i], r.Promises[i]
			broken := slices.ContainsFunc(domain(), func(f given) bool { return p.brokenBy(f, answers) })
			count[got.State]++
			what := fmt.Sprintf("seed %d, %s: %s\n%s", seed, got.State, p.text, text)
			switch got.State {
			case analysis.Proven:
				require.False(t, broken, what)
			case analysis.Refuted:
				f := readFacts(t, got.Facts)
				a, in := f.answer(t, book)
				require.True(t, in, what)
				with := map[given]said{f: a}
				if p.rises == "" {
					require.True(t, p.brokenBy(f, with), "%s\n%s", got.Facts, what)
					break
				}
				x := readFacts(t, got.Risen)
				with[x], in = x.answer(t, book)
				require.True(t, in, what)
				require.True(t, p.when.holds(f, a) && p.brokenByPair(f, x, with), "%s\n%s\n%s", got.Facts, got.Risen, what)
			default:
				require.True(t, b.computes, what)
			}
		}
	}
	t.Log(count)
	assert.NotZero(t, count[analysis.Proven])
	assert.NotZero(t, count[analysis.Refuted])
}
