package site

import (
	"html/template"

	"github.com/servicerules/rulebook/internal/checked"
)

// pictures draws a rule, where there is something to see.
func (s *speaker) pictures(r *checked.Rule) []template.HTML { return nil }
