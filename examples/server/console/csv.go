package console

import (
	"bytes"
	"encoding/csv"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/servicerules/rulebook/internal/review"
)

// monthCSV is a section of a review as a table, or all of them.
func (c *Console) monthCSV(w http.ResponseWriter, r *http.Request) {
	p := c.newPage(r)
	name, ok := strings.CutSuffix(r.PathValue("file"), ".csv")
	m, _, err := c.monthOf(r.Context(), p, r.PathValue("review"))
	if err != nil || m == nil || !ok {
		http.NotFound(w, r)
		return
	}
	p.viewer.book = m.book
	var chosen []*review.Section
	for i := range m.report.Sections {
		if s := &m.report.Sections[i]; name == "all" || s.Name == name {
			chosen = append(chosen, s)
		}
	}
	if len(chosen) == 0 {
		http.NotFound(w, r)
		return
	}
	data, err := p.viewer.csvOf(chosen, name == "all")
	if err != nil {
		http.Error(w, "", http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/csv; charset=utf-8")
	h.Set("Content-Disposition", "attachment; filename*=UTF-8''"+url.PathEscape(strings.Trim(m.report.Month+"-"+name, "-")+".csv"))
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Length", strconv.Itoa(len(data)))
	_, _ = w.Write(data)
}

// byteOrderMark makes spreadsheets read the table as UTF-8.
const byteOrderMark = "\ufeff"

// csvOf writes every record of the sections, also those that a page only
// counts. All together have the columns that every section has; one alone has
// its own too.
func (v *viewer) csvOf(sections []*review.Section, together bool) ([]byte, error) {
	var b bytes.Buffer
	b.WriteString(byteOrderMark)
	w := csv.NewWriter(&b)
	w.UseCRLF = true
	head := []string{v.pick("编号", "record"), v.pick("结论", "result"), v.pick("暂定", "provisional")}
	if together {
		head = append([]string{v.pick("部分", "section")}, head...)
	} else {
		for _, c := range sections[0].Columns {
			head = append(head, c.Label.In(v.lang))
		}
	}
	head = append(head, v.pick("违反", "breaches"), v.pick("责任人", "liable"), v.pick("缺少的事实", "missing facts"), v.pick("须由人决定", "to be decided"), v.pick("错误", "error"))
	withs := withsOf(sections)
	if !together {
		for _, x := range withs {
			head = append(head, x.In(v.lang))
		}
	}
	write := func(cells []string) error {
		for i := range cells {
			cells[i] = neutral(cells[i])
		}
		return w.Write(cells)
	}
	if err := write(head); err != nil {
		return nil, err
	}
	for _, s := range sections {
		for i := range s.Records {
			if err := write(v.csvRow(s, &s.Records[i], withs, together)); err != nil {
				return nil, err
			}
		}
	}
	w.Flush()
	return b.Bytes(), w.Error()
}

// withsOf are the titles of the further questions about the records.
func withsOf(sections []*review.Section) []review.Text {
	var all []review.Text
	for _, s := range sections {
		for i := range s.Records {
			for _, x := range s.Records[i].With {
				found := false
				for _, t := range all {
					found = found || t == x.Title
				}
				if !found {
					all = append(all, x.Title)
				}
			}
		}
	}
	return all
}

func (v *viewer) csvRow(s *review.Section, r *review.Record, withs []review.Text, together bool) []string {
	provisional := ""
	if r.Answer.Provisional {
		provisional = v.pick("是", "yes")
	}
	cells := []string{r.ID, r.Answer.Label.In(v.lang), provisional}
	if together {
		cells = append([]string{s.Title.In(v.lang)}, cells...)
	} else {
		for _, c := range r.Cells {
			cells = append(cells, c.In(v.lang))
		}
	}
	separator := v.pick("；", "; ")
	breaches, liable, missing, decisions := v.factsOf(&r.Answer)
	for _, list := range [][]string{breaches, liable, missing, decisions} {
		cells = append(cells, strings.Join(list, separator))
	}
	failed := ""
	if r.Answer.Error != nil {
		failed = r.Answer.Error.In(v.lang)
	}
	cells = append(cells, failed)
	if together {
		return cells
	}
	for _, title := range withs {
		text := ""
		for _, x := range r.With {
			if x.Title == title {
				text = x.Shown.In(v.lang)
			}
		}
		cells = append(cells, text)
	}
	return cells
}

// neutral keeps a spreadsheet from taking a cell for a formula. A number is
// left as it is, also below zero.
func neutral(cell string) string {
	trimmed := strings.TrimLeft(cell, " ")
	if trimmed == "" {
		return cell
	}
	if _, err := strconv.ParseInt(trimmed, 10, 64); err == nil && trimmed[0] != '+' {
		return cell
	}
	for _, start := range []string{"=", "+", "-", "@", "\t", "\r", "\n", "|", "%", "＝", "＋", "－", "＠"} {
		if strings.HasPrefix(trimmed, start) {
			return "'" + cell
		}
	}
	return cell
}
