package analysis_test

import (
	"context"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/internal/analysis"
	"github.com/servicerules/rulebook/internal/run"
	"github.com/servicerules/rulebook/policy"
)

// A planted fault is a careless edit of a rulebook that is right, with what must
// be found. A rule is taken out whole where nothing is said to be replaced.
type planted struct {
	was, is string
	takeOut string
	code    string
	about   string // what the finding names
	rule    string // or the name of the rule that it is about
	in      string // the question that is looked at
}

var books = []string{
	"rules.yaml", "examples/rulebooks/cloud-sla.yaml", "examples/rulebooks/gdpr.yaml", "examples/rulebooks/ofcom.yaml", "examples/rulebooks/service-desk.yaml",
	"examples/rulebooks/support-contract.yaml", "examples/rulebooks/time-limits.yaml", "internal/analysis/testdata/parcels.yaml",
}

var plants = map[string][]planted{
	"rules.yaml": {
		{takeOut: "fault_major", code: "no_rule_applies", about: "request.severity=major", in: "time_limit.request"},
		{takeOut: "complaint_reply", code: "no_rule_applies", about: "request.kind=complaint_reply", in: "time_limit.request"},
		{takeOut: "restore_service", code: "no_rule_applies", about: "request.kind=restore", in: "time_limit.request"},
		{takeOut: "install_rural", code: "no_rule_applies", about: "request.area_type=rural", in: "time_limit.request"},
		{takeOut: "load_rural", code: "no_verdict", in: "contracting.load"},
		{was: `request.severity == "major"`, is: `request.severity == "ordinary"`, code: "two_rules_apply", about: "fault_ordinary+fault_major", in: "time_limit.request"},
		{was: `request.severity == "major"`, is: `request.severity == "ordinary"`, code: "no_rule_applies", about: "request.severity=major", in: "time_limit.request"},
		{was: `when: request.kind == "restore"`, is: `when: request.kind in ["restore", "install"]`, code: "two_rules_apply", about: "install_urban+restore_service", in: "time_limit.request"},
		{was: `when: request.kind == "complaint_reply"`, is: `when: request.kind != "fault"`, code: "two_rules_apply", about: "restore_service+complaint_reply", in: "time_limit.request"},
		{was: `request.kind == "install" and request.area_type == "urban"`, is: `request.kind == "install"`, code: "two_rules_apply", about: "install_urban+install_rural", in: "time_limit.request"},
		{was: `when: area.type == "rural"`, is: `when: area.type == "urban"`, code: "two_rules_apply", about: "load_urban+load_rural", in: "contracting.load"},
		{was: `when: matter.in_company_scope and not (matter.in_duty_scope and matter.on_the_spot)
            is:`, is: `when: not (matter.in_duty_scope and matter.on_the_spot)
            is:`, code: "two_rules_apply", about: "own_action+outside_action", in: "first_inquiry.responsible"},
		{was: `when: not matter.in_company_scope`, is: `when: not matter.in_company_scope and matter.uncertain`, code: "no_verdict", in: "first_inquiry.responsible"},
		{was: `when: request.kind == "fault" and not as_requested`, is: `when: request.kind == "fault" and request.kind == "install"`, code: "never_applies", rule: "repair_explained", in: "time_limit.request"},
		{was: `when: net_steps < 0 or exempt`, is: `when: net_steps < 0 and net_steps > 0`, code: "never_applies", rule: "lighter_measure", in: "accountability.measure"},
		{was: `when: window and matter.in_window_scope
            met`, is: `when: window and not window
            met`, code: "never_applies", rule: "window_guides_forms", in: "first_inquiry.conduct"},
		{was: `any(mitigating, .code == "apology_forgiven" and .proactive and .forgiven)`, is: `any(mitigating, .code == "apology_forgiven" and .code == "other_mitigating")`, code: "never_applies", rule: "apology_forgiven", in: "accountability.fine"},
		{was: `when: request.major or request.important_customer`, is: `when: request.major or not request.major`, code: "condition_always", rule: "expedite", in: "time_limit.request"},
	},
	"examples/rulebooks/service-desk.yaml": {
		{was: `when: 'ticket.priority in ["p1", "p2"]', met: kept_informed`, is: `when: 'ticket.priority in ["p1", "p2"] and ticket.priority in ["p3"]', met: kept_informed`, code: "never_applies", rule: "customer_informed", in: "ticket.conduct"},
		{was: `customer_told: {when: 'ticket.priority in ["p1", "p2"]'}`, is: `customer_told: {when: 'ticket.priority == "p1" and ticket.priority == "p2"'}`, code: "never_applies", rule: "closing_items", in: "ticket.closing"},
		{was: `blocks_if: decider.id in handled_by`, is: `blocks_if: decider.id in handled_by and not (decider.id in handled_by)`, code: "condition_never", rule: "decider_apart", in: "desk.may_close_credit"},
	},
	"examples/rulebooks/gdpr.yaml": {
		{was: `when: 'answer.status != "paused"'`, is: `when: 'answer.status != "running"'`, code: "two_rules_apply", about: "suspended+timed", in: "request.answer"},
		{was: `part_of: notice_status, when: 'incident.risk != "unlikely"'`, is: `part_of: notice_status, when: 'incident.risk == "high"'`, code: "no_rule_applies", about: "incident.risk=likely", in: "breach.notice"},
		{was: `when: 'incident.risk != "unlikely" and notice.status == "late"'`, is: `when: 'incident.risk == "unlikely" and notice.status == "late"'`, code: "never_applies", rule: "delay_explained", in: "breach.notice"},
	},
	"examples/rulebooks/time-limits.yaml": {
		{was: `when: start_at != null, from: start_at`, is: `when: start_on != null, from: start_at`, code: "two_rules_apply", about: "from_day+from_moment", in: "limit.due"},
	},
	"internal/analysis/testdata/parcels.yaml": {
		{was: "when: grams <= 1000", is: "when: grams < 1000", code: "no_rule_applies", about: "grams=1000", in: "parcel"},
		{was: "grams <= 10000", is: "grams <= 10001", code: "two_rules_apply", about: "middle+large", in: "parcel"},
		{was: "when: grams > 10000", is: "when: grams > 10001", code: "no_rule_applies", about: "grams=10001", in: "parcel"},
		{was: "sent_on < 2025-01-01", is: "sent_on <= 2025-01-01", code: "two_rules_apply", about: "old_rate+new_rate", in: "parcel"},
		{was: "sent_on >= 2025-01-01 and worth <= 50 GBP", is: "sent_on > 2025-01-01 and worth <= 50 GBP", code: "no_rule_applies", about: "sent_on=2025-01-01", in: "parcel"},
		{was: "worth > 50 GBP", is: "worth > 60 GBP", code: "no_rule_applies", about: "worth=50.01GBP", in: "parcel"},
		{was: "worth > 50 GBP", is: "worth >= 50 GBP", code: "two_rules_apply", about: "new_rate+capped", in: "parcel"},
		{was: "grams > 1000 and grams <= 10000", is: "grams > 1000 and grams <= 1000", code: "never_applies", rule: "middle", in: "parcel"},
		{was: "grams > 1000 and grams <= 10000", is: "grams > 1000 and grams <= 1000", code: "never_applies", rule: "price", in: "parcel"},
		{was: "grams <= 30000", is: "grams <= 10000", code: "never_applies", rule: "large", in: "parcel"},
		{was: "grams <= 30000", is: "grams <= 10000", code: "never_applies", rule: "handling", in: "parcel"},
		{was: "            keys: {size: size.value, speed: speed}", is: "            when: 'speed == \"fast\"'\n            keys: {size: size.value, speed: speed}", code: "never_applies", rule: "price", in: "parcel"},
		{was: "met: len(labels) > 0", is: "met: len(labels) >= 0", code: "condition_always", rule: "labelled", in: "parcel"},
		{was: `when: 'speed == "fast"'`, is: `when: 'speed in ["slow", "fast"]'`, code: "condition_always", rule: "labelled", in: "parcel"},
	},
}

func edited(t *testing.T, text string, p planted) string {
	if p.takeOut == "" {
		require.Contains(t, text, p.was)
		return strings.Replace(text, p.was, p.is, 1)
	}
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		if !strings.HasPrefix(strings.TrimSpace(line), p.takeOut+":") || !strings.Contains(strings.Join(lines[i:min(i+4, len(lines))], " "), "part_of") {
			continue
		}
		indent := len(line) - len(strings.TrimLeft(line, " "))
		end := i + 1
		for end < len(lines) && (strings.TrimSpace(lines[end]) == "" || len(lines[end])-len(strings.TrimLeft(lines[end], " ")) > indent) {
			end++
		}
		if end == i+1 && !strings.Contains(line, "{") {
			continue
		}
		return strings.Join(slices.Delete(lines, i, end), "\n")
	}
	require.Fail(t, "no rule "+p.takeOut)
	return ""
}

func analysed(t *testing.T, name, text string, questions ...string) (*rulebook.Book, *analysis.Report) {
	book, err := rulebook.Parse(name, []byte(text))
	require.NoError(t, err)
	r, err := analysis.Analyse(context.Background(), run.Of(book), analysis.Options{Questions: questions})
	require.NoError(t, err)
	return book, r
}

func read(t *testing.T, name string) string {
	data, err := os.ReadFile("../../" + name)
	require.NoError(t, err)
	return string(data)
}

// Every planted fault is found, at its rule and with facts that show it.
func TestPlantedFaultsAreFound(t *testing.T) {
	for name, all := range plants {
		text := read(t, name)
		for _, p := range all {
			what := p.takeOut + p.is
			t.Run(name+" "+p.code+" "+what, func(t *testing.T) {
				t.Parallel()
				book, r := analysed(t, name, edited(t, text, p), p.in)
				i := slices.IndexFunc(r.Findings, func(f analysis.Finding) bool {
					return f.Code == p.code && (p.about == "" || f.About == p.about) && (p.rule == "" || strings.HasSuffix(f.Rule, "/"+p.rule) || strings.HasSuffix(f.Rule, p.rule))
				})
				var told []string
				for _, f := range r.Findings {
					told = append(told, f.In("en")+" | "+f.About)
				}
				require.GreaterOrEqual(t, i, 0, "%s", strings.Join(told, "\n"))
				f := r.Findings[i]
				assert.Empty(t, f.Accepted)
				assert.NotZero(t, f.Span.Start.Line)
				isShown(t, book, f)
			})
		}
	}
}

// isShown asks with the facts of a finding, and expects to see what it says.
func isShown(t *testing.T, book *rulebook.Book, f analysis.Finding) {
	if f.Facts == nil {
		assert.Contains(t, []string{"never_applies", "condition_never", "condition_always", "acceptance_idle"}, f.Code)
		return
	}
	answer, err := book.Ask(context.Background(), f.Question, []byte(f.Facts))
	require.NoError(t, err, "%s", f.Facts)
	switch f.Code {
	case "two_rules_apply":
		var why *policy.AnswerError
		require.ErrorAs(t, answer.Error, &why, "%s", f.Facts)
		for _, name := range strings.Split(f.About, "+") {
			assert.Contains(t, why.Message.EN, name)
		}
	case "no_verdict":
		assert.Equal(t, policy.Undetermined, answer.Verdict)
		assert.Empty(t, answer.MissingFacts)
	case "no_rule_applies":
		assert.NoError(t, errorOf(answer))
	}
}

func errorOf(a *policy.Answer) error {
	if a.Error == nil {
		return nil
	}
	return a.Error
}

// Nothing is found in rulebooks that are right but what is accepted beside it.
func TestRightBooksHaveNoFindings(t *testing.T) {
	for _, name := range books {
		if _, err := os.Stat("../../" + name); err != nil {
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, r := analysed(t, name, read(t, name))
			for _, f := range r.Standing() {
				assert.Fail(t, f.In("en"), "%s %s", f.About, f.Facts)
			}
		})
	}
}
