package formats

import (
	"encoding/json"
	"io"
	"net/url"
	"slices"

	"github.com/servicerules/rulebook/diagnostic"
)

// SARIF writes the static analysis results interchange format, version 2.1.0.
// Columns count characters (Unicode code points).
func SARIF(w io.Writer, r Report, lang string) error {
	run := sarifRun{ColumnKind: "unicodeCodePoints", Results: []sarifResult{}}
	run.Tool.Driver = sarifDriver{Name: "rulebook " + r.Command, Version: r.Version, Rules: []sarifRule{}}
	var codes []string
	for _, d := range r.all() {
		if !slices.Contains(codes, d.Code) {
			codes = append(codes, d.Code)
		}
	}
	slices.Sort(codes)
	for _, code := range codes {
		run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, sarifRule{ID: code})
	}
	for _, d := range r.all() {
		x := sarifResult{RuleID: d.Code, RuleIndex: slices.Index(codes, d.Code), Level: "error", Message: sarifText{said(d, lang)}, Locations: []sarifLocation{}}
		if d.Severity == diagnostic.Warning {
			x.Level = "warning"
		}
		if d.Span.File != "" {
			x.Locations = append(x.Locations, locationOf(d.Span))
		}
		for i, related := range d.Related {
			at := locationOf(related.Span)
			at.ID, at.Message = i+1, &sarifText{related.Message.In(lang)}
			x.RelatedLocations = append(x.RelatedLocations, at)
		}
		run.Results = append(run.Results, x)
	}
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(sarifLog{
		Schema: "https://json.schemastore.org/sarif-2.1.0.json", Version: "2.1.0", Runs: []sarifRun{run},
	})
}

func locationOf(s diagnostic.Span) sarifLocation {
	l := sarifLocation{PhysicalLocation: sarifPlace{ArtifactLocation: sarifArtifact{(&url.URL{Path: slashes(s.File)}).EscapedPath()}}}
	if s.Start.Line > 0 {
		l.PhysicalLocation.Region = &sarifRegion{s.Start.Line, s.Start.Column, s.End.Line, s.End.Column}
	}
	return l
}

type sarifLog struct {
	Schema  string     `json:"$schema"`
	Version string     `json:"version"`
	Runs    []sarifRun `json:"runs"`
}

type sarifRun struct {
	Tool struct {
		Driver sarifDriver `json:"driver"`
	} `json:"tool"`
	ColumnKind string        `json:"columnKind"`
	Results    []sarifResult `json:"results"`
}

type sarifDriver struct {
	Name    string      `json:"name"`
	Version string      `json:"version,omitempty"`
	Rules   []sarifRule `json:"rules"`
}

type sarifRule struct {
	ID string `json:"id"`
}

type sarifText struct {
	Text string `json:"text"`
}

type sarifResult struct {
	RuleID           string          `json:"ruleId"`
	RuleIndex        int             `json:"ruleIndex"`
	Level            string          `json:"level"`
	Message          sarifText       `json:"message"`
	Locations        []sarifLocation `json:"locations"`
	RelatedLocations []sarifLocation `json:"relatedLocations,omitempty"`
}

type sarifLocation struct {
	ID               int        `json:"id,omitempty"`
	PhysicalLocation sarifPlace `json:"physicalLocation"`
	Message          *sarifText `json:"message,omitempty"`
}

type sarifPlace struct {
	ArtifactLocation sarifArtifact `json:"artifactLocation"`
	Region           *sarifRegion  `json:"region,omitempty"`
}

type sarifArtifact struct {
	URI string `json:"uri"`
}

type sarifRegion struct {
	StartLine   int `json:"startLine"`
	StartColumn int `json:"startColumn"`
	EndLine     int `json:"endLine"`
	EndColumn   int `json:"endColumn"`
}
