package rulebook_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"strings"
	"time"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/policy"
)

// mustDefault is the embedded rulebook; an example has no other way to fail.
func mustDefault() *rulebook.Book {
	book, err := rulebook.Default()
	if err != nil {
		log.Fatal(err)
	}
	return book
}

// An installation in town: when was it due, and was it done in time?
func Example() {
	book, err := rulebook.Load("rules.yaml")
	if err != nil {
		log.Fatal(err) // every finding, with line and column
	}
	answer, err := book.Ask(context.Background(), "time_limit.request", map[string]any{
		"request": map[string]any{
			"kind":               "install",
			"area_type":          "urban",
			"papers_complete_at": "2025-06-09T10:00:00+08:00",
			"completed_at":       "2025-06-17T09:00:00+08:00",
		},
	})
	if err != nil {
		log.Fatal(err)
	}
	due, _ := answer.Date("due_date")
	fmt.Println(answer.Verdict, due, answer.Breaches)
	// Output: late 2025-06-16 [time_limit/6#overdue]
}

// The values of an answer as data, in the order of the rulebook: what a table or
// a page is made of.
func ExampleAnswer_Values() {
	book := mustDefault()
	answer, err := book.Ask(context.Background(), "time_limit.request", map[string]any{
		"request": map[string]any{
			"kind":               "install",
			"area_type":          "urban",
			"papers_complete_at": "2025-06-09T10:00:00+08:00",
			"completed_at":       "2025-06-17T09:00:00+08:00",
		},
	})
	if err != nil {
		log.Fatal(err)
	}
	for v := range answer.Values() {
		fmt.Printf("%s: %s %v\n", v.Label.EN, v.State, v.Data)
	}
	// Output:
	// clock start: known 2025-06-09 10:00:00 +0800 CST
	// due date: known 2025-06-16
	// due at: none <nil>
	// status: known late
	// extension valid: none <nil>
	// extension defects: known []
	// restarted after the customer came back: none <nil>
	// priority: known normal
}

// A rules file with mistakes is refused as a whole. Every mistake is a finding
// with its place, its code, what is wrong and what to write instead.
func ExampleParse() {
	rules, err := os.ReadFile("rules.yaml")
	if err != nil {
		log.Fatal(err)
	}
	broken := strings.Replace(string(rules), `when: request.kind == "fault"`, `when: request.kind == "falt"`, 1)
	_, err = rulebook.Parse("mine.yaml", []byte(broken))
	var findings diagnostic.List
	if errors.As(err, &findings) {
		for _, f := range findings {
			fmt.Println(f.Span.File, f.Code)
			fmt.Println(f.Message.EN, "→", f.Remedy.EN)
			fmt.Println(f.Message.ZH, "→", f.Remedy.ZH)
		}
	}
	// Output:
	// mine.yaml unknown_word
	// "falt" is not a word of the list → did you mean fault?
	// 列表里没有 "falt" 这个词 → 是否要写 fault？
}

// Facts may be JSON. Those that come from a request body are best handed on
// as they are: they are checked strictly, against what the rulebook declares.
func ExampleBook_Ask_json() {
	book := mustDefault()
	answer, err := book.Ask(context.Background(), "contracting.load", []byte(`{
		"area": {"id": "A4", "type": "rural"}, "households": 950, "staff": 1
	}`))
	if err != nil {
		log.Fatal(err)
	}
	people, per, _ := answer.Ratio("households_per_person")
	fmt.Println(answer.Verdict, people, per)
	// Output: within 950 1
}

// Facts may be your own struct, as long as it marshals to the declared names.
func ExampleBook_Ask_struct() {
	type ticket struct {
		Kind      string     `json:"kind"`
		Severity  string     `json:"severity"`
		Received  time.Time  `json:"received_at"`
		Completed *time.Time `json:"completed_at"` // nil: not yet
	}
	facts := struct {
		Ticket ticket `json:"request"`
	}{ticket{Kind: "fault", Severity: "ordinary", Received: time.Date(2025, 6, 9, 1, 30, 0, 0, time.UTC)}}

	book := mustDefault()
	answer, err := book.Ask(context.Background(), "time_limit.request", facts,
		rulebook.AsOf(time.Date(2025, 6, 9, 12, 0, 0, 0, time.UTC)))
	if err != nil {
		log.Fatal(err)
	}
	due, _ := answer.Moment("due_at")
	fmt.Println(answer.Verdict, due.Format(time.RFC3339))
	// Output: running 2025-06-10T09:30:00+08:00
}

// A fact that nobody gave is named. It is never taken for a pass, nor for a
// breach.
func ExampleBook_Ask_unknown() {
	book := mustDefault()
	answer, err := book.Ask(context.Background(), "time_limit.request", map[string]any{
		"request": map[string]any{"kind": "install", "papers_complete_at": "2025-06-09T10:00:00+08:00"},
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(answer.Verdict)
	for _, m := range answer.MissingFacts {
		fmt.Println("needs", m.Fact, "for", m.NeededBy)
	}
	// Output:
	// undetermined
	// needs request.area_type for time_limit.request_clock
}

// Facts that were not declared, or hold a word that is not in its list, are
// refused.
func ExampleBook_Ask_refused() {
	book := mustDefault()
	_, err := book.Ask(context.Background(), "time_limit.request", []byte(`{"request": {"kind": "instal"}}`))
	var refused *policy.FactError
	if errors.As(err, &refused) {
		fmt.Println(refused.Code, refused.Fact)
		fmt.Println(refused)
		fmt.Println(refused.In("zh"))
	}
	// Output:
	// unknown_word request.kind
	// 1:22: request.kind: "instal" is not one of the words [unknown_word] → did you mean install (installation)? Allowed: fault (fault repair), install (installation), restore (restoration of service), complaint_reply (reply to a complaint), other
	// 1:22: request.kind："instal" 不在词表中 [unknown_word] → 是否指 install（安装开通）？可写：fault（故障维修）、install（安装开通）、restore（恢复业务）、complaint_reply（答复投诉）、other（其他）
}

// The holidays of 2027 are not announced: no date is better than a wrong one.
func ExampleBook_Ask_missingYear() {
	book := mustDefault()
	answer, err := book.Ask(context.Background(), "time_limit.request", map[string]any{
		"request": map[string]any{"kind": "install", "area_type": "urban", "papers_complete_at": "2026-12-30T10:00:00+08:00"},
	})
	if err != nil {
		log.Fatal(err)
	}
	if answer.Error != nil {
		fmt.Println(answer.Failure().Code, answer.Failure().Year)
	}
	// Output: calendar_year_missing 2027
}

// What would another reading of the text change?
func ExampleBook_With() {
	book := mustDefault()
	strict, err := book.With(rulebook.Reading("ladder.hall_boundary", "ge3"))
	if err != nil {
		log.Fatal(err)
	}
	third := map[string]any{
		"complaint":       map[string]any{"level": "hall", "form": "complaint", "substantiated": true, "cause": "service"},
		"prior_in_window": map[string]any{"hall": 2},
	}
	for _, b := range []*rulebook.Book{book, strict} {
		answer, err := b.Ask(context.Background(), "accountability.fine", third)
		if err != nil {
			log.Fatal(err)
		}
		fine, _ := answer.Int("final_fine")
		fmt.Println(fine)
	}
	// Output:
	// 20
	// 50
}

// The readings that a book answers by can be looked up.
func ExampleBook_Chosen() {
	book := mustDefault()
	option, _ := book.Chosen("ladder.hall_boundary", time.Time{})
	reading, _ := book.Rulebook().Reading("ladder.hall_boundary")
	fmt.Println(reading.Asks.EN)
	for _, o := range reading.Options {
		fmt.Println(o.Name == option, o.Name, "-", o.Label.EN)
	}
	// Output:
	// from which occurrence is a complaint at hall level 50 yuan
	// true gt3 - from the fourth (“over” leaves out three)
	// false ge3 - from the third (“at least” includes it)
}

// Steps and Explain render when they are called, in Chinese or English.
func ExampleAnswer_Steps() {
	book := mustDefault()
	answer, err := book.Ask(context.Background(), "time_limit.request", map[string]any{
		"request": map[string]any{
			"kind": "install", "area_type": "urban",
			"papers_complete_at": "2025-06-09T10:00:00+08:00", "completed_at": "2025-06-16T23:59:59+08:00",
		},
	})
	if err != nil {
		log.Fatal(err)
	}
	for _, lang := range []string{"en", "zh"} {
		step := answer.Steps(lang)[0]
		fmt.Println(step.Article, step.Text)
	}
	// Output:
	// time_limit/6 urban installation: 5 working days (State Council holidays with make-up days) from 2025-06-09 10:00, due 2025-06-16
	// time_limit/6 城区装机：按国务院放假安排（含调休上班）计的5个工作日，自 2025-06-09 10:00 起算，到期 2025-06-16
}

// A billing system has tickets of its own. They are bound to a question once,
// at start, and then decided without a way over JSON.
func ExampleBind() {
	type Ticket struct {
		Number   int
		Kind     string     `rulebook:"request.kind"`
		Severity string     `rulebook:"request.severity"`
		Received time.Time  `rulebook:"request.received_at"`
		Done     *time.Time `rulebook:"request.completed_at"`
	}
	book, err := rulebook.Default()
	if err != nil {
		fmt.Println(err)
		return
	}
	ask, err := rulebook.Bind[Ticket](book, "time_limit.request")
	if err != nil {
		fmt.Println(err) // every field that does not fit, by name
		return
	}
	received := time.Date(2025, 6, 9, 9, 30, 0, 0, time.FixedZone("CST", 8*3600))
	done := received.Add(25 * time.Hour)
	for _, t := range []Ticket{
		{Number: 1, Kind: "fault", Severity: "ordinary", Received: received, Done: &done},
		{Number: 2, Kind: "fault", Severity: "major", Received: received},
	} {
		answer, err := ask.Decide(t, rulebook.AsOf(received.AddDate(0, 0, 2)))
		if err != nil {
			fmt.Println(err)
			continue
		}
		due, _ := answer.Moment("due_at")
		fmt.Println(t.Number, answer.Verdict, due.Format(time.DateTime))
	}
	// Output:
	// 1 late 2025-06-10 09:30:00
	// 2 running 2025-06-12 09:30:00
}

func ExampleColumns() {
	book, err := rulebook.Default()
	if err != nil {
		fmt.Println(err)
		return
	}
	table, err := rulebook.Columns(book, "contracting.load", map[string]any{
		"area.type":  []string{"urban", "rural"},
		"households": []int{5200, 900},
		"staff":      []int{2, 1},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for row := range table.Len() {
		answer, err := table.Decide(row)
		if err != nil {
			fmt.Println(err)
			continue
		}
		num, den, _ := answer.Ratio("households_per_person")
		fmt.Println(answer.Verdict, num, den)
	}
	// Output:
	// below 5200 2
	// within 900 1
}
