package api_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook/server/live"
)

// An article is described with where its official text is to be read.
func TestSourceOfAnArticle(t *testing.T) {
	s := serve(t, live.Options{File: "../../examples/rulebooks/gdpr.yaml"})
	r := s.get("/v1/articles/gdpr/12.3")
	require.Equal(t, http.StatusOK, r.status)
	assert.Contains(t, r.body, `"source":{"id":"Regulation (EU) 2016/679","address":"http://data.europa.eu/eli/reg/2016/679/oj"}`)
}
