package spreadsheet

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// What parts columns is known by where it begins, not by how many parts a cell
// of the rows may have.
func TestSeparatorOf(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		want rune
	}{
		"lists in the last column":                  {"record,hall,present\nU1,H1,a;b;c;d\nU2,H1,a;b;c;d\n", ','},
		"one list":                                  {"record,hall,present\nU1,H1,a;b;c;d\n", ','},
		"lists, and a row that is short":            {"record,hall,present\nU1,H1,a;b;c;d\nU2,H1\nU3,H1,a;b;c;d\n", ','},
		"lists parted by bars":                      {"record,present\nU1,a|b|c\n", ','},
		"lists below a title":                       {"Halls in June\nrecord,hall,present\nU1,H1,a;b;c;d\n", ','},
		"decimal commas in every cell":              {"a;b;c\n1,5;2,5;3,5\n4,5;5,5;6,5\n", ';'},
		"decimal commas in more cells than columns": {"a;b\n1,5,1;2,5,2\n4,5,1;5,5,2\n", ';'},
		"decimal commas below a title with a comma": {"Halls, June\na;b;c\n1,5;2,5;3,5\n", ';'},
		"a comma in a heading":                      {"name, first;age\nA, B;5\nC;6\n", ';'},
		"a comma in a heading and in every row":     {"name, first;age\nA, B;5\nC, D, E;6\n", ';'},
		"lists in a table of tabs":                  {"record\tpresent\nU1\ta;b,c\n", '\t'},
		"one column":                                {"record\nU1\n", ','},
		"one column of lists":                       {"present\na;b\n", ';'},
		"a note below":                              {"record,hall,present\nU1,H1,a;b;c;d\nmade by hand\n", ','},
		"nothing":                                   {"", ','},
	} {
		by, _ := separatorOf(c.text)
		assert.Equal(t, string(c.want), string(by), name)
	}
}
