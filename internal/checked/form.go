package checked

import (
	"github.com/servicerules/rulebook/internal/value"
)

// ListOf is the type of a list.
func ListOf(t *value.Type) *value.Type { return &value.Type{Kind: value.List, Elem: t} }
