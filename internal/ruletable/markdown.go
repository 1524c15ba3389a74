package ruletable

import (
	"fmt"
	"io"
	"strings"
)

// Markdown writes the rows as tables, one for each group.
func Markdown(w io.Writer, rows []Row, lang string) error {
	var b strings.Builder
	group := ""
	for _, r := range rows {
		if r.Group != group {
			if group != "" {
				b.WriteString("\n")
			}
			group = r.Group
			head := Head(lang)
			fmt.Fprintf(&b, "## %s\n\n| %s |\n|---|---|---|---|---|\n", GroupLabel(group).In(lang), strings.Join(head[1:6], " | "))
		}
		cells := r.Cells(lang)[1:6]
		for i, c := range cells {
			cells[i] = strings.NewReplacer("|", "\\|", "\n", "<br>", "<", "&lt;", "&", "&amp;").Replace(c)
		}
		fmt.Fprintf(&b, "| %s |\n", strings.Join(cells, " | "))
	}
	_, err := io.WriteString(w, b.String())
	return err
}
