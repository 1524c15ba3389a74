package formats

import (
	"fmt"
	"io"
	"strings"

	"github.com/servicerules/rulebook/diagnostic"
)

// GitHub writes a command for the log of a workflow of GitHub for each finding,
// which shows it beside the changed lines of a pull request.
func GitHub(w io.Writer, r Report, lang string) error {
	for _, d := range r.all() {
		level := "error"
		if d.Severity == diagnostic.Warning {
			level = "warning"
		}
		var properties []string
		add := func(name, value string) {
			properties = append(properties, name+"="+githubProperty.Replace(value))
		}
		if d.Span.File != "" {
			add("file", slashes(d.Span.File))
		}
		if s := d.Span; s.Start.Line > 0 {
			add("line", fmt.Sprint(s.Start.Line))
			add("endLine", fmt.Sprint(s.End.Line))
			if s.Start.Line == s.End.Line { // columns of several lines are refused
				add("col", fmt.Sprint(s.Start.Column))
				add("endColumn", fmt.Sprint(s.End.Column))
			}
		}
		add("title", d.Code)
		if _, err := fmt.Fprintf(w, "::%s %s::%s\n", level, strings.Join(properties, ","), githubData.Replace(said(d, lang))); err != nil {
			return err
		}
	}
	return nil
}

// A command ends with its line, and its properties with commas and colons.
var (
	githubData     = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	githubProperty = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)
