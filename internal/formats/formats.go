// Package formats writes what checking rules and running cases found for other
// programs: SARIF for code scanning, JUnit for test reports, commands for the
// log of GitHub's workflows, and the code quality report of GitLab. Each is a
// function of a Report alone, so that the same findings give the same bytes.
package formats

import (
	"io"
	"path/filepath"
	"strings"

	"github.com/servicerules/rulebook/diagnostic"
)

// Names are those of the formats that Write knows.
var Names = []string{"sarif", "junit", "github", "gitlab"}

// Report is what a run found.
type Report struct {
	Command  string          // check or test
	Version  string          // of the program
	File     string          // that was checked; "" for cases
	Strict   bool            // a warning counts as an error
	Findings diagnostic.List // about files
	Cases    []Case          // that were run
}

// Case is one example case that was run.
type Case struct {
	Name     string
	Question string
	Span     diagnostic.Span // its place
	Failures []Failure       // none where it passed
	// Failed says that it failed, by what is told elsewhere if it has no failures
	// of its own; Skipped, that it was not run. Said is then why. They are for
	// formats that list tests.
	Failed, Skipped bool
	Said            diagnostic.Text
}

// Failure is one field of an answer that is not as expected.
type Failure struct {
	Field    string
	Message  diagnostic.Text // what was expected, and what came out
	Remedy   diagnostic.Text // where the case itself is wrong
	Code     string          // of what is wrong with the case; "" where the answer is another
	Severity diagnostic.Severity
	Span     diagnostic.Span // where it is expected
}

// CodeCaseFailed is the code of a case whose answer is not as expected.
const CodeCaseFailed = "case_failed"

// all are the findings about files, and those of cases that failed.
func (r Report) all() diagnostic.List {
	list := append(diagnostic.List(nil), r.Findings...)
	for _, c := range r.Cases {
		for _, f := range c.Failures {
			d := diagnostic.Diagnostic{Code: f.Code, Severity: diagnostic.Error, Span: f.Span, Remedy: f.Remedy, Message: f.Message}
			if d.Code == "" {
				d.Code = CodeCaseFailed
			}
			d.Message = diagnostic.Text{ZH: c.Name + "：" + f.Message.ZH, EN: c.Name + ": " + f.Message.EN}
			list = append(list, d)
		}
	}
	return list
}

// Write writes a report in the format of a name, in the language "zh" or "en".
// An unknown name writes nothing.
func Write(w io.Writer, name string, r Report, lang string) error {
	switch name {
	case "sarif":
		return SARIF(w, r, lang)
	case "junit":
		return JUnit(w, r, lang)
	case "github":
		return GitHub(w, r, lang)
	case "gitlab":
		return GitLab(w, r, lang)
	}
	return nil
}

// said is a finding as one text: what is wrong, and what to write.
func said(d diagnostic.Diagnostic, lang string) string {
	if remedy := d.Remedy.In(lang); remedy != "" {
		return d.Message.In(lang) + " → " + remedy
	}
	return d.Message.In(lang)
}

// slashes is a path as the formats want it: with slashes, from where the program
// was started.
func slashes(path string) string {
	return strings.TrimPrefix(filepath.ToSlash(path), "./")
}
