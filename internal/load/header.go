package load

import (
	"time"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/policy"
	"github.com/servicerules/rulebook/sla"
)

func (l *loader) header(n *source.Node) {
	if !l.isMap(n, policy.Text{ZH: "rulebook", EN: "rulebook"}) {
		return
	}
	l.languages(n.Get("languages")) // first: what is told of other keys rests on them
	l.onlyKeys(n, "id", "title", "languages", "zone", "currency", "in_force", "calendar", "note")
	l.note(n)
	b := l.book
	b.Zone = time.UTC
	if id := l.required(n, "id"); id != nil && l.isScalar(id, policy.Text{ZH: "id", EN: "id"}) && l.name(id, checked.SnakeCase) {
		b.ID = id.Text
	}
	if t := l.required(n, "title"); t != nil {
		b.Title = l.text(t)
	}
	if zone := l.zone(l.required(n, "zone")); zone != nil {
		b.Zone = zone
	}
	b.Clocks = sla.ClocksOf(b.Zone)
	if c := n.Get("currency"); c != nil && l.isScalar(c, policy.Text{ZH: "货币", EN: "the currency"}) {
		b.Currency = c.Text
	}
	b.CalendarNode = n.Get("calendar")
	if f := l.required(n, "in_force"); f != nil {
		b.From, b.To = l.period(f)
		if f.Kind == source.Map && f.Get("from") == nil {
			l.missing(f, "from", diagnostic.Textf("补上 from: 日期", "add from: a date"))
		}
	}
}
