package checked

import "github.com/servicerules/rulebook/policy"

// WordsIn are the words that values of a type, or their items, may be.
func WordsIn(t *policy.ValueType) []policy.Word {
	if t != nil && t.Kind == policy.KindList {
		t = t.Elem
	}
	if t == nil {
		return nil
	}
	return t.Words
}
