package examples

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/rulestest"
)

func TestGDPR(t *testing.T) {
	book, err := rulebook.Load("rulebooks/gdpr.yaml")
	require.NoError(t, err)
	rulestest.Run(t, book, os.DirFS("rulebooks"), "gdpr-cases")
}
