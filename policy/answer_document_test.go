package policy

import (
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// What is written and what is described are the same keys, in the same order.
func TestAnswerDocumentIsWhatIsWritten(t *testing.T) {
	var described, written []string
	for _, f := range reflect.VisibleFields(reflect.TypeFor[AnswerDocument]()) {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name != "error" {
			described = append(described, name)
		}
	}
	for _, p := range answerParts {
		written = append(written, p.name)
	}
	assert.Equal(t, written, described)
}
