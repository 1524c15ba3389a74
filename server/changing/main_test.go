package changing_test

import (
	"os"
	"testing"

	"github.com/servicerules/rulebook/server/internal/postgrestest"
)

func TestMain(m *testing.M) { os.Exit(postgrestest.Main(m)) }
