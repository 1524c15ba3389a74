package policy

import (
	"fmt"
	"math"
	"sync"

	"github.com/servicerules/rulebook/internal/value"
)

// memo keeps the values and results that the patterns of an edition have
// settled, each once: many patterns settle the same, and a pattern that names
// them by number is small and free of pointers. Who holds a list that it gave
// out may read it without a lock, since it only grows behind.
type memo struct {
	mu       sync.Mutex
	values   []value.Value
	results  []value.Result // the first is not used
	valueAt  map[scalar]uint16
	resultAt map[outcomeKey]uint16
}

// scalar tells values apart that are no lists with something in them.
type scalar struct {
	value.Tag
	n, d int64
	text string
}

type outcomeKey struct {
	value scalar
	needs string
}

// maxMemo is how many values, and results, have numbers.
const maxMemo = math.MaxUint16

func newMemo() *memo {
	return &memo{results: make([]value.Result, 1), valueAt: map[scalar]uint16{}, resultAt: map[outcomeKey]uint16{}}
}

// room reports whether there is room for so many more values and results.
func (m *memo) room(n int) bool { return max(len(m.values), len(m.results))+n <= maxMemo }

func scalarOf(v value.Value) (scalar, bool) {
	return scalar{v.Tag, v.N, v.D, v.S()}, len(v.L()) == 0
}

// value is the number of a value.
func (m *memo) value(v value.Value) uint16 {
	key, plain := scalarOf(v)
	if plain {
		if i, ok := m.valueAt[key]; ok {
			return i
		}
	}
	i := uint16(len(m.values))
	m.values = append(m.values, v)
	if plain {
		m.valueAt[key] = i
	}
	return i
}

// result is the number of a result.
func (m *memo) result(r value.Result) uint16 {
	v, plain := scalarOf(r.Value)
	key := outcomeKey{v, fmt.Sprint(r.Needs)}
	if plain {
		if i, ok := m.resultAt[key]; ok {
			return i
		}
	}
	i := uint16(len(m.results))
	m.results = append(m.results, r)
	if plain {
		m.resultAt[key] = i
	}
	return i
}
