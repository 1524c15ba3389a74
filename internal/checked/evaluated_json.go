package checked

import (
	"github.com/servicerules/rulebook/internal/value"
)

func Elem(t *value.Type) *value.Type {
	if t == nil {
		return nil
	}
	return t.Elem
}
