// Package report lays out what the commands print for people: styles, aligned
// tables, wrapped text and findings with their source line. Chinese takes two
// columns a character on a terminal; everything here counts columns, so that
// both languages line up.
package report

import (
	"fmt"

	"github.com/servicerules/rulebook/diagnostic"
)

// Style says how to print: in which language, in colour or not, and how wide.
// The zero Style is plain English that is never wrapped.
type Style struct {
	Lang  string // "zh" or "en"
	Color bool
	Width int // columns of the terminal; 0 leaves lines as long as they are
}

// Pick is the wording in the style's language.
func (s Style) Pick(zh, en string) string { return s.Text(diagnostic.Text{ZH: zh, EN: en}) }

// Pickf formats the wording in the style's language.
func (s Style) Pickf(zh, en string, args ...any) string { return fmt.Sprintf(s.Pick(zh, en), args...) }

// Text is the text in the style's language.
func (s Style) Text(t diagnostic.Text) string { return t.In(s.Lang) }

// Colon joins a label and what it labels.
func (s Style) Colon() string { return s.Pick("：", ": ") }

// Comma joins the items of a list.
func (s Style) Comma() string { return s.Pick("、", ", ") }

// Bold is for headings.
func (s Style) Bold(text string) string { return s.paint("1", text) }

// Dim is for what may be skipped.
func (s Style) Dim(text string) string { return s.paint("2", text) }

// Red is for what is wrong.
func (s Style) Red(text string) string { return s.paint("31", text) }

// Green is for what is in order.
func (s Style) Green(text string) string { return s.paint("32", text) }

// Yellow is for what wants attention.
func (s Style) Yellow(text string) string { return s.paint("33", text) }

func (s Style) paint(code, text string) string {
	if !s.Color || text == "" {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}
