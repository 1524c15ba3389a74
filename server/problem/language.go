package problem

import (
	"net/http"
	"strconv"
	"strings"
)

// Language is "zh", "en" or one of the languages of the rulebook, whichever
// Accept-Language prefers; English where it names none of them.
func Language(r *http.Request, ofRulebook ...string) string {
	best, weight := "en", 0.0
	for _, header := range r.Header.Values("Accept-Language") {
		for part := range strings.SplitSeq(header, ",") {
			tag, params, _ := strings.Cut(part, ";")
			tag = strings.ToLower(strings.TrimSpace(tag))
			lang := known(tag, ofRulebook)
			if lang == "" {
				continue
			}
			if q := quality(params); q > weight {
				best, weight = lang, q
			}
		}
	}
	return best
}

// known is the language that a tag in lower case is of; "" for one that nothing
// is worded in.
func known(tag string, ofRulebook []string) string {
	for _, lang := range ofRulebook {
		if strings.ToLower(lang) == tag {
			return lang
		}
	}
	primary, _, _ := strings.Cut(tag, "-")
	for _, lang := range append([]string{"zh", "en"}, ofRulebook...) {
		if strings.ToLower(lang) == primary {
			return lang
		}
	}
	return ""
}

func quality(params string) float64 {
	name, value, found := strings.Cut(strings.TrimSpace(params), "=")
	if !found || strings.TrimSpace(name) != "q" {
		return 1
	}
	q, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
	if err != nil || q < 0 || q > 1 {
		return 0
	}
	return q
}
