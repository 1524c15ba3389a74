package review

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/diagnostic"
)

func TestReviewInRules(t *testing.T) {
	rules := string(lending(t).Rulebook().Source())
	for name, c := range map[string]struct{ from, to, code, remedy string }{
		"unknown key":               {"list: [late, overdue]", "lists: [late]", "unknown_key", "list"},
		"unknown question":          {"      question: loans.return\n", "      question: loans.retrun\n", "unknown_question", "loans.return"},
		"no question":               {"      question: loans.return\n", "", "missing_key", "question"},
		"no table":                  {"      table: loans\n", "", "missing_key", "table"},
		"table with a path":         {"      table: loans\n", "      table: ../loans\n", "bad_name", ""},
		"unknown month":             {"month: loan.lent_at", "month: loan.lent", "unknown_fact", ""},
		"month that is none":        {"month: loan.lent_at", "month: reader", "wrong_type", ""},
		"until without month":       {"      month: loan.lent_at\n", "", "until_without_month", ""},
		"unknown verdict":           {"list: [late, overdue]", "list: [late, overdu]", "unknown_word", "overdue"},
		"unknown value":             {"show: due_at", "show: due_on", "unknown_value", "due_at"},
		"unknown fact":              {"show: facts.loan.kind", "show: facts.loan.knd", "unknown_fact", ""},
		"no label":                  {"item: {zh: 类别, en: item, ", "item: {zh: 类别, ", "missing_label", "en"},
		"nothing to show":           {", show: due_at}", "}", "missing_key", "show"},
		"sum of facts":              {"show: facts.loan.kind}", "show: facts.loan.kind, sum: true}", "sum_of_one_value", ""},
		"sum of two":                {"show: charge, sum: true", "show: [charge, due_at], sum: true", "sum_of_one_value", ""},
		"unknown verdict of a with": {"for: [late, overdue]", "for: [lat]", "unknown_word", "late"},
		"unknown value of a with":   {"show: blockers", "show: facts.reader", "unknown_value", "blockers"},
		"sections is no map":        {"  sections:\n", "  sections: []\n  other:\n", "map_expected", ""},
	} {
		t.Run(name, func(t *testing.T) {
			head, review, found := strings.Cut(rules, "\nreview:")
			require.True(t, found)
			require.Contains(t, review, c.from)
			_, err := rulebook.Parse("rules.yaml", []byte(head+"\nreview:"+strings.Replace(review, c.from, c.to, 1)))
			var found2 diagnostic.List
			require.ErrorAs(t, err, &found2)
			for _, d := range found2 {
				if d.Code == c.code {
					assert.Contains(t, d.Remedy.EN, c.remedy)
					assert.Greater(t, d.Span.Start.Line, strings.Count(head, "\n"))
					return
				}
			}
			t.Errorf("no finding %s in %v", c.code, found2)
		})
	}
}

// TestDefaultRulebook reviews a month by the rulebook that comes with the
// library: each of its sections has a record, and nothing is unreadable.
func TestDefaultRulebook(t *testing.T) {
	book, err := rulebook.Default()
	require.NoError(t, err)
	dir := files(
		"areas.csv", "record,area.id,area.type,month,households_month_start,households_month_end,complaint_calls_recorded_by_branch,"+
			"tickets.received,tickets.replied_within_72h,tickets.not_yet_due,satisfaction.valid_responses,satisfaction.satisfied\n"+
			"A2,A2,urban,2025-06,9000,9000,9,200,200,0,300,300\nA3,A3,urban,2025-06,4000,4003,4,80,79,1,150,150\n",
		"loads.csv", "record,area.id,area.type,households,staff\nA2,A2,urban,9000,2\n",
		"requests.csv", "record,request.kind,request.severity,request.received_at,request.completed_at,request.direct,request.department_head\n"+
			"R1,fault,ordinary,2025-06-05T10:00:00+08:00,2025-06-06T10:00:00+08:00,S1,M1\n"+
			"R2,fault,ordinary,2025-06-05T10:00:00+08:00,2025-06-06T10:00:01+08:00,S1,M1\n",
		"requests.request.customer_failures.csv", "record,type,at,cause\n",
		"materials.csv", "record,submitted_at,required,guidance_given\nP1,2025-06-10T15:00:00+08:00,id_card;form,true\n",
		"materials.provided.csv", "record,name,valid_form\nP1,id_card,true\n",
		"materials.notices.csv", "record,at,items\nP1,2025-06-10T15:10:00+08:00,form\n",
		"conduct.csv", "record,staff,channel,observed,matter.in_duty_scope,matter.on_the_spot,handled,handled_on_spot,window\nC1,S8,phone,cold_attitude,true,true,true,true,false\n",
		"fines.csv", "record,person,complaint.level,complaint.form,complaint.substantiated,complaint.cause,complaint.received_at,"+
			"prior_in_window.hall,prior_in_window.branch,prior_in_window.county_or_above,aggravating,received_by\n"+
			"K4,S8,hall,complaint,true,service,2025-06-13T09:30:00+08:00,3,0,0,,H1\n"+
			"K5,S9,frontline,complaint,true,service,2025-06-13T09:30:00+08:00,0,0,0,,H1\n",
		"hearings.csv", "record,person,origin,decided_at,hearing,decider.id,decider.role\nK4,S8,complaint,2025-06-20T10:00:00+08:00,null,M1,superior\n",
		"histories.csv", "record,person\nS8,S8\n",
		"histories.complaints.csv", "record,id,matter,level,received_at,substantiated,cause\nS8,K1,M1,hall,2025-06-13T09:30:00+08:00,true,service\n",
		"audits.csv", "record,hall,present\nU1,H1,price_policy\n",
		"audits.outlets.csv", "record,name,address,phone\nU1,O1,true,false\n",
		"findings.csv", "record,found_at,rectification_ordered_at,rectified_at\nV3,2025-06-25T09:00:00+08:00,,\n",
		"patrols.csv", "record,period,patrols\nH2,2025-06,0\n",
		"notices.csv", "record\nA2\n",
		"notices.places.csv", "record,name,items\nA2,street-2,area_staff;service_phone\n",
		"cards.csv", "record,households,cards_delivered,card_fields\nA2,9000,8988,area_scope;responsible_person;contact;supervision_phone\n",
		"changes.csv", "record,changed_at,publicised_at,reported_to\nX1,2025-06-16,2025-06-18,general_office\n",
	)
	r, err := Run(context.Background(), book, dir, Options{Month: "2025-06"})
	require.NoError(t, err)
	require.Empty(t, r.Findings)
	verdicts := map[string]map[string]string{}
	for _, s := range r.Sections {
		verdicts[s.Name] = s.verdicts()
		assert.Empty(t, s.Errors, s.Name)
	}
	assert.Equal(t, map[string]map[string]string{
		"areas": {"A2": "not_met", "A3": "met"}, "loads": {"A2": "within"}, "requests": {"R1": "on_time", "R2": "late"},
		"materials": {"P1": "complete"}, "conduct": {"C1": "breach"}, "fines": {"K4": "fine", "K5": "not_accountable"},
		"histories": {"S8": "fine"}, "hearings": {"K4": "blocked"}, "audits": {"U1": "not_met"}, "findings": {"V3": "breach"},
		"patrols": {"H2": "breach"}, "notices": {"A2": "not_met"}, "cards": {"A2": "not_met"}, "changes": {"X1": "breach"},
	}, verdicts)

	fines := r.section(t, "fines").Records
	require.Len(t, fines[0].With, 1)
	assert.Equal(t, "no hearing", fines[0].With[0].Shown.EN)
	assert.Empty(t, fines[1].With, "nobody decides on what is not fined")
	text := r.text(t, "zh")
	for _, want := range []string{"9/9000", "4/4003", "具体责任人 S1、部门负责人 M1", "未听取陈述申辩", "street-2 监督电话"} {
		assert.Contains(t, text, want)
	}
}
