package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/casefile"
	"github.com/servicerules/rulebook/internal/difference"
	"github.com/servicerules/rulebook/internal/probe"
	"github.com/servicerules/rulebook/internal/report"
	"github.com/servicerules/rulebook/internal/source"
)

func (a *app) diffCommand() *cobra.Command {
	var cases, facts, question, page string
	how := &howFlags{}
	var tries int
	cmd := &cobra.Command{
		Use:   a.t("diff 旧文件 [新文件]", "diff OLD [NEW]"),
		Short: a.t("两版规则有什么不同，影响哪些答复", "what two versions of the rules say differently, and whom it hits"),
		Long: a.t(
			`用制度的话说出两版规则的不同：先读法，再时限、数值、条件，只是文字的放在最后。
每个问题的答复是否不同：用不到所改之处的不会不同；其余的，找得到不同的给出事实，找不到的说明试了多少组。
文件也可写成 git 版本：HEAD~1:rules.yaml。新文件不写，就是当前目录的 rules.yaml 或 --rules。
--facts 给出已有的事实（JSON Lines、CSV，或一个月的目录），两版各算一遍：多少答复改变，改变了什么，金额差多少。`,
			`Tell in the words of the regulations what two versions of the rules say differently: readings
first, then limits, numbers and conditions; wording alone comes last. Of each question, whether
its answers differ: those that rest on nothing that was changed cannot; of the others, facts that
are answered differently are shown, or it is said how many fact sets were tried in vain.
A file may be a revision of git: HEAD~1:rules.yaml. Without a new file it is rules.yaml in the
working directory, or --rules. With --facts (JSON Lines, CSV, or a month's directory) facts on
record are asked again by both: how many answers change, how, and by how much money.`),
		Example: "rulebook diff HEAD:rules.yaml\nrulebook diff old.yaml new.yaml --format markdown\nrulebook diff HEAD:rules.yaml --facts 2025-06\nrulebook diff HEAD:rules.yaml --facts facts.jsonl --question time_limit.request --html diff.html",
		Args:    arguments(1, 2, diagnostic.Text{ZH: "要写旧文件", EN: "the old file is needed"}),
		RunE: func(cmd *cobra.Command, args []string) error {
			newer := a.rules
			if len(args) == 2 {
				newer = args[1]
			}
			if newer == "" {
				newer = rulesInDirectory
			}
			if page != "" {
				if err := a.spares(commandName(cmd), []string{page}, append(append(a.ruleFiles(args[0]), a.ruleFiles(newer)...), cases, facts)...); err != nil {
					return err
				}
			}
			old, err := a.version(args[0])
			if err != nil {
				return err
			}
			changed, err := a.version(newer)
			if err != nil {
				return err
			}
			b := changed.Rulebook()
			a.used = &rulesJSON{b.Name(), b.ID, b.SHA256}
			var files []*casefile.File
			if cases != "" || a.casesBeside() != "" {
				if files, err = a.casesOf("diff", cases); err != nil {
					return err
				}
			}
			r, err := difference.Compare(cmd.Context(), old, changed, files, tries)
			if err != nil {
				return err
			}
			var replay *difference.Replay
			if facts != "" {
				if replay, err = difference.ReplayFile(cmd.Context(), old, changed, r, difference.Record{Path: facts, Question: question, How: how.how()}); err != nil {
					return a.replayRefused(commandName(cmd), facts, err)
				}
			}
			v := difference.ViewOf(r, replay, a.style.Lang)
			if page != "" {
				if err := writePage(page, func(w *strings.Builder) error { return v.HTML(w) }); err != nil {
					return err
				}
			}
			switch a.format {
			case "json":
				return writeJSON(a.out, a.diffJSON(r, replay))
			case "markdown":
				return v.Markdown(a.out)
			}
			a.told(v)
			return nil
		},
	}
	a.format = "text"
	f := &choice{value: a.format, allowed: []string{"text", "json", "markdown"}, to: &a.format}
	cmd.Flags().Var(f, "format", a.t("输出格式", "format of the output"))
	complete(cmd, "format", fixed(f.allowed...))
	cmd.Flags().StringVar(&cases, "cases", "", a.t("用例，找不同时从它们的事实出发", "cases, whose facts the search for differences begins with"))
	cmd.Flags().StringVar(&facts, "facts", "", a.t("重算的事实：.jsonl、.csv 或一个月的目录", "facts to ask again about: .jsonl, .csv, or a month's directory"))
	cmd.Flags().StringVar(&question, "question", "", a.t("--facts 是哪个问题的事实（目录不必写）", "the question that --facts are of (not for a directory)"))
	how.addTimes(a, cmd)
	cmd.Flags().StringVar(&page, "html", "", a.t("另写成一个网页文件", "also write one page, to this file"))
	cmd.Flags().IntVar(&tries, "tries", 2000, a.t("每个可能受影响的问题试多少组事实", "fact sets to try for each question that a change may reach"))
	complete(cmd, "question", a.fromBook(questionIDs))
	return cmd
}

// version loads a file, or a revision of git of one, with the files that it
// names: those of a revision are of that revision, too.
func (a *app) version(name string) (*rulebook.Book, error) {
	var data []byte
	_, err := os.Stat(name)
	if revision, file, found := strings.Cut(name, ":"); err != nil && found && revision != "" && file != "" {
		if data, err = gitShow(revision, file); err != nil {
			return nil, cannotRead(name, err)
		}
		folder := path.Dir(filepath.ToSlash(file))
		data, _ = source.Gather(data, func(below string) ([]byte, error) { return gitShow(revision, path.Join(folder, below)) })
	} else if _, data, err = a.find(name); err != nil {
		var trouble *troubleError
		if errors.As(err, &trouble) && errors.Is(err, fs.ErrNotExist) {
			trouble.remedy = diagnostic.Text{ZH: "写文件名；git 的版本写成“版本:文件”，如 HEAD:rules.yaml", EN: "name a file; of a revision of git, write REVISION:FILE, as in HEAD:rules.yaml"}
		}
		return nil, err
	}
	book, err := rulebook.Parse(name, data)
	if err != nil {
		return nil, a.refused(err, sourcesOf(name, data))
	}
	return book, nil
}

// gitShow is a file as of a revision. Its path is from the working directory.
func gitShow(revision, file string) ([]byte, error) {
	if strings.HasPrefix(revision, "-") {
		return nil, errors.New("no revision begins with -")
	}
	if !filepath.IsAbs(file) && !strings.HasPrefix(file, "./") && !strings.HasPrefix(file, "../") {
		file = "./" + file
	}
	var complaint bytes.Buffer
	cmd := exec.Command("git", "show", "--end-of-options", revision+":"+filepath.ToSlash(file))
	cmd.Stderr = &complaint
	data, err := cmd.Output()
	if err != nil && complaint.Len() > 0 {
		return nil, errors.New(strings.TrimSpace(complaint.String()))
	}
	return data, err
}

// replayRefused says what is wrong with the facts.
func (a *app) replayRefused(command, path string, err error) error {
	var input *difference.InputError
	var read *os.PathError
	switch {
	case errors.As(err, &input):
		where := ""
		if input.Line > 0 {
			where = fmt.Sprintf("%s:%d: ", input.File, input.Line)
		}
		remedy := input.Remedy
		if input.Unasked {
			remedy = diagnostic.Wording("写 --question 问题；%s", "write --question QUESTION; %s", remedy)
		}
		return &usageError{command: command, message: diagnostic.Text{ZH: where + input.Message.ZH, EN: where + input.Message.EN}, remedy: remedy}
	case errors.As(err, &read):
		return cannotRead(path, err)
	}
	return err
}

// told prints what differs.
func (a *app) told(v *difference.View) {
	s := a.style
	a.println(s.Dim(v.Old + " → " + v.New))
	group := func(g difference.ViewGroup) {
		a.heading(report.Clean(g.Heading))
		for _, l := range g.Lines {
			a.paragraph("  ", report.Clean(l))
		}
	}
	if v.Empty() {
		a.println("", v.Nothing())
	}
	for _, g := range v.Groups {
		group(g)
	}
	group(difference.ViewGroup{Heading: v.Answers(), Lines: v.AnswerLines()})
	for _, g := range v.Replay {
		group(g)
	}
}

type diffJSON struct {
	Rules     *rulesJSON   `json:"rules"` // the new ones
	Old       rulesJSON    `json:"old"`
	Changes   []changeJSON `json:"changes"`
	Questions []sameJSON   `json:"questions"`
	Replay    *replayJSON  `json:"replay,omitempty"`
}

type changeJSON struct {
	Kind    difference.Kind `json:"kind"`
	Article string          `json:"article,omitempty"`
	Rule    string          `json:"rule,omitempty"`
	Reading string          `json:"reading,omitempty"`
	What    diagnostic.Text `json:"what"`
	Old     diagnostic.Text `json:"old"`
	New     diagnostic.Text `json:"new"`
	From    string          `json:"from,omitempty"`
	Span    diagnostic.Span `json:"span"`
}

type sameJSON struct {
	Question    string              `json:"question"`
	Answers     difference.Sameness `json:"answers"`
	Tried       int                 `json:"tried,omitempty"`
	Facts       map[string]any      `json:"facts,omitempty"` // that are answered differently
	Differences []partJSON          `json:"differences,omitempty"`
	Record      string              `json:"record,omitempty"` // that is, where nothing else was found
}

type partJSON struct {
	Part string `json:"part"`
	Old  string `json:"old"`
	New  string `json:"new"`
}

type replayJSON struct {
	Rows      int         `json:"rows"`
	Changed   int         `json:"changed"`
	Unchanged int         `json:"unchanged"`
	Refused   int         `json:"refused"`
	Sums      []sumJSON   `json:"sums"`
	Groups    []groupJSON `json:"groups"`
}

type sumJSON struct {
	Question string          `json:"question"`
	Value    string          `json:"value"`
	Label    diagnostic.Text `json:"label"`
	By       string          `json:"by"`
	Currency string          `json:"currency,omitempty"` // of an amount
	Up       int             `json:"up"`
	Down     int             `json:"down"`
}

type groupJSON struct {
	Rules    []string      `json:"rules"`
	Readings []string      `json:"readings"`
	Rows     int           `json:"rows"`
	Verdicts []turnJSON    `json:"verdicts"`
	Examples []exampleJSON `json:"examples"`
}

// turnJSON is how many rows have one verdict by the old rules and one by the new:
// "" where there is an error instead.
type turnJSON struct {
	Question string `json:"question"`
	Old      string `json:"old"`
	New      string `json:"new"`
	OldError string `json:"old_error,omitempty"`
	NewError string `json:"new_error,omitempty"`
	Rows     int    `json:"rows"`
}

type exampleJSON struct {
	Record      string     `json:"record"`
	Question    string     `json:"question"`
	Differences []partJSON `json:"differences"`
}

func (a *app) diffJSON(r *difference.Report, p *difference.Replay) diffJSON {
	out := diffJSON{Rules: a.used, Old: rulesJSON{r.Old.Name(), r.Old.ID, r.Old.SHA256}, Changes: []changeJSON{}, Questions: []sameJSON{}}
	for _, c := range r.Changes {
		x := changeJSON{c.Kind, c.Article, c.Rule, c.Reading, c.What, c.Old, c.New, "", c.Span}
		if c.From != 0 {
			x.From = c.From.String()
		}
		out.Changes = append(out.Changes, x)
	}
	for _, q := range r.Questions {
		out.Questions = append(out.Questions, sameOf(q))
	}
	if p != nil {
		out.Replay = replayOf(p)
	}
	return out
}

func sameOf(q *difference.Asked) sameJSON {
	x := sameJSON{Question: q.ID, Answers: q.Sameness, Tried: q.Tried, Record: q.Record}
	if q.Witness != nil {
		x.Facts = q.Witness.Facts
		x.Differences = partsOf(q.Witness.Differences)
	}
	return x
}

func replayOf(p *difference.Replay) *replayJSON {
	out := &replayJSON{p.Rows, p.Changed, p.Unchanged, p.Refused, []sumJSON{}, []groupJSON{}}
	for _, s := range p.Sums {
		out.Sums = append(out.Sums, sumJSON{s.Question, s.Value, s.Label, s.Number(), s.Currency, s.Up, s.Down})
	}
	for _, g := range p.Groups {
		x := groupJSON{g.Rules, g.Readings, g.Rows, []turnJSON{}, []exampleJSON{}}
		for _, t := range g.Verdicts {
			x.Verdicts = append(x.Verdicts, turnJSON{t.Question, t.Old, t.New, t.Error, t.NewError, t.Rows})
		}
		for _, e := range g.Examples {
			x.Examples = append(x.Examples, exampleJSON{e.ID, e.Question, partsOf(e.Differences)})
		}
		out.Groups = append(out.Groups, x)
	}
	return out
}

func partsOf(all []probe.Difference) (parts []partJSON) {
	for _, d := range all {
		parts = append(parts, partJSON{d.Part, d.Old, d.New})
	}
	return parts
}
