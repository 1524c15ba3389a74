package forms_test

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The arithmetic that forms count by stands alone: who imports it for that gets
// neither expressions nor files of rules, nor what is built on them.
func TestArithmeticStandsAlone(t *testing.T) {
	const module = "github.com/servicerules/rulebook/"
	may := []string{"sla", "sla/workday", "penalty", "kpi", "internal/value", "internal/memory", "internal/jsontext", "internal/walltime"}
	out, err := exec.Command("go", "list", "-deps", module+"sla", module+"penalty", module+"kpi").Output()
	require.NoError(t, err)
	for _, path := range strings.Fields(string(out)) {
		if own, ours := strings.CutPrefix(path, module); ours {
			assert.Contains(t, may, own)
		}
		for _, other := range []string{"github.com/expr-lang/", "gopkg.in/yaml"} {
			assert.False(t, strings.HasPrefix(path, other), path)
		}
	}
}
