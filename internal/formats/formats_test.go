package formats_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/formats"
	"github.com/servicerules/rulebook/internal/golden"
)

func span(file string, line, from, endLine, to int) diagnostic.Span {
	return diagnostic.Span{File: file, Start: diagnostic.Position{Line: line, Column: from}, End: diagnostic.Position{Line: endLine, Column: to}}
}

// report has what is hard to write: marks of every format, several lines, a
// place in another file, no place at all, and the same finding twice.
var report = formats.Report{
	Command: "test", Version: "v1.2.3",
	Findings: diagnostic.List{
		{
			Code: "unknown_key", Severity: diagnostic.Error, Span: span("./规则 1/rules.yaml", 12, 7, 12, 10),
			Message: diagnostic.Text{ZH: "这里没有名为 \"wen\" 的键", EN: `there is no key "wen" here: 100%, <a> & b`}, Remedy: diagnostic.Text{ZH: "是否指 when？", EN: "did you mean when?"},
			Related: []diagnostic.Related{{Span: span("./规则 1/rules.yaml", 3, 1, 3, 5), Message: diagnostic.Text{ZH: "首次出现在这里", EN: "first given here"}}},
		},
		{Code: "unused_fact", Severity: diagnostic.Warning, Span: span("a,b:c.yaml", 2, 1, 4, 3), Message: diagnostic.Text{ZH: "两行\n文字", EN: "two\r\nlines"}},
		{Code: "unused_fact", Severity: diagnostic.Warning, Span: span("a,b:c.yaml", 9, 1, 9, 3), Message: diagnostic.Text{ZH: "两行\n文字", EN: "two\r\nlines"}},
		{Code: "file_too_large", Severity: diagnostic.Error, Span: diagnostic.Span{File: "large.yaml"}, Message: diagnostic.Text{ZH: "文件过大", EN: "too large"}},
	},
	Cases: []formats.Case{
		{Name: "恰好24小时 / exactly 24 h", Question: "time_limit.request", Span: span("cases/a.yaml", 3, 3, 9, 1)},
		{
			Name: "late <by> a \"second\"", Question: "time_limit.request", Span: span("cases/a.yaml", 10, 3, 19, 1),
			Failures: []formats.Failure{
				{Field: "status", Message: diagnostic.Text{ZH: "status：应为 late，实得 on_time", EN: "status: expected late, got on_time"}, Span: span("cases/a.yaml", 17, 13, 17, 17)},
				{Field: "", Code: "unknown_word", Message: diagnostic.Text{ZH: "没有 \"lat\"", EN: `there is no "lat"`}, Remedy: diagnostic.Text{ZH: "是否指 late？", EN: "did you mean late?"}, Span: span("cases/a.yaml", 18, 13, 18, 16)},
			},
		},
		{Name: "told at another", Failed: true, Said: diagnostic.Text{ZH: "1 个不过", EN: "1 failed"}},
		{Name: "left out", Skipped: true, Said: diagnostic.Text{ZH: "未要求", EN: "not asked for"}},
	},
}

func written(t *testing.T, name string, r formats.Report, lang string) string {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, formats.Write(&b, name, r, lang))
	return b.String()
}

func TestFormats(t *testing.T) {
	nothing := formats.Report{Command: "check", File: "rules.yaml"}
	for _, name := range formats.Names {
		for _, lang := range []string{"zh", "en"} {
			golden.File(t, "testdata/"+name+"."+lang+".txt", []byte(written(t, name, report, lang)))
		}
		golden.File(t, "testdata/"+name+".nothing.txt", []byte(written(t, name, nothing, "en")))
		assert.Equal(t, written(t, name, report, "zh"), written(t, name, report, "zh"))
	}
}

// SARIF 2.1.0 requires: version, runs, tool.driver.name, results' message.text;
// what refers to something else refers to something that is there.
func TestSARIFIsComplete(t *testing.T) {
	var log struct {
		Version string
		Runs    []struct {
			Tool struct {
				Driver struct {
					Name  string
					Rules []struct{ ID string }
				}
			}
			Results []struct {
				RuleID    string
				RuleIndex int
				Level     string
				Message   struct{ Text string }
				Locations []struct {
					PhysicalLocation struct {
						ArtifactLocation struct{ URI string }
						Region           *struct{ StartLine, StartColumn, EndLine, EndColumn int }
					}
				}
			}
		}
	}
	require.NoError(t, json.Unmarshal([]byte(written(t, "sarif", report, "en")), &log))
	assert.Equal(t, "2.1.0", log.Version)
	require.Len(t, log.Runs, 1)
	run := log.Runs[0]
	assert.NotEmpty(t, run.Tool.Driver.Name)
	require.Len(t, run.Results, 6)
	for _, x := range run.Results {
		assert.NotEmpty(t, x.Message.Text)
		assert.Equal(t, x.RuleID, run.Tool.Driver.Rules[x.RuleIndex].ID)
		assert.Contains(t, []string{"error", "warning"}, x.Level)
		for _, l := range x.Locations {
			assert.Regexp(t, `^[!-~]+$`, l.PhysicalLocation.ArtifactLocation.URI)
			if r := l.PhysicalLocation.Region; r != nil {
				assert.Positive(t, r.StartLine*r.StartColumn*r.EndLine*r.EndColumn)
			}
		}
	}
}

func TestJUnitIsWellFormed(t *testing.T) {
	d := xml.NewDecoder(strings.NewReader(written(t, "junit", report, "zh")))
	tests, failures := 0, 0
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		require.NoError(t, err)
		if e, ok := token.(xml.StartElement); ok {
			switch e.Name.Local {
			case "testcase":
				tests++
			case "failure":
				failures++
			}
		}
	}
	assert.Equal(t, 8, tests)
	assert.Equal(t, 4, failures)
}

// Each command is one line, and nothing in it ends a property too soon.
func TestGitHubEscapes(t *testing.T) {
	lines := strings.Split(strings.TrimSuffix(written(t, "github", report, "en"), "\n"), "\n")
	require.Len(t, lines, 6)
	form := regexp.MustCompile(`^::(error|warning) ([a-zA-Z]+=[^:,\r\n]*)(,[a-zA-Z]+=[^:,\r\n]*)*::[^\r\n]+$`)
	for _, line := range lines {
		assert.Regexp(t, form, line)
	}
	assert.Contains(t, lines[0], "100%25")
	assert.Contains(t, lines[1], "file=a%2Cb%3Ac.yaml")
	assert.Contains(t, lines[1], "two%0D%0Alines")
}

func TestGitLabHasWhatItNeeds(t *testing.T) {
	var list []struct {
		Description, Fingerprint, Severity string
		CheckName                          string `json:"check_name"`
		Location                           struct {
			Path  string
			Lines struct{ Begin int }
		}
	}
	require.NoError(t, json.Unmarshal([]byte(written(t, "gitlab", report, "zh")), &list))
	require.Len(t, list, 6)
	seen := map[string]bool{}
	for _, x := range list {
		assert.NotEmpty(t, x.Description)
		assert.NotEmpty(t, x.CheckName)
		assert.Contains(t, []string{"info", "minor", "major", "critical", "blocker"}, x.Severity)
		assert.NotEmpty(t, x.Location.Path)
		assert.False(t, strings.HasPrefix(x.Location.Path, "./"))
		assert.Positive(t, x.Location.Lines.Begin)
		assert.False(t, seen[x.Fingerprint], "each has a fingerprint of its own")
		seen[x.Fingerprint] = true
	}
	assert.Equal(t, "[]\n", written(t, "gitlab", formats.Report{}, "en"))
}
