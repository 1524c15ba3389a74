package console

import (
	"bufio"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/servicerules/rulebook/internal/review"
	"github.com/servicerules/rulebook/internal/table"
	"github.com/servicerules/rulebook/server/problem"
)

// monthCSV is a section of a review as a table, or all of them.
func (c *Console) monthCSV(w http.ResponseWriter, r *http.Request) {
	if !mayLook(r, r.PathValue("review")) {
		c.Problem(w, r, noPage())
		return
	}
	p := c.newPage(r)
	name, ok := strings.CutSuffix(r.PathValue("file"), ".csv")
	p.extend = extender(w, r)
	m, _, err := c.monthOf(r.Context(), p, r.PathValue("review"))
	if err != nil {
		c.serve(w, r, func(*http.Request, *page) (int, error) { return 0, err })
		return
	}
	if m == nil {
		text, remedy := notKept()
		c.Problem(w, r, problem.New(http.StatusNotFound, "review_not_kept", text, remedy))
		return
	}
	defer m.release()
	p.viewer.book = m.book
	var chosen []*review.Section
	for i := range m.report.Sections {
		if s := &m.report.Sections[i]; name == "all" || s.Name == name {
			chosen = append(chosen, s)
		}
	}
	if len(chosen) == 0 || !ok {
		c.Problem(w, r, noPage())
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/csv; charset=utf-8")
	h.Set("Content-Disposition", "attachment; filename*=UTF-8''"+url.PathEscape(strings.Trim(m.report.Month+"-"+name, "-")+".csv"))
	h.Set("Cache-Control", "no-store")
	if err := p.viewer.writeCSV(&extended{w, p.extend}, m, chosen, name == "all"); err != nil {
		panic(http.ErrAbortHandler) // half a table must not look like a whole one
	}
}

// extended is a writer that gives the caller time for each piece.
type extended struct {
	io.Writer
	extend func()
}

func (w *extended) Write(b []byte) (int, error) {
	w.extend()
	return w.Writer.Write(b)
}

// writeCSV writes every record of the sections, also those that a page only
// counts. All together have the columns that every section has; one alone has
// its own too.
func (v *viewer) writeCSV(to io.Writer, m *month, sections []*review.Section, together bool) error {
	out := bufio.NewWriterSize(to, 32<<10)
	head := []string{v.pick("编号", "record"), v.pick("结论", "result"), v.pick("暂定", "provisional")}
	if together {
		head = append([]string{v.pick("部分", "section")}, head...)
	} else {
		for _, c := range sections[0].Columns {
			head = append(head, c.Label.In(v.lang))
		}
	}
	head = append(head, v.pick("违反", "breaches"), v.pick("责任人", "liable"), v.pick("缺少的事实", "missing facts"), v.pick("须由人决定", "to be decided"), v.pick("错误", "error"))
	var withs []review.Text
	if kept := m.sections[sections[0].Name]; kept != nil && !together {
		withs = kept.withs
	}
	if !together {
		for _, x := range withs {
			head = append(head, x.In(v.lang))
		}
	}
	text := table.AppendRow([]byte(table.Mark), head)
	if _, err := out.Write(text); err != nil {
		return err
	}
	for _, s := range sections {
		kept := m.sections[s.Name]
		if kept == nil {
			continue
		}
		err := m.each(kept.from, kept.to, func(_ int64, r *keptRecord) (bool, error) {
			text = table.AppendRow(text[:0], v.csvRow(s, &r.Record, withs, together))
			_, err := out.Write(text)
			return true, err
		})
		if err != nil {
			return err
		}
	}
	return out.Flush()
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
				text = v.withCell(&x)
			}
		}
		cells = append(cells, text)
	}
	return cells
}

// withCell is the answer to the other question in one cell: never empty, since
// nothing in the way and not known what is in the way would look alike.
func (v *viewer) withCell(w *review.With) string {
	switch _, _, missing, _ := v.factsOf(&w.Answer); {
	case w.Answer.Error != nil:
		return w.Answer.Error.In(v.lang)
	case w.Absent != "":
		return v.with(w).Shown + v.pick("（表中没有这条记录 ", " (no row in ") + w.Absent + v.pick("）", ")")
	case len(missing) > 0:
		return v.with(w).Shown + v.pick("（缺少：", " (missing: ") + strings.Join(missing, v.pick("、", ", ")) + v.pick("）", ")")
	}
	return v.with(w).Shown
}
