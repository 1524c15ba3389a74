package run

import "github.com/servicerules/rulebook/policy"

// Most of what a decision costs is the memory of its answer. So the lists that
// most answers have lie in the same piece of memory as the answer, of which there
// are a few sizes. Longer lists, and other ones, have memory of their own.
type answerWith[Liable, Names, Readings any] struct {
	answer    policy.Answer
	evaluated evaluated
	liable    Liable
	names     Names
	readings  Readings
}

// answerMemory is where an answer and its lists are to be; the lists are empty.
type answerMemory struct {
	answer   *policy.Answer
	from     *evaluated
	liable   []policy.Liable
	names    []string // of articles and rules
	readings []policy.UsedReading
}

// memoryFor is the smallest for so many names, readings and persons, or the
// largest there is.
func memoryFor(names, readings, liable int) answerMemory {
	switch {
	case liable == 0 && names <= 4 && readings <= 1:
		m := &answerWith[struct{}, [4]string, [1]policy.UsedReading]{}
		return answerMemory{&m.answer, &m.evaluated, nil, m.names[:0], m.readings[:0]}
	case liable == 0 && names <= 8 && readings <= 2:
		m := &answerWith[struct{}, [8]string, [2]policy.UsedReading]{}
		return answerMemory{&m.answer, &m.evaluated, nil, m.names[:0], m.readings[:0]}
	case liable == 0:
		m := &answerWith[struct{}, [8]string, [8]policy.UsedReading]{}
		return answerMemory{&m.answer, &m.evaluated, nil, m.names[:0], m.readings[:0]}
	}
	m := &answerWith[[2]policy.Liable, [8]string, [8]policy.UsedReading]{}
	return answerMemory{&m.answer, &m.evaluated, m.liable[:0], m.names[:0], m.readings[:0]}
}
