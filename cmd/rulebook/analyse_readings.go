package main

import (
	"github.com/spf13/cobra"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/casefile"
	"github.com/servicerules/rulebook/internal/difference"
	"github.com/servicerules/rulebook/internal/report"
)

func (a *app) analyseReadingsCommand() *cobra.Command {
	var cases, facts, question string
	how := &howFlags{}
	var tries int
	var undecided bool
	cmd := &cobra.Command{
		Use:   a.t("readings [读法…]", "readings [KEY…]"),
		Short: a.t("改选一个读法会改变什么：结论、取值、已有记录的金额", "what another option of each reading would change: verdicts, values, money on record"),
		Long: a.t(
			`逐个读法、逐个其他选项：会不会改变结论，会不会改变别的取值，举出一组事实；都找不到的说明试了多少组，
这样的读法怎样决定都不见影响。从用例的事实出发去找。--facts 给出已有的事实（JSON Lines、CSV，或一个月的
目录），另说改选后多少答复改变、金额差多少：先决定影响大的。同时改选几个读法：ask --all-readings。`,
			`For each reading and each other option: whether a verdict turns, whether some other value changes,
with facts that show it; where none were found, how many fact sets were tried – as far as that goes,
such a reading can be decided either way. The search begins with the facts of the cases. With --facts
(JSON Lines, CSV, or a month's directory) it also says how many answers on record change, and by how
much money: decide first what weighs most. For several readings at once: ask --all-readings.`),
		Example: "rulebook analyse readings --undecided\nrulebook analyse readings ladder.hall_boundary --facts 2025-06",
		RunE: func(cmd *cobra.Command, args []string) error {
			book, err := a.load()
			if err != nil {
				return err
			}
			list := book.Rulebook().Readings
			if undecided {
				list = undecidedReadings(book.Rulebook())
			}
			if len(args) > 0 {
				if list, err = readingsNamed(cmd, book.Rulebook(), list, args); err != nil {
					return err
				}
			}
			var files []*casefile.File
			if cases != "" || a.casesBeside() != "" {
				if files, err = a.casesOf(commandName(cmd), cases); err != nil {
					return err
				}
			}
			var record *difference.Record
			if facts != "" {
				record = &difference.Record{Path: facts, Question: question, How: how.how()}
			}
			all, err := difference.Options(cmd.Context(), book, list, files, tries, record)
			if err != nil {
				return a.replayRefused(commandName(cmd), facts, err)
			}
			if a.json() {
				return writeJSON(a.out, a.otherOptionsJSON(all))
			}
			a.toldOptions(difference.ViewOfOptions(book, all, a.style.Lang))
			return nil
		},
	}
	cmd.Flags().StringVar(&cases, "cases", "", a.t("用例，找不同时从它们的事实出发", "cases, whose facts the search for differences begins with"))
	cmd.Flags().StringVar(&facts, "facts", "", a.t("已有的事实：.jsonl、.csv 或一个月的目录", "facts on record: .jsonl, .csv, or a month's directory"))
	cmd.Flags().StringVar(&question, "question", "", a.t("--facts 是哪个问题的事实（目录不必写）", "the question that --facts are of (not for a directory)"))
	how.addTimes(a, cmd)
	cmd.Flags().IntVar(&tries, "tries", 1000, a.t("每个选项、每个问题试多少组事实", "fact sets to try for each option and question"))
	cmd.Flags().BoolVar(&undecided, "undecided", false, a.t("只看未由本单位决定的", "only those that this organisation has not decided"))
	complete(cmd, "question", a.fromBook(questionIDs))
	a.formatFlag(cmd)
	return cmd
}

// toldOptions prints what other options change.
func (a *app) toldOptions(views []*difference.ReadingView) {
	s := a.style
	counts := map[difference.Effect]int{}
	for i, v := range views {
		if i == 0 || views[i-1].Effect != v.Effect {
			a.heading(v.Effect.Label().In(s.Lang))
		}
		counts[v.Effect]++
		a.println("  " + s.Bold(report.Clean(v.Heading.Heading)))
		for _, l := range v.Heading.Lines {
			a.paragraph("    ", report.Clean(l))
		}
		for _, o := range v.Options {
			a.println("    " + s.Green(report.Clean(o.Heading)))
			for _, l := range o.Lines {
				a.paragraph("      ", report.Clean(l))
			}
		}
		a.println("")
	}
	a.println(s.Pickf("读法 %d 个：改变结论的 %d 个，改变能不能判断的 %d 个，只见改变取值的 %d 个，不见影响的 %d 个", "readings: %d; that turn a verdict: %d; that change whether there is an answer: %d; seen to change values alone: %d; without an effect that was found: %d",
		len(views), counts[difference.TurnsVerdict], counts[difference.TurnsError], counts[difference.ChangesValues], counts[difference.NoEffectFound]+counts[difference.NoEffect]))
}

type otherOptionsJSON struct {
	Rules   *rulesJSON        `json:"rules"`
	Options []otherOptionJSON `json:"options"`
}

type otherOptionJSON struct {
	Reading   string            `json:"reading"`
	Asks      diagnostic.Text   `json:"asks"`
	Decided   bool              `json:"decided"`
	Chosen    string            `json:"chosen"`
	Option    string            `json:"option"`
	Effect    difference.Effect `json:"effect"`
	Questions []sameJSON        `json:"questions"`
	Replay    *replayJSON       `json:"replay,omitempty"`
}

func (a *app) otherOptionsJSON(all []*difference.Option) otherOptionsJSON {
	out := otherOptionsJSON{Rules: a.used, Options: []otherOptionJSON{}}
	for _, o := range all {
		x := otherOptionJSON{o.Reading.Key, o.Reading.Asks, o.Reading.DecidedBy != "", o.Chosen, o.Name, o.Effect(), []sameJSON{}, nil}
		for _, q := range o.Questions {
			x.Questions = append(x.Questions, sameOf(q))
		}
		if o.Replay != nil {
			x.Replay = replayOf(o.Replay)
		}
		out.Options = append(out.Options, x)
	}
	return out
}
