package console

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// The register of rules leads to the official text.
func TestSourcesAreLinked(t *testing.T) {
	p := newPages(t, "../../examples/rulebooks/gdpr.yaml")
	page := p.get("/rules")
	assert.Contains(t, page, `Source: <a href="http://data.europa.eu/eli/reg/2016/679/oj" rel="noreferrer">Regulation (EU) 2016/679</a>`)
	p.lang = "zh"
	assert.Contains(t, p.get("/rules"), `出处：<a href="http://data.europa.eu/eli/reg/1971/1182/oj"`)
}
