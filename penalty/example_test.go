package penalty_test

import (
	"fmt"
	"time"

	"github.com/servicerules/rulebook/penalty"
)

// A library charges for books returned late: noticed at the desk, or by a
// reader who waited for the book.
func lateReturns() penalty.Ladder {
	return penalty.Ladder{
		Tiers: []penalty.Tier{
			{Level: "desk", Rank: 1, Rows: []penalty.Row{{From: 1, Amount: 2}, {From: 4, Amount: 5}}},
			{Level: "reader", Rank: 2, Rows: []penalty.Row{{From: 1, Amount: 5}, {From: 2, Amount: 8}, {From: 3, Amount: 10}}},
		},
		Scale: []int64{0, 2, 5, 8, 10, 20},
	}
}

func ExampleLadder_Price() {
	ladder := lateReturns()
	for _, prior := range []int{2, 3} {
		step, err := ladder.Price("desk", map[string]int{"desk": prior, "reader": 1})
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("number %d costs %d, all together %d\n", step.Nth, step.Base, step.TotalForWindow)
	}
	// Output:
	// number 3 costs 2, all together 6
	// number 4 costs 5, all together 11
}

func ExampleLadder_Move() {
	ladder := lateReturns()
	effect := penalty.Effect{Kind: penalty.ScaleStep}
	fmt.Printf("%+v\n", ladder.Move(8, -1, false, effect))
	fmt.Printf("%+v\n", ladder.Move(8, +5, false, effect))
	fmt.Printf("%+v\n", ladder.Move(8, +1, false, penalty.Effect{Kind: penalty.Manual}))
	// Output:
	// {Final:5 Decided:true Capped:false Floored:false}
	// {Final:20 Decided:true Capped:true Floored:false}
	// {Final:0 Decided:false Capped:false Floored:false}
}

func ExampleWeigh() {
	w := penalty.Weigh([]penalty.Factor{
		{Code: "hid_the_book", Direction: penalty.Aggravating, Claimed: true, Holds: true, Weight: 2},
		{Code: "was_ill", Direction: penalty.Mitigating, Claimed: true, Holds: true},
		{Code: "lent_it_on", Direction: penalty.Mitigating, Claimed: true, Holds: false},
	}, penalty.NetSum)
	fmt.Println("steps", w.Steps, "accepted", w.Accepted, "rejected", w.Rejected, "conflict", w.Conflict)
	// Output:
	// steps 1 accepted [hid_the_book was_ill] rejected [lent_it_on] conflict true
}

func ExampleHistoryRule_Fines() {
	day := func(month, day int) time.Time {
		return time.Date(2025, time.Month(month), day, 12, 0, 0, 0, time.UTC)
	}
	rule := penalty.HistoryRule{Ladder: lateReturns(), Zone: time.UTC}
	fines, total, err := rule.Fines([]penalty.Event{
		{ID: "c", Matter: "atlas", Level: "reader", At: day(5, 7), Counts: true},
		{ID: "a", Matter: "novel", Level: "desk", At: day(2, 1), Counts: true},
		{ID: "b", Matter: "atlas", Level: "desk", At: day(5, 2), Counts: true, AlreadyFined: 2},
		{ID: "d", Matter: "poems", Level: "desk", At: day(6, 1), Counts: true},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, f := range fines {
		fmt.Printf("%s: number %d, base %d, due %d, paid by %q\n", f.ID, f.Nth, f.Base, f.Due, f.PaidBy)
	}
	fmt.Println("total", total)
	// Output:
	// a: number 1, base 2, due 2, paid by ""
	// b: number 0, base 0, due 0, paid by "c"
	// c: number 1, base 5, due 3, paid by ""
	// d: number 2, base 2, due 2, paid by ""
	// total 7
}

func ExampleMeasureRule_Choose() {
	rule := penalty.MeasureRule{
		Bands: []penalty.Band{
			{Code: "light", Rank: 1, Mode: penalty.AnyOf, Options: []penalty.Option{{Code: "letter", Rank: 2}, {Code: "reminder", Rank: 1}}},
			{Code: "grave", Rank: 2, Mode: penalty.AllOf, Options: []penalty.Option{{Code: "suspension", Rank: 1}}},
		},
		Effect: penalty.WithinBand,
	}
	m := rule.Choose("light", +1, false)
	fmt.Println(m.Mode, m.Options, "advised:", m.Advised)

	rule.Effect = penalty.BandStep
	m = rule.Choose("light", +1, false)
	fmt.Println(m.Mode, m.Options, "changed:", m.BandChanged)
	// Output:
	// any_of [reminder letter] advised: letter
	// all_of [suspension] changed: true
}

func ExampleJoint() {
	records, err := penalty.Joint(
		penalty.Party{Person: "P1", Role: "driver"},
		penalty.Party{Person: "P2", Role: "dispatcher"},
		75, penalty.Share{Kind: penalty.Percent, By: 50},
	)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, r := range records {
		fmt.Println(r.Role, r.Fine)
	}
	// Output:
	// driver 75
	// dispatcher 37
}

func ExampleSplit() {
	each, over, err := penalty.Split(100, 3)
	fmt.Println(each, over, err) // 33 each, and the first pays one more
	// Output: 33 1 <nil>
}
