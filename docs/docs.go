// Package docs holds the pages of this directory that the command shows.
package docs

import _ "embed" // for the pages

// Findings is findings.md: what checking a rules file finds, code by code.
//
//go:embed findings.md
var Findings string

// AnalysisFindings is analysis-findings.md: what analysing one finds, likewise.
//
//go:embed analysis-findings.md
var AnalysisFindings string
