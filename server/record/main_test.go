package record_test

import (
	"fmt"
	"os"
	"testing"

	"go.uber.org/goleak"

	"github.com/servicerules/rulebook/server/internal/postgrestest"
)

func TestMain(m *testing.M) { os.Exit(postgrestest.Main(withoutLeaks{m})) }

// withoutLeaks runs tests, and looks for goroutines that they left.
type withoutLeaks struct{ *testing.M }

func (m withoutLeaks) Run() int {
	code := m.M.Run()
	if err := goleak.Find(); err != nil && code == 0 {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return code
}
