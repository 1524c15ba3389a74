package kpi_test

import (
	"encoding/json"
	"fmt"

	"github.com/servicerules/rulebook/kpi"
)

func ExampleIndicator_Judge() {
	// Fewer than one fall per thousand nights in hospital.
	falls := kpi.Indicator{Bound: kpi.Bound{Kind: kpi.Below, Limit: kpi.Ratio{Num: 1, Den: 1000}}}
	for _, nights := range []int64{4000, 4003} {
		r, err := falls.Judge(4, kpi.Whole(nights), 0)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(r.Verdict, r.Ratio, r.Ratio.Percent(2))
	}

	// The mean of two counts as the base.
	r, err := falls.Judge(5, kpi.Ratio{Num: 4999 + 5001, Den: 2}, 2)
	fmt.Println(r.Verdict, r.Ratio, "provisional:", r.Provisional, err)
	// Output:
	// not_met 4/4000 0.10%
	// met 4/4003 0.10%
	// not_met 5/5000 provisional: true <nil>
}

func ExampleRange_Place() {
	perNurse := kpi.Range{From: kpi.Whole(4), To: kpi.Whole(6)}
	for _, patients := range []int64{12, 13} {
		place, err := perNurse.Place(kpi.Ratio{Num: patients, Den: 2})
		fmt.Println(place, err)
	}
	// Output:
	// within <nil>
	// above <nil>
}

func ExampleTally() {
	var ward1, ward2 kpi.Tally
	for _, err := range []error{
		ward1.Add("seen_in_time", kpi.Counts{Count: 18, Base: 20, Pending: 1}),
		ward2.Add("seen_in_time", kpi.Counts{Count: 9, Base: 9}),
		ward2.Count("visitors", 31),
		ward1.Merge(ward2),
	} {
		if err != nil {
			fmt.Println(err)
			return
		}
	}
	text, _ := json.Marshal(ward1)
	fmt.Println(string(text))

	inTime := kpi.Indicator{Bound: kpi.Bound{Kind: kpi.AtLeast, Limit: kpi.Ratio{Num: 9, Den: 10}}, Part: true}
	c, _ := ward1.Counts("seen_in_time")
	r, err := inTime.Judge(c.Count, kpi.Whole(c.Base), c.Pending)
	fmt.Println(r.Verdict, r.Ratio, r.Provisional, err)
	// Output:
	// {"counters":{"visitors":31},"indicators":{"seen_in_time":{"base":29,"count":27,"pending":1}}}
	// met 27/29 true <nil>
}
