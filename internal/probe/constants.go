package probe

import (
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/servicerules/rulebook"
)

// numberIn finds numbers in the text of rules.
var numberIn = regexp.MustCompile(`\b\d{1,9}\b`)

// NumbersIn are the numbers that stand in the rules of books, each once.
func NumbersIn(books ...*rulebook.Book) []int64 {
	found := map[int64]bool{0: true, 1: true}
	for _, b := range books {
		text := string(b.Rulebook().Source())
		if i := strings.Index(text, "\nregulations:"); i >= 0 {
			text = text[i:]
		}
		for _, digits := range numberIn.FindAllString(text, -1) {
			if n, err := strconv.ParseInt(digits, 10, 64); err == nil {
				found[n] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(found))
}

var (
	dateIn = regexp.MustCompile(`\b\d{4}-\d{2}-\d{2}\b`)
	timeIn = regexp.MustCompile(`\b([01]\d|2[0-3]):[0-5]\d\b`)
)

// TimesIn are the dates, and the times of day, that stand in books.
func TimesIn(zone *time.Location, books ...*rulebook.Book) (days []time.Time, clock []time.Duration) {
	texts := map[string]bool{}
	for _, b := range books {
		text := string(b.Rulebook().Source())
		for _, found := range append(dateIn.FindAllString(text, -1), timeIn.FindAllString(text, -1)...) {
			texts[found] = true
		}
	}
	for _, text := range slices.Sorted(maps.Keys(texts)) {
		if day, err := time.ParseInLocation(time.DateOnly, text, zone); err == nil {
			days = append(days, day)
		} else if at, err := time.Parse("15:04", text); err == nil {
			clock = append(clock, time.Duration(at.Hour())*time.Hour+time.Duration(at.Minute())*time.Minute)
		}
	}
	return days, clock
}
