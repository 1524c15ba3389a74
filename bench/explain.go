package main

import (
	"strconv"
	"strings"
	"time"
)

// What a careful programmer writes to say why, next to his own code.

func when(t time.Time) string { return t.In(zone).Format("2006-01-02 15:04") }

func (t *Told) finish(b *strings.Builder) string {
	for _, m := range t.Missing {
		b.WriteString("missing fact " + m + "\n")
	}
	b.WriteString(t.Verdict + " (" + strings.Join(t.Articles, ", ") + ")\n")
	return b.String()
}

func (a *RequestAnswer) explain() string {
	var b strings.Builder
	if !a.Start.IsZero() {
		due := a.DueDate.String()
		if a.DueDate == 0 {
			due = when(a.DueAt)
		}
		b.WriteString(a.Step + ": from " + when(a.Start) + ", due " + due + "\n")
	}
	if a.Priority != "normal" {
		b.WriteString("priority: " + a.Priority + "\n")
	}
	return a.finish(&b)
}

func (a *FineAnswer) explain() string {
	var b strings.Builder
	if a.Nth > 0 {
		b.WriteString(a.Level + ", occurrence " + strconv.Itoa(a.Nth) + ": base " + strconv.Itoa(a.Base) + "\n")
		b.WriteString("net steps " + strconv.Itoa(a.Steps) + ": " + strconv.Itoa(a.Final) + " proposed\n")
	}
	if a.Reason != "" {
		b.WriteString("not priced: " + a.Reason + "\n")
	}
	return a.finish(&b)
}

func (a *AreaAnswer) explain() string {
	var b strings.Builder
	a.Complaints.tell(&b, "complaint rate", "below 0.1%")
	a.Replies.tell(&b, "reply rate", "exactly 100%")
	a.Satisfaction.tell(&b, "satisfaction", "above 99%")
	return a.finish(&b)
}

func (r *Rate) tell(b *strings.Builder, name, must string) {
	if r.Den > 0 {
		b.WriteString(name + ": " + strconv.Itoa(r.Num) + "/" + strconv.Itoa(r.Den) + " = " + r.Percent + ", must be " + must + ": " + r.Result + "\n")
	}
}

func (a *LoadAnswer) explain() string {
	var b strings.Builder
	if a.Den > 0 {
		b.WriteString(a.Step + ": " + strconv.Itoa(a.Num) + "/" + strconv.Itoa(a.Den) + "\n")
	}
	return a.finish(&b)
}

func (a *ChangeAnswer) explain() string {
	var b strings.Builder
	for _, x := range a.Breaches {
		b.WriteString("broken: " + x + "\n")
	}
	return a.finish(&b)
}
