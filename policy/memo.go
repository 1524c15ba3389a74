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
	mu      sync.Mutex
	values  numbered[scalar, value.Value]
	results numbered[lacking, value.Result] // the first is not used
}

// numbered are things with their numbers.
type numbered[K comparable, V any] struct {
	all []V
	at  map[K]uint16
}

// number is that of a thing, the same for all with the same key; one that is
// not plain has a number of its own.
func (n *numbered[K, V]) number(v V, key K, plain bool) uint16 {
	if plain {
		if i, ok := n.at[key]; ok {
			return i
		}
	}
	i := uint16(len(n.all))
	n.all = append(n.all, v)
	if plain {
		n.at[key] = i
	}
	return i
}

// scalar tells values apart that are no lists with something in them.
type scalar struct {
	value.Tag
	n, d int64
	text string
}

func scalarOf(v value.Value) (key scalar, plain bool) {
	return scalar{v.Tag, v.N, v.D, v.S()}, len(v.L()) == 0
}

// lacking tells results apart.
type lacking struct {
	value        scalar
	needs, marks string
}

// maxMemo is how many values, and results, have numbers.
const maxMemo = math.MaxUint16

func newMemo() *memo {
	m := &memo{}
	m.values.at, m.results.at = map[scalar]uint16{}, map[lacking]uint16{}
	m.results.all = make([]value.Result, 1)
	return m
}

// room reports whether there is room for so many more values and results.
func (m *memo) room(n int) bool { return max(len(m.values.all), len(m.results.all))+n <= maxMemo }

// value is the number of a value.
func (m *memo) value(v value.Value) uint16 {
	key, plain := scalarOf(v)
	return m.values.number(v, key, plain)
}

// result is the number of a result.
func (m *memo) result(r value.Result) uint16 {
	key, plain := scalarOf(r.Value)
	return m.results.number(r, lacking{key, fmt.Sprint(r.Needs), fmt.Sprint(r.Marks)}, plain)
}
