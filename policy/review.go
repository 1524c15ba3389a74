package policy

// Review says how a period's records are reviewed: which question is asked
// about each record of which table, and what of the answers is shown.
type Review struct {
	Title    Text
	Sections []*ReviewSection
}

// QuestionsOf are the questions asked about the records of a table, in the order
// of the sections, and within one its own before those asked with it.
func (r *Review) QuestionsOf(table string) []*Question {
	var all []*Question
	for _, s := range r.Sections {
		if s.Table == table {
			all = append(all, s.Question)
		}
		for _, w := range s.With {
			if w.Table == table {
				all = append(all, w.Question)
			}
		}
	}
	return all
}

// ReviewSection is one question asked about each record of a table.
type ReviewSection struct {
	Name     string
	Title    Text
	Note     Text // what a reader should know
	Question *Question
	Table    string   // the name of the table, without ending
	Month    string   // the fact that places a record in a month, "" for none
	Until    string   // the fact that ends it: until then it belongs to later months too
	List     []string // the verdicts of which records are listed; nil lists all
	Columns  []ReviewColumn
	With     []ReviewWith
}

// ReviewColumn is a column of a section: values of the answer, or facts
// ("facts.<path>"), shown side by side.
type ReviewColumn struct {
	Name  string
	Label Text
	Show  []string
	Sum   bool // add up the one value that is shown
}

// ReviewWith is another question asked about the same record.
type ReviewWith struct {
	Name     string
	Title    Text
	Question *Question
	Table    string   // its rows are matched by the record's id; "" for none
	For      []string // verdicts of the section's question for which it is asked; nil for all
	Show     string   // the value to show, "" for the verdict
}

// FactsPrefix marks the path of a fact among the paths of values.
const FactsPrefix = "facts."
