package policy

import (
	"strings"

	"github.com/servicerules/rulebook/diagnostic"
)

// FactError says why facts were refused. Code is stable; Fact is the path of
// the fact, such as "request.kind" or "complaints[2].level".
type FactError struct {
	Code    string
	Fact    string
	Message Text
	Remedy  Text
	Span    diagnostic.Span // in the text that the facts came in, if any
}

// Error is the refusal in English.
func (e *FactError) Error() string {
	return e.In("en")
}

// In is the refusal in the given language, on one line.
func (e *FactError) In(lang string) string {
	if e == nil {
		return "<nil>"
	}
	text := e.Message.In(lang)
	if e.Fact != "" {
		text = e.Fact + Text{ZH: "：", EN: ": "}.In(lang) + text
	}
	if at := e.Span.String(); at != "" {
		text = at + ": " + text
	}
	text += " [" + e.Code + "]"
	if r := e.Remedy.In(lang); r != "" {
		text += " → " + r
	}
	return text
}

func NewFactError(code, fact string, message, remedy Text) *FactError {
	if len(fact) > maxFactPath {
		fact = strings.ToValidUTF8(fact[:maxFactPath], "") + "…"
	}
	return &FactError{Code: code, Fact: fact, Message: message.Clip(), Remedy: remedy.Clip()}
}

// maxFactPath is how many bytes of a path are told: an unknown fact may have
// any name.
const maxFactPath = 300

const (
	MaxCount = 1_000_000_000_000_000 // exclusive: sums and products with thresholds stay far from overflow
	MaxName  = 200                   // characters
)
