package main

import (
	"github.com/spf13/cobra"

	"github.com/servicerules/rulebook/internal/table"
)

// howFlags say how tables are written where they do not say it themselves.
type howFlags struct {
	encoding, dates string
	local           bool
}

func (h *howFlags) add(a *app, cmd *cobra.Command) {
	flags := cmd.Flags()
	encoding := &choice{allowed: table.Encodings, to: &h.encoding}
	dates := &choice{allowed: table.DayOrders, to: &h.dates}
	flags.Var(encoding, "encoding", a.t("文本表的编码，认不出时写明", "the encoding of tables of text, where it is not recognised"))
	flags.Var(dates, "dates", a.t("03/04/2025 这样的日期，日在前还是月在前", "which comes first in dates such as 03/04/2025"))
	flags.BoolVar(&h.local, "local-times", false, a.t("没有时区的时刻按规则书的时区", "moments without a zone are in the rulebook's"))
	complete(cmd, "encoding", fixed(table.Encodings...))
	complete(cmd, "dates", fixed(table.DayOrders...))
}

func (h *howFlags) how() table.How {
	return table.How{Encoding: h.encoding, Days: table.DayOrder(h.dates), Local: h.local}
}
