package write_test

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"

	"github.com/servicerules/rulebook/spreadsheet"
	"github.com/servicerules/rulebook/spreadsheet/write"
)

var sample = []write.Sheet{
	{
		Name:    "一",
		Columns: []write.Column{{Heading: "编号"}, {Heading: "金额", Kind: write.Number}, {Heading: "类别", Choices: []string{"故障", "装机"}}},
		Rows:    [][]string{{"=A1", "20.5", "故障"}, {"0012", "-3", ""}, {"12345678901234567890", "12345678901234567890", "x"}},
	},
	{Name: "#说明", Columns: []write.Column{{Heading: "a"}}, Rows: [][]string{{"b"}}},
}

func TestWhatIsWrittenIsRead(t *testing.T) {
	var b bytes.Buffer
	require.NoError(t, write.Workbook(&b, sample))
	for range 20 {
		var again bytes.Buffer
		require.NoError(t, write.Workbook(&again, sample))
		require.True(t, bytes.Equal(b.Bytes(), again.Bytes()), "the same content gives the same bytes")
	}
	book, err := spreadsheet.OpenWorkbook(bytes.NewReader(b.Bytes()), int64(b.Len()))
	require.NoError(t, err)
	assert.Equal(t, []string{"一", "#说明"}, book.Sheets(), "the choices are no sheet of the book")
	rows, err := book.Rows("一")
	require.NoError(t, err)
	for _, want := range append([][]string{{"编号", "金额", "类别"}}, sample[0].Rows...) {
		cells, err := rows.Row()
		require.NoError(t, err)
		assert.Equal(t, want, cells)
	}
	_, err = rows.Row()
	assert.True(t, errors.Is(err, io.EOF))
}

// Texts that look like formulas are texts, numbers are numbers, and lists drop
// down.
func TestCellsAreWhatTheyAre(t *testing.T) {
	var b bytes.Buffer
	require.NoError(t, write.Workbook(&b, sample))
	f, err := excelize.OpenReader(&b)
	require.NoError(t, err)
	defer f.Close()
	formula, err := f.GetCellFormula("一", "A2")
	require.NoError(t, err)
	assert.Empty(t, formula)
	for at, want := range map[string]excelize.CellType{"A2": excelize.CellTypeInlineString, "A3": excelize.CellTypeInlineString, "B2": excelize.CellTypeUnset, "B3": excelize.CellTypeUnset, "B4": excelize.CellTypeInlineString} {
		kind, err := f.GetCellType("一", at)
		require.NoError(t, err)
		assert.Equal(t, want, kind, at)
	}
	lists, err := f.GetDataValidations("一")
	require.NoError(t, err)
	require.Len(t, lists, 1)
	assert.Contains(t, lists[0].Formula1, "#choices")
	assert.True(t, strings.HasPrefix(lists[0].Sqref, "C2:"))
	visible, err := f.GetSheetVisible("#choices")
	require.NoError(t, err)
	assert.False(t, visible)
}
