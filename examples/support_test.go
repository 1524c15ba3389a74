package examples

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/rulestest"
)

func TestSupportContract(t *testing.T) {
	book, err := rulebook.Load("rulebooks/support-contract.yaml")
	require.NoError(t, err)
	rulestest.Run(t, book, os.DirFS("rulebooks"), "support-contract-cases")
}
