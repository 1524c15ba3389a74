package form

import (
	"github.com/servicerules/rulebook/internal/value"
)

// OtherDay is what would pick the edition under another option of a reading.
type OtherDay struct {
	V   value.Value
	Any bool // it cannot be said
}
