package policy

import (
	"slices"
	"unsafe"

	"github.com/servicerules/rulebook/internal/value"
)

// An answer is one piece of memory, with room behind it for what is its own.
// This file makes such pieces; a piece is of a type of its own, so that the
// garbage collector knows what is in it, and need not look at the numbers.
type room[R, N any] struct {
	Answer
	refs R // texts and lists, then persons liable, who are two texts each
	nums N
}

// A person liable takes as much room as two texts, and looks the same.
const refsOfLiable = 2

var _ = [1]struct{}{}[unsafe.Sizeof(Liable{})-refsOfLiable*unsafe.Sizeof(value.Ref{})]

// How many numbers and texts the pieces have.
var (
	roomsOfNums = [...]int{1, 3, 5, 7, 9, 11, 13, 15, 19, 23, 27, 33}
	roomsOfRefs = [...]int{0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 16}
)

type newRoom func() (*Answer, unsafe.Pointer, unsafe.Pointer)

func roomOf[R, N any]() (a *Answer, refs, nums unsafe.Pointer) {
	x := new(room[R, N])
	return &x.Answer, unsafe.Pointer(&x.refs), unsafe.Pointer(&x.nums)
}

func roomsOf[R any]() [len(roomsOfNums)]newRoom {
	return [...]newRoom{
		roomOf[R, [1]int64],
		roomOf[R, [3]int64],
		roomOf[R, [5]int64],
		roomOf[R, [7]int64],
		roomOf[R, [9]int64],
		roomOf[R, [11]int64],
		roomOf[R, [13]int64],
		roomOf[R, [15]int64],
		roomOf[R, [19]int64],
		roomOf[R, [23]int64],
		roomOf[R, [27]int64],
		roomOf[R, [33]int64],
	}
}

var rooms = [len(roomsOfRefs)][len(roomsOfNums)]newRoom{
	roomsOf[[0]value.Ref](),
	roomsOf[[1]value.Ref](),
	roomsOf[[2]value.Ref](),
	roomsOf[[3]value.Ref](),
	roomsOf[[4]value.Ref](),
	roomsOf[[5]value.Ref](),
	roomsOf[[6]value.Ref](),
	roomsOf[[7]value.Ref](),
	roomsOf[[8]value.Ref](),
	roomsOf[[10]value.Ref](),
	roomsOf[[12]value.Ref](),
	roomsOf[[16]value.Ref](),
}

// The smallest room for so many.
var (
	roomForNums = roomsFor(roomsOfNums[:])
	roomForRefs = roomsFor(roomsOfRefs[:])
)

func roomsFor(sizes []int) []uint8 {
	at := make([]uint8, sizes[len(sizes)-1]+1)
	for n := range at {
		at[n] = uint8(slices.IndexFunc(sizes, func(size int) bool { return size >= n }))
	}
	return at
}

// newAnswer is an answer with room for numbers, for texts and lists, and for
// persons liable, who are still to be appended. What is too large for one
// piece is several.
func newAnswer(nums, refs, liable int) (*Answer, []int64, []value.Ref) {
	all := refs + refsOfLiable*liable
	if nums >= len(roomForNums) || all >= len(roomForRefs) {
		return &Answer{Liable: slices.Grow([]Liable(nil), liable)}, make([]int64, nums), make([]value.Ref, refs)
	}
	a, r, n := rooms[roomForRefs[all]][roomForNums[nums]]()
	if liable > 0 {
		a.Liable = unsafe.Slice((*Liable)(unsafe.Add(r, uintptr(refs)*unsafe.Sizeof(value.Ref{}))), liable)[:0]
	}
	return a, someOf[int64](n, nums), someOf[value.Ref](r, refs)
}

// someOf are n of what p points to. Of none, there need not be room for one.
func someOf[T any](p unsafe.Pointer, n int) []T {
	if n == 0 {
		return nil
	}
	return unsafe.Slice((*T)(p), n)
}
