package examples

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook/internal/casefile"
	"github.com/servicerules/rulebook/internal/review"
)

// Every question is asked, and every option of every reading is chosen or the
// one that stands.
func TestServiceDeskCasesAreComplete(t *testing.T) {
	files, err := filepath.Glob("rulebooks/service-desk-cases/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no case files: %v", err)
	}
	asked, chosen := map[string]bool{}, map[string]bool{}
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		file, found := casefile.Parse(name, data)
		if file == nil {
			t.Fatal(found)
		}
		for _, c := range file.Cases {
			asked[c.Question] = true
			for _, s := range c.Readings {
				option, _, _ := strings.Cut(s.Option, ":")
				chosen[s.Key+" = "+option] = true
			}
		}
	}
	book := bookOf(t, "service-desk")
	for _, q := range book.Rulebook().Questions {
		if !asked[q.ID] {
			t.Errorf("no case asks %s", q.ID)
		}
	}
	for _, r := range book.Rulebook().Readings {
		stands, _ := book.Chosen(r.Key, time.Time{})
		stands, _, _ = strings.Cut(stands, ":")
		for _, o := range r.Options {
			if o.Name != stands && !chosen[r.Key+" = "+o.Name] {
				t.Errorf("no case chooses %s of %s", o.Name, r.Key)
			}
		}
	}
}

// The sections of its monthly review read tables of their own.
func TestServiceDeskReview(t *testing.T) {
	tables := fstest.MapFS{}
	for name, text := range map[string]string{
		"tickets.csv": "record,ticket.kind,ticket.priority,ticket.opened_at,ticket.resolved_at\n" +
			"T1,incident,p1,2016-03-01T08:00:00+08:00,2016-03-01T12:00:00+08:00\n" +
			"T2,change,p1,2016-03-01T08:00:00+08:00,\n",
		"responses.csv": "record,ticket.kind,ticket.priority,ticket.opened_at,ticket.first_response_at\n" +
			"T1,incident,p1,2016-03-01T08:00:00+08:00,2016-03-01T08:15:01+08:00\n" +
			"T3,incident,p1,2016-03-01T08:00:00+08:00,null\n",
		"conduct.csv": "record,ticket.priority,ticket.opened_at,ticket.resolved_at,kept_informed\n" +
			"T1,p1,2016-03-01T08:00:00+08:00,2016-03-01T12:00:00+08:00,true\n",
		"attainment.csv": "record,month,tickets_p1.received,tickets_p1.in_time,tickets_p2.received,tickets_p2.in_time," +
			"tickets_p3.received,tickets_p3.in_time,tickets_p4.received,tickets_p4.in_time\nM3,2016-03,20,19,0,0,0,0,0,0\n",
		"credits.csv": "record,customer\nC1,C1\n",
		"credits.misses.csv": "record,ticket,priority,at,confirmed,cause\n" +
			"C1,T1,p1,2016-03-01T12:00:00+08:00,true,desk\nC1,T4,p1,2016-03-02T12:00:00+08:00,true,desk\n",
		"closings.csv": "record,customer,month,month_final,claimed_at,statement,decider.id,decider.role,handled_by\n" +
			"C1,C1,2016-03,false,2016-03-31T12:00:00+08:00,null,M1,service_owner,A1;A2\n",
	} {
		tables[name] = &fstest.MapFile{Data: []byte(text)}
	}
	r, err := review.Run(t.Context(), bookOf(t, "service-desk"), tables, review.Options{Month: "2016-03"})
	require.NoError(t, err)
	assert.Empty(t, r.Findings)
	assert.Zero(t, r.Totals.Failed)
	for section, want := range map[string]map[string]int{
		"tickets":    {"on_time": 1, "not_in_scope": 1},
		"responses":  {"late": 1, "overdue": 1},
		"conduct":    {"breach": 1}, // the report of the major incident is missing
		"attainment": {"met": 1},
		"credits":    {"credit": 1},
		"closings":   {"blocked": 1},
	} {
		assert.Equal(t, want, verdicts(sectionOf(t, r, section)), section)
	}
	assert.Equal(t, "300", cell(t, sectionOf(t, r, "credits"), "C1", "total"))
}
