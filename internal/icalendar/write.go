package icalendar

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/rickb777/date/v2"

	"github.com/servicerules/rulebook/sla/workday"
)

// Write is the file of the days, which are by date. The language is that of
// the summaries; the other names stand beside them. The id tells this calendar
// from all others. The same days give the same bytes.
func (f *File) Write(lang, id string) []byte {
	var w writer
	w.line("BEGIN:VCALENDAR")
	w.line("VERSION:2.0")
	w.line("PRODID:-//rulebook//calendar export//EN")
	if f.Name != "" {
		w.line("X-WR-CALNAME:" + escape(tidy(f.Name)))
	}
	for _, r := range Runs(f.Days, false) {
		kind, category := "rest", "HOLIDAY"
		if r.Worked {
			kind, category = "work", "WORKDAY"
		}
		w.line("BEGIN:VEVENT")
		w.line(fmt.Sprintf("UID:%s-%s@%s", basic(r.First), kind, escape(tidy(id))))
		w.line("DTSTAMP:" + basic(r.First) + "T000000Z") // no clock: the same bytes for ever
		w.line("DTSTART;VALUE=DATE:" + basic(r.First))
		w.line("DTEND;VALUE=DATE:" + basic(r.Last+1))
		w.names(lang, r.Names, summaries[r.Worked])
		w.line("CATEGORIES:" + category)
		w.line("TRANSP:TRANSPARENT")
		w.line("END:VEVENT")
	}
	w.line("END:VCALENDAR")
	return []byte(w.String())
}

func basic(d date.Date) string { return d.Format("20060102") }

type writer struct{ strings.Builder }

// names writes the names of a day, that of the language first, as summary.
func (w *writer) names(lang string, names workday.Name, unnamed map[string]string) {
	if lang = strings.TrimSpace(lang); unnamed[lang] == "" {
		lang = "en"
	}
	var others []string
	for l := range names {
		if l != lang {
			others = append(others, l)
		}
	}
	slices.Sort(others)
	property := "SUMMARY"
	if name := names[lang]; name != "" {
		w.line(fmt.Sprintf("%s;LANGUAGE=%s:%s", property, lang, escape(tidy(name))))
		property = "X-RULEBOOK-NAME"
	}
	for _, l := range others {
		w.line(fmt.Sprintf("%s;LANGUAGE=%s:%s", property, l, escape(tidy(names[l]))))
		property = "X-RULEBOOK-NAME"
	}
	if property == "SUMMARY" {
		w.line(fmt.Sprintf("SUMMARY;LANGUAGE=%s:%s", lang, escape(unnamed[lang])))
	}
}

// maxOctets is the length at which the RFC folds lines, without the line's end.
const maxOctets = 75

// line writes a content line, folded where it is long but within no character.
func (w *writer) line(text string) {
	room := maxOctets
	for len(text) > room {
		cut := room
		for cut > 1 && !utf8.RuneStart(text[cut]) {
			cut--
		}
		w.WriteString(text[:cut] + "\r\n ")
		text, room = text[cut:], maxOctets-1
	}
	w.WriteString(text + "\r\n")
}
