package casefile

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/servicerules/rulebook/internal/source"
)

// Draft is a case that a person has yet to finish: facts without what is
// expected of them.
type Draft struct {
	Name     string
	Question string
	Readings []Setting
	AsOf     time.Time      // zero for none
	Facts    map[string]any // as JSON has them
	Remarks  []string       // comments for whoever finishes it, a line each
	Expect   string         // what stands behind `expect:`; "" leaves it to be filled in
}

// YAML is the draft as an item of `cases:`, to be pasted into a file of cases.
// It cannot be read as a case until something is expected in it.
func (d *Draft) YAML() string {
	var b strings.Builder
	fmt.Fprintf(&b, "  - name: %s\n    question: %s\n", scalar(d.Name), d.Question)
	if len(d.Readings) > 0 {
		settings := make([]string, len(d.Readings))
		for i, r := range d.Readings {
			settings[i] = r.Key + ": " + settingText(r.Option)
		}
		fmt.Fprintf(&b, "    readings: {%s}\n", strings.Join(settings, ", "))
	}
	if !d.AsOf.IsZero() {
		fmt.Fprintf(&b, "    as_of: %s\n", d.AsOf.Format(time.RFC3339))
	}
	b.WriteString("    facts:\n")
	for _, name := range slices.Sorted(maps.Keys(d.Facts)) {
		fmt.Fprintf(&b, "      %s: %s\n", name, flow(d.Facts[name]))
	}
	for _, r := range d.Remarks {
		fmt.Fprintf(&b, "    # %s\n", strings.Join(strings.Fields(r), " "))
	}
	b.WriteString(strings.TrimRight("    expect: "+d.Expect, " ") + "\n")
	return b.String()
}

func settingText(option string) string {
	if option == "true" || option == "false" {
		return `"` + option + `"`
	}
	if words := strings.Split(option, ","); len(words) > 1 {
		return "[" + strings.Join(words, ", ") + "]"
	}
	return scalar(option)
}

// flow writes a value on one line.
func flow(v any) string {
	switch x := v.(type) {
	case map[string]any:
		parts := make([]string, 0, len(x))
		for _, name := range slices.Sorted(maps.Keys(x)) {
			parts = append(parts, scalar(name)+": "+flow(x[name]))
		}
		return "{" + strings.Join(parts, ", ") + "}"
	case []any:
		parts := make([]string, len(x))
		for i, item := range x {
			parts[i] = flow(item)
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case string:
		return scalar(x)
	case written:
		return scalar(x.text)
	}
	text, _ := json.Marshal(v) // yes, no, null and numbers
	return string(text)
}

// plainText is what may stand without quotes, also within braces.
var plainText = regexp.MustCompile(`^[\p{Han}A-Za-z0-9][\p{Han}A-Za-z0-9_./+:%（）-]*$`)

func scalar(text string) string {
	if plainText.MatchString(text) && !strings.HasSuffix(text, ":") && text != "null" && text != "none" {
		if root, _ := source.Parse("", []byte("a: {b: "+text+"}")); root.Get("a").Get("b") != nil && root.Get("a").Get("b").Text == text {
			return text
		}
	}
	quoted, _ := json.Marshal(text) // a text has JSON, and YAML reads it
	return string(quoted)
}
