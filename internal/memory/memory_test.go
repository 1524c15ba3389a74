package memory_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook/internal/memory"
)

// No other file of any module here imports unsafe, tests neither.
func TestOneFileIsUnsafe(t *testing.T) {
	var all []string
	require.NoError(t, filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, text, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, x := range file.Imports {
			if x.Path.Value == `"unsafe"` {
				all = append(all, filepath.ToSlash(path))
			}
		}
		return nil
	}))
	assert.Equal(t, []string{"../../internal/memory/memory.go"}, all)
}

type inner struct {
	No   int8
	Name string
}

type outer struct {
	Flag  bool
	In    *inner
	Items []inner
	Last  inner
}

func TestRead(t *testing.T) {
	x := outer{true, &inner{-3, "一"}, []inner{{1, "a"}, {2, "b"}}, inner{7, "z"}}
	a := memory.Of(&x)
	field := func(name string) memory.Address {
		f, ok := reflect.TypeFor[outer]().FieldByName(name)
		require.True(t, ok)
		return a.Add(f.Offset)
	}
	name := reflect.TypeFor[inner]().Field(1).Offset
	assert.True(t, memory.Read[bool](field("Flag")))
	assert.EqualValues(t, -3, memory.Read[int8](field("In").Follow()))
	assert.Equal(t, "一", memory.Read[string](field("In").Follow().Add(name)))
	items, n := field("Items").Slice()
	require.Equal(t, 2, n)
	assert.Equal(t, "b", memory.Read[string](items.Add(reflect.TypeFor[inner]().Size()).Add(name)))
	assert.Equal(t, memory.OfValue(reflect.ValueOf(x.Items)), items)
	assert.Equal(t, "z", memory.Read[string](field("Last").Add(name)))

	own := field("Last").Copy(reflect.TypeFor[inner]()).Interface().(*inner)
	own.Name = "changed"
	assert.Equal(t, "z", x.Last.Name, "a copy")
	assert.Equal(t, a, a.Hidden())

	x.In, x.Items = nil, nil
	assert.True(t, field("In").Follow().IsNil())
	items, n = field("Items").Slice()
	assert.True(t, items.IsNil())
	assert.Zero(t, n)
}

func TestTextAndItems(t *testing.T) {
	for _, s := range []string{"", "a", "条款"} {
		assert.Equal(t, s, memory.OfText(s).Text(int64(len(s))))
	}
	for _, l := range [][]int{nil, {}, {1, 2, 3}} {
		assert.Equal(t, len(l), len(memory.Items[int](memory.OfItems(l), int64(len(l)))))
	}
}
