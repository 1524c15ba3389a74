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
	a.encodingFlag(cmd, &h.encoding)
	h.addTimes(a, cmd)
}

// addTimes is add for what reads text in UTF-8 alone.
func (h *howFlags) addTimes(a *app, cmd *cobra.Command) {
	flags := cmd.Flags()
	dates := &choice{allowed: table.DayOrders, to: &h.dates}
	flags.Var(dates, "dates", a.t("03/04/2025 这样的日期哪个在前：day_first 或 month_first（`次序`）", "the `ORDER` of dates such as 03/04/2025: day_first or month_first"))
	flags.BoolVar(&h.local, "local-times", false, a.t("没有时区的时刻按规则书的时区", "moments without a zone are in the rulebook's"))
	complete(cmd, "dates", fixed(table.DayOrders...))
}

func (h *howFlags) how() table.How {
	return table.How{Encoding: h.encoding, Days: table.DayOrder(h.dates), Local: h.local}
}

// encodingFlag lets a person say in which encoding a text is.
func (a *app) encodingFlag(cmd *cobra.Command, to *string) {
	cmd.Flags().Var(&choice{allowed: table.Encodings, to: to}, "encoding", a.t("文本表的`编码`，认不出时写明：gb18030、big5 等", "the `NAME` of the encoding of text that is not recognised: gb18030, big5, …"))
	complete(cmd, "encoding", fixed(table.Encodings...))
}
