package headline

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/policy"
)

// Money that is proposed is told in whatever form the rules have it.
func TestProposed(t *testing.T) {
	yuan := policy.Text{ZH: "元", EN: "yuan"}
	for name, x := range map[string]struct {
		rules, question, facts string
		want                   []Amount
		zh, en                 string
	}{
		"a ladder": {"", "accountability.fine", `{"person":"S3","complaint":{"level":"hall","cause":"service","substantiated":true},"prior_in_window":{"hall":3,"branch":0,"county_or_above":0},"aggravating":[],"mitigating":[]}`,
			[]Amount{{Number: 50, Unit: yuan}}, "50 元", "50 yuan"},
		"a history": {"", "accountability.history", `{"person":"S7","complaints":[{"id":"K1","matter":"M1","level":"hall","received_at":"2025-02-10T09:00:00+08:00","substantiated":true,"cause":"service"},{"id":"K2","matter":"M2","level":"hall","received_at":"2025-03-10T09:00:00+08:00","substantiated":true,"cause":"service"}]}`,
			[]Amount{{Number: 40, Unit: yuan}}, "40 元", "40 yuan"},
		"a history without anything": {"", "accountability.history", `{"person":"S7","complaints":[]}`, nil, "", ""},
		"a figure": {"../../examples/rulebooks/ofcom.yaml", "appointment.compensation",
			`{"customer_kind":"residential","provider_signed_up":true,"appointment":{"slot_start":"2025-07-01T13:00:00+01:00","slot_end":"2025-07-01T18:00:00+01:00","changed_at":"2025-06-30T13:00:01+01:00","changed_by":"provider"}}`,
			[]Amount{{Number: 3119, Code: "GBP"}}, "£31.19", "£31.19"},
		"a figure of nought": {"../../examples/rulebooks/ofcom.yaml", "appointment.compensation",
			`{"customer_kind":"residential","provider_signed_up":true,"appointment":{"slot_start":"2025-07-01T13:00:00+01:00","slot_end":"2025-07-01T18:00:00+01:00","arrived_at":"2025-07-01T17:59:00+01:00"}}`, nil, "", ""},
		"an accrual": {"../../examples/rulebooks/ofcom.yaml", "repair.compensation",
			`{"customer_kind":"residential","provider_signed_up":true,"fault":{"loss":"total","reported_at":"2025-06-02T09:00:00+01:00","repaired_at":"2025-06-06T09:00:00+01:00","cause":"network"}}`, []Amount{{Number: 997, Code: "GBP"}}, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			book, err := rulebook.Default()
			if x.rules != "" {
				book, err = rulebook.Load(x.rules)
			}
			require.NoError(t, err)
			a, err := book.Ask(context.Background(), x.question, []byte(x.facts))
			require.NoError(t, err)
			require.NoError(t, a.Error)
			q, _ := book.Rulebook().Question(x.question)
			got := Proposed(q, a)
			if name == "an accrual" { // how much it is the rulebook says, of a value of its own
				m, ok := a.Money("compensation")
				require.True(t, ok, a.Explain("en"))
				require.Positive(t, m.Minor)
				x.want = []Amount{{Number: m.Minor, Code: m.Currency}}
			}
			assert.Equal(t, x.want, got)
			if x.zh != "" {
				assert.Equal(t, x.zh, got[0].Text("zh"))
				assert.Equal(t, x.en, got[0].Text("en"))
			}
		})
	}
}
