package changing

import (
	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/difference"
	"github.com/servicerules/rulebook/policy"
)

// Words is a study in one language.
type Words struct {
	Known       bool // both texts load, and it is known what they say differently
	Same        bool // nothing
	Differences []difference.ViewGroup
	Questions   []string // that the change can reach, each with what is known of its answers
	Untouched   string   // how many it cannot reach
	Impact      []Group  // the first is about all records
	Deviations  []Deviation
	Extends     string // the book that it extends, "" for none
}

// Group is lines under a heading, with records that they hold of.
type Group struct {
	Heading  string
	Lines    []string
	Examples []Example
	More     int // examples that are not listed
}

// Example is a record that is answered otherwise.
type Example struct {
	ID   string
	Text string // how, "" where that is for others to see
}

// Deviation is where a book says otherwise than the one that it extends.
type Deviation struct {
	Path, Label, Base, Branch string
	Added                     bool
}

// shownRecords is how many records a group of the impact lists.
const shownRecords = 20

// InWords is a study in a language. Answers about people are told only where
// personal says so; records are named to whoever may see them.
func (s *Study) InWords(lang string, records, personal bool) Words {
	w := Words{Known: s.Report != nil}
	if s.Report == nil {
		return w
	}
	v := difference.ViewOf(s.Report, nil, lang)
	w.Same, w.Differences, w.Questions, w.Untouched = v.Empty(), v.Groups, v.Labelled, v.Untouched
	if s.Deviating != nil {
		w.deviations(s.Deviating, lang)
	}
	if s.Impact == nil || !records {
		return w
	}
	for i, g := range difference.ReplayInWords(s.Report, s.Impact, lang) {
		x := Group{Heading: g.Heading, Lines: g.Lines}
		if i > 0 {
			of := s.Impact.Groups[i-1]
			for _, e := range of.Examples[:min(len(of.Examples), shownRecords)] {
				example := Example{ID: e.ID}
				if personal {
					example.Text = difference.DifferencesOf(s.Report.Old, s.Report.New, e.Question, e.Differences, lang)
				}
				x.Examples = append(x.Examples, example)
			}
			x.More = of.Rows - len(x.Examples)
		}
		w.Impact = append(w.Impact, x)
	}
	return w
}

func (w *Words) deviations(b *policy.Rulebook, lang string) {
	w.Extends = b.Extends()
	for _, d := range b.Deviations() {
		w.Deviations = append(w.Deviations, Deviation{Path: d.Path, Label: d.Label.In(lang), Base: d.Base, Branch: d.Branch, Added: d.Added})
	}
}

var stageTexts = map[Stage]diagnostic.Text{
	StageWaiting: {ZH: "排队中：别的改动正在查看", EN: "waiting: another change is being looked into"}, StageTrial: {ZH: "正在检查、试用例", EN: "checking, and trying the cases"},
	StageWords: {ZH: "正在比较两版规则", EN: "comparing both rules"}, StageImpact: {ZH: "正在重算在案的记录", EN: "asking what is on record again"},
	StageAnalysis: {ZH: "正在分析规则本身", EN: "analysing the rules"}, StageDone: {ZH: "查看完毕", EN: "all is known"},
}

// Text is the stage in words.
func (s Stage) Text() diagnostic.Text { return stageTexts[s] }
