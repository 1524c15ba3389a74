package proptest_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/report"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/internal/testsize"
	"github.com/servicerules/rulebook/policy"
)

// sections are what a hostile rules file puts in the place of the ordinary.
type sections struct{ calendars, words, facts, readings, questions, rules, articles, review string }

// file is a rules file with these sections, no larger than a file may be.
func (s sections) file() string {
	or := func(a, b string) string {
		if a == "" {
			return b
		}
		return a
	}
	articles := or(s.articles, "      \"1\":\n        nature: duty\n        title: {zh: 一, en: one}\n        text: {zh: 文, en: text}\n"+
		or(s.rules, "        figures: {only: {zh: 数, en: number, is: n}}\n"))
	text := "rulebook: {id: a, title: {zh: 甲, en: A}, zone: UTC, currency: CNY, in_force: {from: 2010-01-01}}\n" +
		s.calendars +
		"words:\n  w: {a: {zh: 甲, en: a}, b: {zh: 乙, en: b}}\n" + s.words +
		"facts:\n  n: {zh: 数, en: n, type: count}\n  k: {zh: 词, en: k, type: word, words: w}\n" + s.facts +
		or(s.readings, "readings: {}\n") +
		"regulations:\n  r:\n    zh: 规\n    en: R\n    articles:\n" + articles +
		"questions:\n" + or(s.questions, "  q: {zh: 问, en: q, facts: [n, k], rules: [], verdict: {is: k, words: w}, values: {}}\n") +
		s.review
	return text
}

// room is what a file may still hold: bytes, and marks that make nodes.
type room struct{ bytes, marks int }

// take reports whether a piece still fits.
func (r *room) take(piece string) bool {
	r.bytes -= len(piece)
	for _, mark := range []string{"[", "{", ",", "?", ":", "- "} {
		r.marks -= strings.Count(piece, mark)
	}
	return r.bytes >= 0 && r.marks >= 0
}

// fill repeats a piece, numbered, until a file of it is nearly full.
func fill(bytes int, piece func(i int) string) string {
	left := room{bytes, source.MaxMarks - 5_000}
	var b strings.Builder
	for i := 0; ; i++ {
		p := piece(i)
		if !left.take(p) {
			return b.String()
		}
		b.WriteString(p)
	}
}

// full is how much of a file a hostile section may take.
const full = source.MaxBytes - 4_000

// times repeats a numbered piece.
func times(n int, piece func(i int) string) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(piece(i))
	}
	return b.String()
}

func long(i int) string { return fmt.Sprintf("%s%04d", strings.Repeat("abcdefghij", 6), i) }

// groups are rules in articles of 1,500 each.
func groups(section string, bytes int, rule func(i int) string) string {
	left := room{bytes, source.MaxMarks - 10_000}
	var b strings.Builder
	for i := 0; ; i++ {
		if i%1_500 == 0 {
			fmt.Fprintf(&b, "      \"%d\":\n        nature: duty\n        title: {zh: 一, en: one}\n        text: {zh: 文, en: text}\n        %s:\n", 1+i/1_500, section)
		}
		r := "          " + rule(i) + "\n"
		if !left.take(r) {
			return b.String()
		}
		b.WriteString(r)
	}
}

func figure(i int, is string) string { return fmt.Sprintf("f%d: {zh: 数, en: f, is: %s}", i, is) }

// hostileRules are rules files up to the size allowed that are made to cost.
var hostileRules = map[string]func() string{
	"many words": func() string {
		return sections{words: times(10, func(i int) string {
			return fmt.Sprintf("  w%d: {%s}\n", i, times(1_600, func(j int) string { return fmt.Sprintf("w%d: {zh: 词, en: w}, ", j) }))
		})}.file()
	},
	"many facts": func() string {
		return sections{facts: fill(full, func(i int) string { return fmt.Sprintf("  f%d: {zh: 数, en: f, type: count}\n", i) })}.file()
	},
	"many fields": func() string {
		return sections{facts: times(9, func(i int) string {
			return fmt.Sprintf("  f%d: {zh: 记, en: f, type: record, fields: {%s}}\n", i,
				times(1_300, func(j int) string { return fmt.Sprintf("x%d: {zh: 数, en: f, type: count}, ", j) }))
		})}.file()
	},
	"records within records": func() string {
		return sections{facts: "  f: " + strings.Repeat("{zh: 记, en: f, type: record, fields: {a: ", 14) + "{zh: 数, en: f, type: count}" + strings.Repeat("}}", 14) + "\n"}.file()
	},
	"many readings": func() string {
		return sections{readings: "readings:\n" + fill(full, func(i int) string {
			return fmt.Sprintf("  r%d: {article: r/1, asks: {zh: 问, en: a}, chosen: a, options: {a: {zh: 甲, en: a}, b: {zh: 乙, en: b}}}\n", i)
		})}.file()
	},
	"many options": func() string {
		return sections{readings: "readings:\n" + fill(full, func(i int) string {
			return fmt.Sprintf("  r%d: {article: r/1, asks: {zh: 问, en: a}, chosen: o1, options: {%s}}\n", i,
				times(50, func(j int) string { return fmt.Sprintf("o%d: {zh: 甲, en: a}, ", j) }))
		})}.file()
	},
	"many choices in one rule": func() string {
		return sections{
			readings: "readings:\n" + times(900, func(i int) string {
				return fmt.Sprintf("  r%d: {article: r/1, asks: {zh: 问, en: a}, chosen: a, options: {a: {zh: 甲, en: a}, b: {zh: 乙, en: b}}}\n", i)
			}),
			rules: "        figures:\n" + times(900, func(i int) string {
				return fmt.Sprintf("          f%d: {zh: 数, en: f, part_of: f, when: k == \"a\", is: {by: r%d, a: n, b: 1}}\n", i, i)
			}),
		}.file()
	},
	"choices of readings within each other": func() string {
		deep := func(leaf string) string {
			return strings.Repeat("{by: r0, o0: {by: r1, o1: {by: r2, o2: ", 7) + leaf + strings.Repeat(", otherwise: 1}, otherwise: 2}, otherwise: 3}", 7)
		}
		return sections{
			readings: "readings:\n" + times(3, func(i int) string {
				return fmt.Sprintf("  r%d: {article: r/1, asks: {zh: 问, en: a}, chosen: o1, options: {%s}}\n", i,
					times(50, func(j int) string { return fmt.Sprintf("o%d: {zh: 甲, en: a}, ", j) }))
			}),
			articles: groups("figures", full-10_000, func(i int) string { return figure(i, deep("n")) }),
		}.file()
	},
	"all options of three readings": func() string {
		inner := "{by: r2, " + times(50, func(j int) string { return fmt.Sprintf("o%d: 1, ", j) }) + "}"
		middle := "{by: r1, " + times(50, func(j int) string { return fmt.Sprintf("o%d: %s, ", j, inner) }) + "}"
		return sections{
			readings: "readings:\n" + times(3, func(i int) string {
				return fmt.Sprintf("  r%d: {article: r/1, asks: {zh: 问, en: a}, chosen: o1, options: {%s}}\n", i,
					times(50, func(j int) string { return fmt.Sprintf("o%d: {zh: 甲, en: a}, ", j) }))
			}),
			rules: "        figures:\n" + "          f: {zh: 数, en: f, is: {by: r0, " + times(18, func(j int) string { return fmt.Sprintf("o%d: %s, ", j, middle) }) + "otherwise: 1}}\n",
		}.file()
	},
	"many dates": func() string {
		dates := times(90, func(i int) string { return fmt.Sprintf("%d-%02d-01: n, ", 2010+i/12, 1+i%12) })
		return sections{articles: groups("figures", full, func(i int) string { return figure(i, "{by: date, "+dates+"}") })}.file()
	},
	"many dates and many rules": func() string {
		dates := times(90, func(i int) string { return fmt.Sprintf("%d-%02d-01: n, ", 2010+i/12, 1+i%12) })
		return sections{articles: groups("figures", full, func(i int) string {
			if i == 0 {
				return figure(i, "{by: date, "+dates+"}")
			}
			return figure(i, "n")
		})}.file()
	},
	"more dates than allowed": func() string {
		return sections{articles: groups("figures", full, func(i int) string {
			return figure(i, fmt.Sprintf("{by: date, 2010-01-01: n, %d-%02d-%02d: 1}", 2011+i%80, 1+i/80%12, 1+i/960%28))
		})}.file()
	},
	"many calendars": func() string {
		return sections{calendars: "calendars:\n" + times(50, func(i int) string {
			return fmt.Sprintf("  c%d: {zh: 历, en: c, hours: [%s], weekend: [sunday], years: {%s}}\n", i,
				times(20, func(j int) string { return fmt.Sprintf("%02d:%02d-%02d:%02d, ", 6+j/2, j%2*30, 6+j/2, j%2*30+20) }),
				times(100, func(j int) string { return fmt.Sprintf("%d: {rest: [01-01..12-31]}, ", 2000+j) }))
		})}.file()
	},
	"calendars built on one another": func() string {
		return sections{calendars: "calendars:\n" + times(50, func(i int) string {
			return fmt.Sprintf("  c%d: {zh: 历, en: c, base: c%d, closures: [%s]}\n", i, (i+1)%50,
				times(1_400, func(j int) string { return fmt.Sprintf("20%02d-%02d-%02d, ", j/336%99, 1+j/28%12, 1+j%28) }))
		})}.file()
	},
	"many closures": func() string {
		return sections{calendars: "calendars:\n  c: {zh: 历, en: c, any_year: true, weekend: [], closures: [" +
			times(19_000, func(j int) string { return fmt.Sprintf("20%02d-%02d-%02d, ", j/336%99, 1+j/28%12, 1+j%28) }) + "]}\n"}.file()
	},
	"many questions": func() string {
		return sections{questions: fill(full, func(i int) string {
			return fmt.Sprintf("  q%d: {zh: 问, en: q, facts: [n, k], rules: [only], verdict: {is: k, words: w}, values: {v: {zh: 值, en: v, is: n + 1}}}\n", i)
		})}.file()
	},
	"many questions about many rules": func() string {
		rules := "        figures:\n" + times(1_500, func(i int) string { return "          " + figure(i, "n") + "\n" })
		all := times(1_500, func(i int) string { return fmt.Sprintf("f%d, ", i) })
		return sections{rules: rules, questions: times(50, func(i int) string {
			return fmt.Sprintf("  q%d: {zh: 问, en: q, facts: [n, k], rules: [%s], verdict: {is: k, words: w}, values: {}}\n", i, all)
		})}.file()
	},
	"many values": func() string {
		return sections{questions: times(11, func(i int) string {
			return fmt.Sprintf("  q%d: {zh: 问, en: q, facts: [n, k], rules: [], verdict: {is: k, words: w}, values: {%s}}\n", i,
				times(1_000, func(j int) string { return fmt.Sprintf("v%d: {zh: 值, en: v, is: n + %d}, ", j, j) }))
		})}.file()
	},
	"many rules": func() string {
		return sections{articles: groups("figures", full, func(i int) string { return figure(i, "n") })}.file()
	},
	"many rules with errors": func() string {
		return sections{articles: groups("figures", full, func(i int) string { return figure(i, "n +") })}.file()
	},
	"many rules with unknown names": func() string {
		return sections{
			facts:    times(480, func(i int) string { return fmt.Sprintf("  %s: {zh: 数, en: f, type: count}\n", long(i)) }),
			articles: groups("figures", full-60_000, func(i int) string { return figure(i, strings.Repeat("jihgfedcba", 6)+"x") }),
		}.file()
	},
	"a chain of rules": func() string {
		return sections{articles: groups("figures", full, func(i int) string { return figure(i, fmt.Sprintf("f%d.value", i+1)) })}.file()
	},
	"a chain of rules with an end": func() string {
		return sections{articles: groups("figures", full, func(i int) string {
			if i == 0 {
				return figure(i, "n")
			}
			return figure(i, fmt.Sprintf("f%d.value + 1", i-1))
		})}.file()
	},
	"a cycle": func() string {
		const n = 10_000
		return sections{articles: groups("figures", full, func(i int) string { return figure(i, fmt.Sprintf("f%d.value", (i+1)%n)) })}.file()
	},
	"rules that use many": func() string {
		return sections{articles: groups("figures", full, func(i int) string {
			if i < 200 {
				return figure(i, "n")
			}
			return figure(i, "n"+times(180, func(j int) string { return fmt.Sprintf(" + f%d.value", j) }))
		})}.file()
	},
	"rules in one group": func() string {
		return sections{articles: groups("figures", full, func(i int) string {
			return fmt.Sprintf("f%d: {zh: 数, en: f, part_of: all, when: k == \"a\", is: n}", i)
		})}.file()
	},
	"long expressions": func() string {
		return sections{articles: groups("figures", full, func(i int) string { return figure(i, "n"+strings.Repeat(" + n", 1_000)) })}.file()
	},
	"deep expressions": func() string {
		return sections{articles: groups("figures", full, func(i int) string {
			return figure(i, "'"+strings.Repeat("(", 60)+"n"+strings.Repeat(")", 60)+strings.Repeat(" + "+strings.Repeat("(", 60)+"n"+strings.Repeat(")", 60), 28)+"'")
		})}.file()
	},
	"conditional expressions": func() string {
		return sections{articles: groups("figures", full, func(i int) string {
			return figure(i, "'"+strings.Repeat(`k == "a" and n > 1 ? n : (`, 60)+"1"+strings.Repeat(")", 60)+"'")
		})}.file()
	},
	"expressions of words": func() string {
		return sections{articles: groups("figures", full, func(i int) string {
			return figure(i, `'k in [`+strings.Repeat(`"a", `, 400)+`"b"] ? 1 : 2'`)
		})}.file()
	},
	"expressions of unknown words": func() string {
		return sections{
			words:    "  long: {" + times(480, func(i int) string { return long(i) + ": {zh: 词, en: w}, " }) + "}\n",
			facts:    "  l: {zh: 词, en: l, type: word, words: long}\n",
			articles: groups("figures", full-60_000, func(i int) string { return figure(i, `'l == "`+strings.Repeat("jihgfedcba", 6)+`x" ? 1 : 2'`) }),
		}.file()
	},
	"ladder of many rows": func() string {
		return sections{rules: "        ladders:\n          l: {zh: 梯, en: l, level: k, tiers: {a: {rank: 1, earlier: n, rows: [" +
			times(19_900, func(i int) string { return fmt.Sprintf("{from: %d, amount: %d}, ", i+1, i) }) + "]}}}\n"}.file()
	},
	"ladders of rows in disorder": func() string {
		return sections{rules: "        ladders:\n" + times(40, func(i int) string {
			return fmt.Sprintf("          l%d: {zh: 梯, en: l, level: k, tiers: {a: {rank: 1, earlier: n, rows: [%s]}}, scale: [0, 1]}\n", i,
				times(480, func(i int) string { return fmt.Sprintf("{from: %d, amount: %d}, ", 20_000-i, i%7) }))
		})}.file()
	},
	"ladder with a long scale": func() string {
		return sections{rules: "        ladders:\n          l: {zh: 梯, en: l, level: k, tiers: {a: {rank: 1, earlier: n, rows: [" +
			times(490, func(i int) string { return fmt.Sprintf("{from: %d, amount: %d}, ", i+1, i) }) + "]}}, scale: [" +
			times(490, func(i int) string { return fmt.Sprintf("%d, ", i) }) + "], effect: multiply, effect_by: 2}\n"}.file()
	},
	"many prohibited words": func() string {
		words := times(1_900, func(i int) string { return fmt.Sprintf("w%d: {zh: 词, en: w}, ", i) })
		return sections{
			words: "  d: {" + words + "}\n", facts: "  ds: {zh: 列, en: ds, type: list, of: {type: word, words: d}}\n",
			rules: "        duties:\n" + times(170, func(i int) string {
				return fmt.Sprintf("          d%d: {zh: 责, en: d, observed: ds, prohibited: [%s]}\n", i, times(490, func(j int) string { return fmt.Sprintf("w%d, ", j) }))
			}),
		}.file()
	},
	"many prohibited words that are not in the list": func() string {
		words := times(480, func(i int) string { return long(i) + ": {zh: 词, en: w}, " })
		return sections{
			words: "  d: {" + words + "}\n", facts: "  ds: {zh: 列, en: ds, type: list, of: {type: word, words: d}}\n",
			rules: "        duties:\n          d: {zh: 责, en: d, observed: ds, prohibited: [" +
				times(490, func(i int) string { return fmt.Sprintf("%s%05d, ", strings.Repeat("jihgfedcba", 5), i) }) + "]}\n",
		}.file()
	},
	"checklist of many items": func() string {
		words := times(1_900, func(i int) string { return fmt.Sprintf("w%d: {zh: 词, en: w}, ", i) })
		return sections{
			words: "  d: {" + words + "}\n", facts: "  ds: {zh: 列, en: ds, type: list, of: {type: word, words: d}}\n",
			rules: "        checklists:\n" + times(11, func(i int) string {
				return fmt.Sprintf("          c%d: {zh: 单, en: c, present: ds, items: {%s}}\n", i, times(1_700, func(j int) string { return fmt.Sprintf("w%d: {when: n > 1}, ", j) }))
			}),
		}.file()
	},
	"unknown keys at the top": func() string {
		return sections{}.file() + times(1_900, func(i int) string { return long(i) + ": 1\n" })
	},
	"unknown keys everywhere": func() string {
		return sections{articles: groups("figures", full, func(i int) string {
			return fmt.Sprintf("f%d: {zh: 数, en: f, is: n, %s: 1, %s: 2}", i, long(i), long(i+1))
		})}.file()
	},
	"unknown keys in one list": func() string {
		return sections{rules: "        ladders:\n          l: {zh: 梯, en: l, level: k, tiers: {a: {rank: 1, earlier: n, rows: [" +
			times(12_000, func(i int) string { return "{" + long(i) + ": 1}, " }) + "]}}}\n"}.file()
	},
	"missing keys in one list": func() string {
		return sections{rules: "        ladders:\n          l: {zh: 梯, en: l, level: k, tiers: {a: {rank: 1, earlier: n, rows: [" +
			strings.Repeat("{}, ", 19_900) + "]}}}\n"}.file()
	},
	"missing keys in many rules": func() string {
		return sections{articles: groups("figures", full, func(i int) string { return fmt.Sprintf("f%d: {}", i) })}.file()
	},
	"missing labels": func() string {
		return sections{words: times(16, func(i int) string {
			return fmt.Sprintf("  w%d: {%s}\n", i, times(1_900, func(j int) string { return fmt.Sprintf("w%d: {}, ", j) }))
		})}.file()
	},
	"bad names": func() string {
		return sections{articles: groups("figures", full, func(i int) string { return fmt.Sprintf("F-%d: {zh: 数, en: f, is: n}", i) })}.file()
	},
	"unknown calendars, readings, articles": func() string {
		return sections{articles: groups("figures", full, func(i int) string {
			return fmt.Sprintf("f%d: {zh: 数, en: f, also_cites: [r/%d], is: {by: x%d, a: n}}", i, 2+i%9_000, i)
		})}.file()
	},
	"one long text": func() string {
		return strings.Replace(sections{}.file(), "text: {zh: 文", "text: {zh: "+strings.Repeat("文", full/3), 1)
	},
	"one long name": func() string {
		return strings.Replace(sections{}.file(), "figures: {only:", "figures: {"+strings.Repeat("o", full)+":", 1)
	},
	"one long expression": func() string {
		return strings.Replace(sections{}.file(), "is: n}", "is: "+strings.Repeat("n + ", full/4)+"n}", 1)
	},
	"many articles": func() string {
		return sections{articles: fill(full, func(i int) string {
			return fmt.Sprintf("      \"%d\": {nature: purpose, title: {zh: 一, en: one}, text: {zh: 文, en: t}, decides_nothing: {zh: 旨, en: aim}}\n", 1+i)
		})}.file()
	},
	"many sections of a review": func() string {
		return sections{review: "review:\n  zh: 审\n  en: review\n  sections:\n" + fill(full, func(i int) string {
			return fmt.Sprintf("    s%d: {zh: 审, en: s, question: q, table: t%d, columns: {c: {zh: 列, en: c, show: facts.n}}}\n", i, i)
		})}.file()
	},
	"columns of a review that show nothing": func() string {
		return sections{review: "review:\n  zh: 审\n  en: review\n  sections:\n" + times(11, func(i int) string {
			return fmt.Sprintf("    s%d: {zh: 审, en: s, question: q, table: t%d, columns: {%s}}\n", i, i,
				times(1_000, func(j int) string { return fmt.Sprintf("c%d: {zh: 列, en: c, show: x%d}, ", j, j) }))
		})}.file()
	},
	"table of many rows": func() string {
		words := times(500, func(i int) string { return fmt.Sprintf("w%d: {zh: 词, en: w}, ", i) })
		return sections{
			words: "  d: {" + words + "}\n", facts: "  x: {zh: 词, en: x, type: word, words: d}\n",
			rules: "        tables:\n          t:\n            zh: 表\n            en: t\n            keys: {x: x}\n            rows: [" +
				times(500, func(i int) string { return fmt.Sprintf("{where: {x: w%d}, gives: {p: %d}}, ", i, i) }) + "]\n",
		}.file()
	},
	"table of many ranges": func() string {
		return sections{rules: "        tables:\n          t:\n            zh: 表\n            en: t\n            keys: {n: n, k: k}\n            rows: [" +
			times(490, func(i int) string {
				return fmt.Sprintf("{where: {n: from %d below %d, k: %s}, gives: {p: %d}}, ", i/2, i/2+1, "ab"[i%2:i%2+1], i)
			}) + "{where: otherwise, gives: {p: 0}}]\n"}.file()
	},
	"table of many keys": func() string { // 3 to the 25th cases
		return sections{
			facts: times(25, func(i int) string { return fmt.Sprintf("  n%d: {zh: 数, en: n%d, type: count}\n", i, i) }),
			rules: "        tables:\n          t:\n            zh: 表\n            en: t\n            keys: {" + times(25, func(i int) string { return fmt.Sprintf("n%d: n%d, ", i, i) }) + "}\n            rows: [" +
				times(25, func(i int) string {
					return "{where: {" + times(i, func(j int) string { return fmt.Sprintf("n%d: below 5, ", j) }) + fmt.Sprintf("n%d: from 5}, gives: {p: %d}}, ", i, i)
				}) + "]\n",
		}.file()
	},
	"tables": func() string {
		return sections{articles: groups("tables", full, func(i int) string {
			return fmt.Sprintf("t%d: {zh: 表, en: t, keys: {n: n, k: k}, rows: [{where: {n: below 5}, gives: {p: 1}}, {where: {n: from 5, k: a}, gives: {p: 2}}, {where: otherwise, gives: {p: 3}}]}", i)
		})}.file()
	},
	"choices by many facts": func() string { // 2 to the 18th variants
		of := times(18, func(i int) string { return fmt.Sprintf("k%d, ", i) })
		deep := "1"
		for range 9 {
			deep = "{a: " + deep + ", otherwise: {a: 2, b: 3}}"
		}
		return sections{
			facts: times(18, func(i int) string { return fmt.Sprintf("  k%d: {zh: 词, en: k%d, type: word, words: w}\n", i, i) }),
			rules: "        figures:\n          f: {zh: 数, en: f, is: {by: [" + of + "], " + deep[1:] + "}\n" +
				times(18, func(i int) string {
					return fmt.Sprintf("          g%d: {zh: 数, en: g, part_of: g, when: k == \"a\", is: {by: k%d, a: 1, b: 2}}\n", i, i)
				}),
		}.file()
	},
	"values in a chain": func() string {
		return sections{articles: groups("values", full, func(i int) string {
			if i == 0 {
				return "v0: {zh: 值, en: v, is: 5%}"
			}
			return fmt.Sprintf("v%d: {zh: 值, en: v, is: v%d}", i, i-1)
		})}.file()
	},
	"rules that are like the one before": func() string {
		return sections{facts: "  m: {zh: 数, en: m, type: count}\n", articles: groups("figures", full-100, func(i int) string {
			if i == 0 {
				return figure(i, "n + m")
			}
			return fmt.Sprintf("f%d: {zh: 数, en: f, like: f%d, in_place_of: {%s}}", i, i-1, []string{"n: m", "m: n"}[i%2])
		})}.file()
	},
	"tables like one that is long": func() string {
		rows := times(400, func(i int) string {
			return fmt.Sprintf("{where: {n: from %d below %d}, gives: {p: n + %d}}, ", i, i+1, i)
		}) + "{where: otherwise, gives: {p: 0}}"
		return sections{rules: "        tables:\n          t: {zh: 表, en: t, keys: {n: n}, rows: [" + rows + "]}\n" +
			times(1_400, func(i int) string {
				return fmt.Sprintf("          t%d: {zh: 表, en: t, like: t, in_place_of: {n: m}}\n", i)
			}), facts: "  m: {zh: 数, en: m, type: count}\n"}.file()
	},
	"lists of lists of records": func() string {
		return sections{
			facts: "  xs: {zh: 列, en: xs, type: list, of: {type: record, fields: {a: {zh: 甲, en: a, type: count}, b: {zh: 词, en: b, type: word, words: w}}}}\n",
			articles: groups("figures", full, func(i int) string {
				if i == 0 {
					return "f0: {zh: 列, en: f, each: xs, fields: {a: .a, b: .b}}"
				}
				return fmt.Sprintf("f%d: {zh: 列, en: f, each: f%d.value, fields: {a: .a + 1, b: .b}, columns: {a: {zh: 甲, en: a}}}", i, i-1)
			}),
		}.file()
	},
	"accruals": func() string {
		return sections{
			facts: "  s: {zh: 起, en: s, type: moment}\n  u: {zh: 止, en: u, type: moment}\n",
			articles: groups("accruals", full, func(i int) string {
				return fmt.Sprintf("a%d: {zh: 计, en: a, per: hour, from: s, until: u, rate: {by: date, 2010-01-01: 1 CNY, 2011-01-01: 2 CNY}, at_most: 100}", i)
			}),
		}.file()
	},
	"accrual of many rates": func() string {
		return sections{
			facts: "  s: {zh: 起, en: s, type: moment}\n  u: {zh: 止, en: u, type: moment}\n",
			rules: "        accruals:\n          a: {zh: 计, en: a, per: hour, from: s, until: u, rate: {by: date, " +
				times(480, func(i int) string { return fmt.Sprintf("%d-%02d-01: %d CNY, ", 2010+i/12, 1+i%12, i) }) + "}}\n",
		}.file()
	},
	"clocks with pauses and alerts": func() string {
		return sections{
			facts: "  s: {zh: 起, en: s, type: moment}\n  u: {zh: 止, en: u, type: moment}\n  ps: {zh: 停, en: ps, type: list, of: {type: record, fields: {from: {zh: 起, en: from, type: moment}, to: {zh: 止, en: to, type: moment}}}}\n",
			articles: times(1, func(int) string {
				return "      \"1\":\n        nature: duty\n        title: {zh: 一, en: one}\n        text: {zh: 文, en: text}\n        clocks:\n" +
					times(600, func(i int) string {
						return fmt.Sprintf("          c%d: {zh: 钟, en: c, done: u, alerts: {half: {at: 50%%}}}\n", i)
					}) + "        deadlines:\n" +
					times(600, func(i int) string {
						return fmt.Sprintf("          d%d: {zh: 限, en: d, part_of: c%d, within: %d hours, from: s}\n", i, i, i+1)
					}) + "        pauses:\n" +
					times(600, func(i int) string {
						return fmt.Sprintf("          p%d: {zh: 停, en: p, part_of: c%d, each: ps, from: .from, to: .to}\n", i, i)
					})
			}),
		}.file()
	},
	"general rules and exceptions": func() string {
		return sections{rules: "        figures:\n" + times(600, func(i int) string {
			return fmt.Sprintf("          f%d: {zh: 数, en: f, part_of: all, when: n > %d, is: n, except: [%s]}\n", i, i, strings.TrimSuffix(times(min(i, 20), func(j int) string { return fmt.Sprintf("f%d, ", i-1-j) }), ", "))
		})}.file()
	},
	"an exception in a circle": func() string {
		return sections{rules: "        figures:\n" + times(900, func(i int) string {
			return fmt.Sprintf("          f%d: {zh: 数, en: f, part_of: all, when: n > %d, is: n, except: [f%d]}\n", i, i, (i+1)%900)
		})}.file()
	},
	"what facts cannot be": func() string {
		return sections{}.file() + "must:\n" + times(190, func(i int) string { return fmt.Sprintf("  m%d: {zh: 须, en: m, that: n > 0 or n == 0}\n", i) })
	},
	"promises": func() string {
		return sections{}.file() + "promises:\n" + times(450, func(i int) string {
			return fmt.Sprintf("  p%d: {zh: 诺, en: p, article: r/1, question: q, then: answer.verdict == \"a\"}\n", i)
		})
	},
	"yearly days": func() string {
		return sections{calendars: "calendars:\n" + times(50, func(i int) string {
			return fmt.Sprintf("  c%d: {zh: 历, en: c, weekend: [sunday], yearly: {from: 2000, days: [%s]}}\n", i,
				times(100, func(j int) string { return fmt.Sprintf("{on: easter+%d, zh: 节, en: d}, ", j) }))
		})}.file()
	},
}

// Whatever is made to cost is refused with few findings, or loads and
// answers. BenchmarkHostileRules shows the cost.
func TestHostileRules(t *testing.T) {
	testsize.NotAtTheDesk(t) // many large files are loaded
	for _, name := range slices.Sorted(maps.Keys(hostileRules)) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			data := []byte(hostileRules[name]())
			if len(data) > source.MaxBytes {
				t.Fatalf("larger than a file may be: %d bytes", len(data))
			}
			book, err := rulebook.Parse("hostile.yaml", data)
			checkParsed(t, data, book, err)
			var found diagnostic.List
			if errors.As(err, &found) { // what the command shows of it
				var page strings.Builder
				if err := report.Findings(&page, report.Style{Lang: "zh", Width: 80}, found, report.Sources{"hostile.yaml": data}); err != nil {
					t.Fatal(err)
				}
				if page.Len() > 200_000 {
					t.Errorf("%d bytes about %d findings", page.Len(), len(found))
				}
			}
		})
	}
}

// BenchmarkHostileRules loads what is made to cost: no file of 1 MiB may take
// more than half a second, or hold 128 MiB at a time.
func BenchmarkHostileRules(b *testing.B) {
	for _, name := range slices.Sorted(maps.Keys(hostileRules)) {
		b.Run(name, func(b *testing.B) {
			data := []byte(hostileRules[name]())
			b.ReportAllocs()
			for b.Loop() {
				_, _ = rulebook.Parse("hostile.yaml", data) // most are refused
			}
			b.ReportMetric(float64(len(data))/1024, "KiB")
		})
	}
}

// hostileFacts are texts of facts that are made to cost.
var hostileFacts = map[string]func() string{
	"nested too deep": func() string { return strings.Repeat("[", full) },
	"nested objects":  func() string { return strings.Repeat(`{"a":`, full/5) },
	"lists of lists": func() string {
		return `{"request":[` + times(524, func(int) string { return "[" + strings.Repeat("1,", 990) + "1]," }) + "1]}"
	},
	"lists of empty objects": func() string {
		return `{"request":[` + times(340, func(int) string { return "[" + strings.Repeat("{},", 990) + "{}]," }) + "1]}"
	},
	"objects of many keys": func() string {
		keys := times(990, func(i int) string { return fmt.Sprintf(`"%d":0,`, i) }) + `"x":0`
		return `{"request":[` + times(130, func(int) string { return "{" + keys + "}," }) + "1]}"
	},
	"unknown facts": func() string {
		return "{" + times(900, func(i int) string { return fmt.Sprintf(`"%s":1,`, long(i)) }) + `"x":1}`
	},
	"one long name": func() string { return `{"reader":"` + strings.Repeat("x", full) + `"}` },
	"one long key":  func() string { return `{"` + strings.Repeat("x", full) + `":1}` },
	"escapes":       func() string { return `{"reader":"` + strings.Repeat(`\u4e2d`, full/6) + `"}` },
	"no end":        func() string { return `{"reader":"` + strings.Repeat(`\"`, full/2) },
	"blanks":        func() string { return strings.Repeat(" \n", full/2) + `{"x":1}` },
	"a long number": func() string { return `{"n":` + strings.Repeat("9", full) + "}" },
	"signs":         func() string { return `{"n":` + strings.Repeat("-", full) + "}" },
}

// hostileRecords are facts within all limits, of questions that go through
// lists: every list as long as it may be.
func hostileRecords(t testing.TB, q *policy.Question) string {
	t.Helper()
	g := newGenerator(1)
	facts := g.facts(q)
	for _, f := range q.Facts {
		facts[f.Name] = g.many(f.Fact, 1_000)
	}
	data, err := json.Marshal(facts)
	if err != nil {
		t.Fatal(err)
	}
	for n := 1_000; len(data) > source.MaxBytes; n = n * 3 / 4 {
		for _, f := range q.Facts {
			facts[f.Name] = g.many(f.Fact, n)
		}
		data, _ = json.Marshal(facts)
	}
	return string(data)
}

// many is a value of which every list has n elements.
func (g generator) many(f *policy.Fact, n int) any {
	switch f.TypeName {
	case "list":
		list := make([]any, n)
		for i := range list {
			list[i] = g.value(f.Elem, i)
		}
		return list
	case "record":
		record := map[string]any{}
		for _, x := range f.Fields {
			record[x.Name] = g.many(x, n)
		}
		return record
	}
	return g.value(f, 0)
}

func TestHostileFacts(t *testing.T) {
	book := embedded(t)
	questions := book.Rulebook().Questions
	for _, name := range slices.Sorted(maps.Keys(hostileFacts)) {
		t.Run(name, func(t *testing.T) {
			data := []byte(hostileFacts[name]())
			_, err := book.Check(questions[0].ID, data)
			var refused *policy.FactError
			if !errors.As(err, &refused) {
				t.Fatalf("not refused: %v", err)
			}
			if text := refused.In("zh"); utf8.RuneCountInString(text) > 1_000 {
				t.Errorf("a refusal of %d characters", utf8.RuneCountInString(text))
			}
		})
	}
	for _, q := range questions {
		t.Run(q.ID, func(t *testing.T) { checkFacts(t, book, q, []byte(hostileRecords(t, q))) })
	}
}

// BenchmarkHostileFacts asks with what is made to cost; the same bounds hold.
func BenchmarkHostileFacts(b *testing.B) {
	book := embedded(b)
	questions := book.Rulebook().Questions
	run := func(name string, q *policy.Question, data []byte) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if answer, err := book.Ask(b.Context(), q.ID, data); err == nil {
					answer.AppendJSON(nil, true)
				}
			}
			b.ReportMetric(float64(len(data))/1024, "KiB")
		})
	}
	for _, name := range slices.Sorted(maps.Keys(hostileFacts)) {
		run(name, questions[0], []byte(hostileFacts[name]()))
	}
	for _, q := range questions {
		run(q.ID, q, []byte(hostileRecords(b, q)))
	}
}
