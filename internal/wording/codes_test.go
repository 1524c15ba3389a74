package wording_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/wording"
)

// codesIn are the codes that source files give to a problem: the argument of a
// call of one of the functions, a field Code, or a constant of a name that
// begins with Code.
func codesIn(t *testing.T, pattern string, calls map[string]int) map[string]string {
	t.Helper()
	files, err := filepath.Glob(pattern)
	require.NoError(t, err)
	require.NotEmpty(t, files)
	found := map[string]string{}
	fset := token.NewFileSet()
	note := func(x ast.Expr) {
		if l, ok := x.(*ast.BasicLit); ok && l.Kind == token.STRING {
			if code, err := strconv.Unquote(l.Value); err == nil && code != "" {
				found[code] = fset.Position(x.Pos()).String()
			}
		}
	}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(fset, name, nil, 0)
		require.NoError(t, err)
		ast.Inspect(f, func(n ast.Node) bool {
			switch x := n.(type) {
			case *ast.CallExpr:
				called := ""
				switch fun := x.Fun.(type) {
				case *ast.Ident:
					called = fun.Name
				case *ast.SelectorExpr:
					called = fun.Sel.Name
				}
				if at, ok := calls[called]; ok && at < len(x.Args) {
					note(x.Args[at])
				}
			case *ast.KeyValueExpr:
				if key, ok := x.Key.(*ast.Ident); ok && key.Name == "Code" {
					note(x.Value)
				}
			case *ast.ValueSpec:
				for i, name := range x.Names {
					if strings.HasPrefix(name.Name, "Code") && i < len(x.Values) {
						note(x.Values[i])
					}
				}
			}
			return true
		})
	}
	return found
}

// Whatever a row or an answer may have instead of a verdict has its wording in
// both languages.
func TestEveryReasonHasItsWording(t *testing.T) {
	for _, of := range []struct {
		pattern string
		calls   map[string]int
	}{
		{"../intake/*.go", map[string]int{"NewFactError": 0, "refuse": 1, "fail": 0}},
		{"../checked/*.go", map[string]int{"NewFactError": 0}},
		{"../run/*.go", map[string]int{"NewFactError": 0}},
		{"../../policy/answer.go", nil},
		{"../source/scalar.go", nil},
		{"../table/*.go", map[string]int{"problem": 0}},
		{"../batch/*.go", nil},
	} {
		codes := codesIn(t, of.pattern, of.calls)
		require.NotEmpty(t, codes, of.pattern)
		for code, at := range codes {
			if slices.Contains(checked.AnalysisCodes, code) {
				continue // findings, which say themselves what they are
			}
			zh, en := wording.Words{Lang: "zh"}.Reason(code), wording.Words{Lang: "en"}.Reason(code)
			if assert.NotEqual(t, code, zh, at) {
				assert.True(t, strings.ContainsFunc(zh, func(r rune) bool { return unicode.Is(unicode.Han, r) }), zh)
				assert.NotContains(t, en, "_")
			}
		}
	}
	assert.Equal(t, "of_somebody_else", wording.Words{Lang: "en"}.Reason("of_somebody_else"))
}
