package kpi

// A Gauge is what an indicator showed, beside its bound. An answer gives it
// among its Details, under the rule of the indicator.
type Gauge struct {
	Ratio       Ratio // invalid where there was nothing to count
	Count       int64 // what was counted, against
	Base        Ratio // this; a fraction where a rule divides, such as a mean
	Pending     int64 // what cannot be counted yet
	Bound       Bound
	Verdict     Verdict
	Provisional bool
}
