package formats

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"

	"github.com/servicerules/rulebook/diagnostic"
)

// JUnit writes a report of tests as XML: a suite for each file of cases with a
// test for each case, and a suite for each file with findings. A file that was
// checked and has none is one test that passed. A warning is a test that was
// skipped, in a strict report one that failed.
func JUnit(w io.Writer, r Report, lang string) error {
	suites := junitSuites{Name: "rulebook " + r.Command}
	at := map[string]int{}
	suite := func(file string) *junitSuite {
		if file = slashes(file); file == "" {
			file = "rulebook"
		}
		i, ok := at[file]
		if !ok {
			i, at[file] = len(suites.Suites), len(suites.Suites)
			suites.Suites = append(suites.Suites, junitSuite{Name: file})
		}
		return &suites.Suites[i]
	}
	if r.File != "" && len(r.Findings) == 0 {
		suite(r.File).add(junitTest{Name: r.Command, Class: slashes(r.File)})
	}
	for _, d := range r.Findings {
		test := junitTest{Name: fmt.Sprintf("%s %d:%d", d.Code, d.Span.Start.Line, d.Span.Start.Column), Class: slashes(d.Span.File), File: slashes(d.Span.File), Line: d.Span.Start.Line}
		what := &junitFailure{Message: d.Message.In(lang), Type: d.Code, Text: d.In(lang)}
		if d.Severity == diagnostic.Warning && !r.Strict {
			test.Skipped = what
		} else {
			test.Failure = what
		}
		suite(d.Span.File).add(test)
	}
	for _, c := range r.Cases {
		test := junitTest{Name: c.Name, Class: c.Question, File: slashes(c.Span.File), Line: c.Span.Start.Line}
		if len(c.Failures) > 0 {
			var lines []string
			for _, f := range c.Failures {
				line := f.Message.In(lang)
				if remedy := f.Remedy.In(lang); remedy != "" {
					line += " → " + remedy
				}
				if f.Span.Start.Line > 0 {
					line = f.Span.String() + ": " + line
				}
				lines = append(lines, line)
			}
			test.Failure = &junitFailure{Message: c.Failures[0].Message.In(lang), Type: CodeCaseFailed, Text: strings.Join(lines, "\n")}
		} else if c.Failed {
			test.Failure = &junitFailure{Message: c.Said.In(lang), Type: CodeCaseFailed}
		} else if c.Skipped {
			test.Skipped = &junitFailure{Message: c.Said.In(lang)}
		}
		suite(c.Span.File).add(test)
	}
	for _, s := range suites.Suites {
		suites.Tests, suites.Failures = suites.Tests+s.Tests, suites.Failures+s.Failures
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	e := xml.NewEncoder(w)
	e.Indent("", "  ")
	if err := e.Encode(suites); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

type junitSuites struct {
	XMLName  xml.Name     `xml:"testsuites"`
	Name     string       `xml:"name,attr"`
	Tests    int          `xml:"tests,attr"`
	Failures int          `xml:"failures,attr"`
	Suites   []junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	Name     string      `xml:"name,attr"`
	Tests    int         `xml:"tests,attr"`
	Failures int         `xml:"failures,attr"`
	Skipped  int         `xml:"skipped,attr"`
	Cases    []junitTest `xml:"testcase"`
}

func (s *junitSuite) add(t junitTest) {
	s.Tests++
	if t.Failure != nil {
		s.Failures++
	}
	if t.Skipped != nil {
		s.Skipped++
	}
	s.Cases = append(s.Cases, t)
}

type junitTest struct {
	Name    string        `xml:"name,attr"`
	Class   string        `xml:"classname,attr"`
	File    string        `xml:"file,attr,omitempty"`
	Line    int           `xml:"line,attr,omitempty"`
	Failure *junitFailure `xml:"failure"`
	Skipped *junitFailure `xml:"skipped"`
}

type junitFailure struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr,omitempty"`
	Text    string `xml:",chardata"`
}
