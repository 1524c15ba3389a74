package forms_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The arithmetic that forms count by stands alone: who imports it for that gets
// neither expressions nor files of rules, nor what is built on them.
func TestArithmeticStandsAlone(t *testing.T) {
	const module = "github.com/servicerules/rulebook/"
	may := []string{"sla", "sla/workday", "penalty", "kpi", "internal/value", "internal/memory", "internal/jsontext", "internal/walltime"}
	out, err := exec.Command("go", "list", "-deps", module+"sla", module+"penalty", module+"kpi").Output()
	require.NoError(t, err)
	for _, path := range strings.Fields(string(out)) {
		if own, ours := strings.CutPrefix(path, module); ours {
			assert.Contains(t, may, own)
		}
		for _, other := range []string{"github.com/expr-lang/", "gopkg.in/yaml"} {
			assert.False(t, strings.HasPrefix(path, other), path)
		}
	}
}

// What callers see names nothing that they cannot name: no type of internal stands
// in an exported signature or field of the packages outside of internal.
func TestNoTypeOfInternalIsSeen(t *testing.T) {
	root := filepath.Join("..", "..")
	for _, dir := range []string{".", "policy", "diagnostic", "sla", "sla/workday", "penalty", "kpi", "rulestest", "calendars"} {
		files, err := filepath.Glob(filepath.Join(root, dir, "*.go"))
		require.NoError(t, err)
		require.NotEmpty(t, files, dir)
		for _, name := range files {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			parsed, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
			require.NoError(t, err)
			hidden := map[string]bool{}
			for _, i := range parsed.Imports {
				if path := strings.Trim(i.Path.Value, `"`); strings.Contains(path, "/internal/") {
					hidden[filepath.Base(path)] = true
				}
			}
			for _, d := range parsed.Decls {
				for _, seen := range seenOf(d) {
					ast.Inspect(seen, func(n ast.Node) bool {
						if of, ok := n.(*ast.SelectorExpr); ok {
							if from, ok := of.X.(*ast.Ident); ok {
								assert.False(t, hidden[from.Name], "%s: %s.%s", name, from.Name, of.Sel.Name)
							}
						}
						return true
					})
				}
			}
		}
	}
}

// seenOf is what others see of a declaration.
func seenOf(d ast.Decl) (all []ast.Node) {
	switch d := d.(type) {
	case *ast.FuncDecl:
		receiver := ""
		if d.Recv != nil {
			ast.Inspect(d.Recv.List[0].Type, func(n ast.Node) bool {
				if id, ok := n.(*ast.Ident); ok && receiver == "" {
					receiver = id.Name
				}
				return true
			})
		}
		if d.Name.IsExported() && (receiver == "" || ast.IsExported(receiver)) {
			all = append(all, d.Type)
		}
	case *ast.GenDecl:
		for _, s := range d.Specs {
			switch s := s.(type) {
			case *ast.TypeSpec:
				if !s.Name.IsExported() {
					continue
				}
				if s.TypeParams != nil {
					all = append(all, s.TypeParams)
				}
				fields, isStruct := s.Type.(*ast.StructType)
				if !isStruct {
					all = append(all, s.Type)
					continue
				}
				for _, f := range fields.Fields.List {
					if len(f.Names) == 0 || slices.ContainsFunc(f.Names, func(n *ast.Ident) bool { return n.IsExported() }) {
						all = append(all, f.Type)
					}
				}
			case *ast.ValueSpec:
				if s.Type != nil && s.Names[0].IsExported() {
					all = append(all, s.Type)
				}
			}
		}
	}
	return all
}
