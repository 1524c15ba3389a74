package console

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/servicerules/rulebook/internal/review"
	"github.com/servicerules/rulebook/internal/table"
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
	data := p.viewer.csvOf(chosen, name == "all")
	h := w.Header()
	h.Set("Content-Type", "text/csv; charset=utf-8")
	h.Set("Content-Disposition", "attachment; filename*=UTF-8''"+url.PathEscape(strings.Trim(m.report.Month+"-"+name, "-")+".csv"))
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Length", strconv.Itoa(len(data)))
	_, _ = w.Write(data)
}

// csvOf writes every record of the sections, also those that a page only
// counts. All together have the columns that every section has; one alone has
// its own too.
func (v *viewer) csvOf(sections []*review.Section, together bool) []byte {
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
	text := table.AppendRow([]byte(table.Mark), head)
	for _, s := range sections {
		for i := range s.Records {
			text = table.AppendRow(text, v.csvRow(s, &s.Records[i], withs, together))
		}
	}
	return text
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
