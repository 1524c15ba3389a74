package icalendar

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/servicerules/rulebook/sla/workday"
)

// Listing is the file as lines of a calendar in a rules file: what is listed
// year by year, and the days that come back.
func (f *File) Listing() string {
	var b strings.Builder
	if len(f.Days) > 0 {
		b.WriteString("years:\n")
	}
	year, part := 0, ""
	for _, worked := range f.byYear() {
		for _, r := range worked {
			if y := r.First.Year(); y != year {
				year, part = y, ""
				fmt.Fprintf(&b, "  %d:\n", y)
			}
			list := "rest"
			if r.Worked {
				list = "work"
			}
			if list != part {
				part = list
				b.WriteString("    " + list + ":\n")
			}
			on := r.First.Format("01-02")
			if r.Last > r.First {
				on += ".." + r.Last.Format("01-02")
			}
			if len(r.Names) == 0 {
				b.WriteString("      - " + on + "\n")
			} else {
				b.WriteString("      - {on: " + on + named(r.Names) + "}\n")
			}
		}
	}
	if len(f.Yearly) > 0 {
		b.WriteString("yearly:\n  days:\n")
	}
	for _, y := range f.Yearly {
		fmt.Fprintf(&b, "    - {on: %s, from: %d", y.On, y.From)
		if y.Until != 0 {
			fmt.Fprintf(&b, ", until: %d", y.Until)
		}
		if len(y.Except) > 0 {
			b.WriteString(", except: [" + strings.Trim(strings.ReplaceAll(fmt.Sprint(y.Except), " ", ", "), "[]") + "]")
		}
		b.WriteString(named(y.Names) + "}\n")
	}
	return b.String()
}

// byYear are the runs of each year, the days off first.
func (f *File) byYear() [][]Run {
	var all [][]Run
	var rest, work []Run
	flush := func() {
		if len(rest)+len(work) > 0 {
			all = append(all, append(rest, work...))
		}
		rest, work = nil, nil
	}
	year := 0
	for _, r := range Runs(f.Days, true) {
		if r.First.Year() != year {
			flush()
			year = r.First.Year()
		}
		if r.Worked {
			work = append(work, r)
		} else {
			rest = append(rest, r)
		}
	}
	flush()
	return all
}

// named are the names of a day as further keys.
func named(names workday.Name) string {
	text := ""
	for _, lang := range []string{"zh", "en"} {
		if name := names[lang]; name != "" {
			text += ", " + lang + ": " + quoted(name)
		}
	}
	return text
}

// plain is a text that YAML takes as it stands, also between braces.
var plain = regexp.MustCompile(`^[\p{L}][\p{L}\p{M}\p{N}.'’·（）()/ -]*$`)

// words that YAML takes for something else than a text.
var words = regexp.MustCompile(`(?i)^(null|true|false|yes|no|on|off|y|n)$`)

func quoted(text string) string {
	if plain.MatchString(text) && !words.MatchString(text) {
		return text
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(text) + `"`
}
