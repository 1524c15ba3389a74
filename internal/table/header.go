package table

import (
	"slices"

	"github.com/servicerules/rulebook/policy"
)

// Header says what the columns of a table are whose rows are facts of a question.
type Header struct {
	Columns  []Column // facts; see [Bind]
	Record   int      // the column of the ids, -1 for none
	Nameless []int    // columns without a name, where it is names that say what columns are
}

// HeaderOf finds what the columns are: by what a mapping says or, with nil, by their
// names in the rulebook's languages. The cells of the header have no blanks around
// them.
func HeaderOf(header, languages []string, q *policy.Question, m *Mapping) (h Header, problems []*Problem) {
	if m != nil {
		h.Record, problems = m.Bind(header)
		h.Columns = slices.Clone(m.Columns)
		return h, problems
	}
	names, problems := Named(header, languages, q.Facts...)
	h.Record, h.Nameless = -1, Nameless(header)
	if first := First(header); names[first] == Record {
		h.Record = first
	}
	if problems = slices.Concat(problems, CheckNames(names), CheckFacts(names, h.Record+1, q)); len(problems) > 0 {
		return h, problems
	}
	h.Columns = slices.DeleteFunc(Columns(header, names, q), func(c Column) bool { return c.At == h.Record })
	return h, nil
}

// Empty says that a table has not even a header.
func Empty() *Problem {
	return &Problem{
		Code: "empty_table", Message: textf("表是空的，没有表头", "the table is empty: it has no header"),
		Remedy: textf("第一行写列名", "write the names of the columns in the first line"),
	}
}
