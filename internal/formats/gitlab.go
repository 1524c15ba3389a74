package formats

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"

	"github.com/servicerules/rulebook/diagnostic"
)

// GitLab writes a code quality report, as the jobs of GitLab hand over for merge
// requests. A fingerprint tells a finding again when lines above it have
// changed: it is of the file, the code, what is said, and how many like it come
// before.
func GitLab(w io.Writer, r Report, lang string) error {
	list := []gitlabIssue{}
	before := map[string]int{}
	for _, d := range r.all() {
		x := gitlabIssue{Description: said(d, lang), CheckName: d.Code, Severity: "major"}
		if d.Severity == diagnostic.Warning {
			x.Severity = "minor"
		}
		x.Location.Path = slashes(d.Span.File)
		x.Location.Lines.Begin = max(1, d.Span.Start.Line)
		key := x.Location.Path + "\x00" + d.Code + "\x00" + d.Message.EN
		sum := sha256.Sum256(fmt.Append(nil, key, "\x00", before[key]))
		before[key]++
		x.Fingerprint = hex.EncodeToString(sum[:16])
		list = append(list, x)
	}
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(list)
}

type gitlabIssue struct {
	Description string `json:"description"`
	CheckName   string `json:"check_name"`
	Fingerprint string `json:"fingerprint"`
	Severity    string `json:"severity"`
	Location    struct {
		Path  string `json:"path"`
		Lines struct {
			Begin int `json:"begin"`
		} `json:"lines"`
	} `json:"location"`
}
