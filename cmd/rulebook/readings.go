package main

import (
	"encoding/json"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/report"
	"github.com/servicerules/rulebook/internal/wording"
	"github.com/servicerules/rulebook/policy"
)

func (a *app) readingsCommand() *cobra.Command {
	var undecided bool
	cmd := &cobra.Command{
		Use:   a.t("readings [读法…]", "readings [KEY…]"),
		Short: a.t("读法登记：条文可有几种理解，选了哪种", "the readings: where the text is open, and what was chosen"),
		Long: a.t(
			`列出全部读法：出自哪一条、问的是什么、有哪些选项、现在选的是哪个（标 ●）、由谁决定、
用在哪些规则。写了读法，或它问的话，只列这几个。
改选：编辑规则文件的 readings；只想试一试：ask 和 test 的 --reading。`,
			`List every reading: the article, the question that the text leaves open, its options with the
chosen one marked ●, who decided it, and the rules that use it; of those that are named alone, by
key or by what they ask, if any are. To choose another, edit readings
in the rules file; to try one out, use --reading of ask and test.`),
		Example: "rulebook readings --undecided\nrulebook readings ladder.hall_boundary\nrulebook readings --format json",
		RunE: func(cmd *cobra.Command, args []string) error {
			book, err := a.load()
			if err != nil {
				return err
			}
			b := book.Rulebook()
			list := b.Readings
			if undecided {
				list = undecidedReadings(b)
			}
			if len(args) > 0 {
				if list, err = readingsNamed(cmd, b, list, args); err != nil {
					return err
				}
			}
			if a.json() {
				return writeJSON(a.out, readingsJSON(book, list))
			}
			for _, r := range list {
				a.reading(book, r)
			}
			open := len(undecidedReadings(b))
			a.println(a.style.Plural(len(b.Readings), "读法 %d 个", "%d reading", "%d readings") + a.style.Pickf("，未由本单位决定 %d 个", ", %d not decided by this organisation", open))
			return nil
		},
	}
	a.formatFlag(cmd)
	cmd.Flags().BoolVar(&undecided, "undecided", false, a.t("只列未由本单位决定的", "only those that this organisation has not decided"))
	return cmd
}

// readingsNamed are those of a list that are named, by their keys or by what they
// ask, or words of it that no other has.
func readingsNamed(cmd *cobra.Command, b *policy.Rulebook, list []*policy.Reading, keys []string) (some []*policy.Reading, err error) {
	asks := readingsAsk(b)
	var named []string
	for _, name := range keys {
		key := name
		if _, ok := b.Reading(name); !ok {
			key = asks.Nearest(name)
			asked := asks.Labels[key]
			if !slices.ContainsFunc(asked.Languages(), func(lang string) bool { return strings.Contains(asked.In(lang), name) }) {
				return nil, &usageError{command: commandName(cmd), message: diagnostic.Textf("没有读法 %q", "there is no reading %q", name), remedy: asks.OneOf(name)}
			}
		}
		named = append(named, key)
	}
	for _, r := range list {
		if slices.Contains(named, r.Key) {
			some = append(some, r)
		}
	}
	return some, nil
}

// readingsAsk are the readings with what they ask, by which people name them.
func readingsAsk(b *policy.Rulebook) *policy.WordList {
	list := &policy.WordList{Labels: map[string]policy.Text{}}
	for _, r := range b.Readings {
		list.Words = append(list.Words, r.Key)
		list.Labels[r.Key] = r.Asks
	}
	return list
}

// reading prints one reading.
func (a *app) reading(book *rulebook.Book, r *policy.Reading) {
	s := a.style
	chosen, _ := book.Choice(r.Key, time.Time{})
	a.println(s.Bold(r.Key) + "  " + s.Dim(r.Article))
	a.paragraph("  ", s.Text(r.Asks))
	t := report.Table{Indent: 2}
	for _, o := range r.Options {
		mark, name, label := "○", o.Name, s.Text(o.Label)
		if wording.Chosen(chosen, o.Name) {
			mark = "●"
			if chosen.Parameter != "" {
				name += ":" + chosen.Parameter
			}
			name = s.Green(name)
		}
		t.Rows = append(t.Rows, []string{mark, name, label})
	}
	a.table(t)
	if r.DecidedBy == "" {
		a.println("  " + s.Yellow(a.t("未由本单位决定", "not decided by this organisation")))
	} else {
		a.println("  " + s.Pickf("%s 于 %s 决定", "decided by %s on %s", r.DecidedBy, r.DecidedOn))
	}
	if used := r.UsedBy; len(used) > 0 {
		ids := make([]string, len(used))
		for i, rule := range used {
			ids[i] = rule.ID
		}
		a.paragraph(a.t("  用于 ", "  used by "), strings.Join(ids, ", "))
	}
	a.println("")
}

// paragraph prints wrapped text; its errors stay in the writer.
func (a *app) paragraph(lead, text string) { _ = report.Paragraph(a.out, a.style, lead, text) }

type readingJSON struct {
	Key     string           `json:"key"`
	Article string           `json:"article"`
	Asks    diagnostic.Text  `json:"asks"`
	Why     *diagnostic.Text `json:"why,omitempty"`
	Several bool             `json:"several"`
	Options []optionJSON     `json:"options"`
	Chosen  string           `json:"chosen"`
	Decided *decidedJSON     `json:"decided"`
	UsedBy  []string         `json:"used_by"`
}

type optionJSON struct {
	Name      string          `json:"name"`
	Label     diagnostic.Text `json:"label"`
	Parameter string          `json:"parameter,omitempty"`
	Chosen    bool            `json:"chosen"`
}

type decidedJSON struct {
	By string `json:"by"`
	On string `json:"on"`
}

func readingsJSON(book *rulebook.Book, list []*policy.Reading) []readingJSON {
	all := make([]readingJSON, 0, len(list))
	for _, r := range list {
		chosen, _ := book.Choice(r.Key, time.Time{})
		x := readingJSON{Key: r.Key, Article: r.Article, Asks: r.Asks, Several: r.Several, Chosen: chosen.String(), UsedBy: []string{}}
		if !r.Why.IsZero() {
			x.Why = &r.Why
		}
		if r.DecidedBy != "" {
			x.Decided = &decidedJSON{r.DecidedBy, r.DecidedOn}
		}
		for _, o := range r.Options {
			x.Options = append(x.Options, optionJSON{o.Name, o.Label, o.Parameter, wording.Chosen(chosen, o.Name)})
		}
		for _, rule := range r.UsedBy {
			x.UsedBy = append(x.UsedBy, rule.ID)
		}
		all = append(all, x)
	}
	return all
}

// writeJSON prints a value as indented JSON.
func writeJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}
