package analysis_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/golden"
)

const findingsIntro = `# Findings of the analysis / 分析的发现

Generated from internal/analysis/testdata/findings.yaml; do not edit. What ` + "`rulebook analyse`" + ` and ` + "`rulebook promises`" + ` find, by code: what is meant, what was written, what is right, and what the finding says and proposes. ` + "`# accepted: CODE – why`" + ` on the line or right above it accepts one. What ` + "`check`" + ` finds: [findings](findings.md).

由 internal/analysis/testdata/findings.yaml 生成，请勿手改。` + "`rulebook analyse` 和 `rulebook promises`" + ` 的发现，按代码排列：是什么问题、写错的样子、正确的写法，以及报告的原话和建议。有意如此的，在该行或上一行写 ` + "`# accepted: 代码 – 理由`" + `。核对（check）的结果见 [findings](findings.md)。
`

// Each code of the analysis has an example, which finds it and nothing of the
// kind once it is right; the page shows them.
func TestFindingsPage(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("testdata/findings.yaml")
	require.NoError(t, err)
	var all []struct{ Code, What, Was, Is, Right string }
	require.NoError(t, yaml.Unmarshal(data, &all))
	parcels, err := os.ReadFile("testdata/parcels.yaml")
	require.NoError(t, err)
	codes := map[string]bool{}
	sections := map[string]string{}
	for _, x := range all {
		t.Run(x.Code, func(t *testing.T) {
			require.Equal(t, 1, strings.Count(string(parcels), x.Was), x.Was)
			written := func(text string) string { return strings.Replace(string(parcels), x.Was, text, 1) }
			find := func(text string) (found []diagnostic.Diagnostic) {
				_, r := analysed(t, "parcels.yaml", text)
				for _, f := range r.Standing() {
					if f.Code == x.Code {
						found = append(found, f.Diagnostic)
					}
				}
				return found
			}
			wrong := find(written(x.Is))
			require.NotEmpty(t, wrong)
			right := x.Was
			if x.Right != "" {
				right = x.Right
			}
			assert.Empty(t, find(written(right)))
			said := wrong[0]
			said.Span = diagnostic.Span{}
			zh, en, both := strings.Cut(x.What, " / ")
			require.True(t, both)
			lines := func(text string) string {
				whole := written(text)
				at := strings.Index(string(parcels), x.Was)
				from, to := strings.LastIndex(whole[:at], "\n")+1, at+len(text)
				if !strings.HasSuffix(text, "\n") {
					to += strings.Index(whole[to:], "\n")
				}
				return strings.TrimSpace(whole[from:to])
			}
			warning := ""
			if said.Severity == diagnostic.Warning {
				warning = "warning / 警告\n"
			}
			codes[x.Code] = true
			sections[x.Code] = fmt.Sprintf("\n## %s\n\n%s\n\n%s\n\nwrong / 错:\n\n```yaml\n%s\n```\n\nright / 对:\n\n```yaml\n%s\n```\n\n```text\n%s%s\n%s\n```\n", x.Code, en, zh, lines(x.Is), lines(right), warning, said.In("en"), said.In("zh"))
		})
	}
	for _, code := range []string{
		checked.CodeTwoRules, checked.CodeNoRule, checked.CodeNoVerdict, checked.CodeNeverApplies, checked.CodeConditionNever, checked.CodeConditionAlways,
		checked.CodePromiseBroken, checked.CodePromiseIdle,
	} {
		assert.True(t, codes[code], "%s has no example", code)
	}
	var page strings.Builder
	page.WriteString(findingsIntro)
	names := make([]string, 0, len(sections))
	for code := range sections {
		names = append(names, code)
	}
	slices.Sort(names)
	for _, code := range names {
		page.WriteString(sections[code])
	}
	golden.File(t, "../../docs/analysis-findings.md", []byte(page.String()))
}
