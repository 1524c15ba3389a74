package problem

import (
	"net/http"
	"strconv"
	"strings"
)

// Language is "zh" or "en", whichever Accept-Language prefers; English where
// it names neither.
func Language(r *http.Request) string {
	best, weight := "en", 0.0
	for _, header := range r.Header.Values("Accept-Language") {
		for part := range strings.SplitSeq(header, ",") {
			tag, params, _ := strings.Cut(part, ";")
			tag = strings.ToLower(strings.TrimSpace(tag))
			lang, _, _ := strings.Cut(tag, "-")
			if lang != "zh" && lang != "en" {
				continue
			}
			if q := quality(params); q > weight {
				best, weight = lang, q
			}
		}
	}
	return best
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
