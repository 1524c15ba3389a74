package tablemap

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/servicerules/rulebook/internal/source"
)

// Write writes proposals as review.yaml, with comments in a language: zh, else
// English, and says how many places are not certain. Each has a comment that
// begins with a question mark. A table of which no column is called like a fact
// is a comment as a whole, so that nothing is read of it before a person agrees.
func Write(all []Proposal, lang, zone string) (text []byte, doubts int) {
	w := &writer{zh: lang == "zh", zone: zone}
	w.agreed = !slices.ContainsFunc(all, func(p Proposal) bool { return !p.Own && !p.Agreed })
	if w.agreed {
		w.line("# %s", w.pick("表的读法", "how the tables are read"))
	} else {
		w.line("# %s", w.pick("表的读法，由 rulebook map 提出，请核对；带“？”的尤其要看", "how the tables are read, as rulebook map proposes it: look at all of it, above all where a question mark stands"))
	}
	mapped := false
	for _, p := range all {
		mapped = mapped || p.Table != "" && !p.Own && p.Certain()
	}
	if mapped {
		w.line("tables:")
	}
	for _, p := range all {
		w.table(p)
	}
	return []byte(w.b.String()), w.doubts
}

type writer struct {
	b       strings.Builder
	zh      bool
	zone    string
	comment bool // all lines are comments
	agreed  bool // nothing is uncertain
	doubts  int
}

// doubt is a comment on what is not certain, unless somebody has agreed to it.
func (w *writer) doubt(zh, en string) string {
	if w.agreed {
		return w.pick(zh, en)
	}
	w.doubts++
	return w.pick("？"+zh, "? "+en)
}

func (w *writer) pick(zh, en string) string {
	if w.zh {
		return zh
	}
	return en
}

// line writes a line; a break in what stands in a table would end a comment.
func (w *writer) line(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	text = strings.NewReplacer("\n", " ", "\r", " ").Replace(text)
	if w.comment {
		text = "# " + text
	}
	w.b.WriteString(strings.TrimRight(text, " ") + "\n")
}

func quoted(text string) string { return source.Written(text, true) }

func (w *writer) table(p Proposal) {
	w.agreed = p.Agreed
	switch {
	case p.Table == "" && p.Agreed:
		w.line("# %s", w.pick(p.File+"：不读", p.File+": left out"))
		return
	case p.Table == "":
		w.line("# %s", w.pick(p.File+"：没有一列像是事实，没有写进来", p.File+": no column looks like a fact; it was left out"))
		return
	case p.Own:
		w.line("# %s", w.pick(p.File+"：列名就是事实或它的标签，不用说明", p.File+": its columns are called by facts or their labels; nothing is to be said"))
		return
	}
	if w.comment = !p.Certain(); w.comment {
		defer func() { w.comment = false }()
		w.line("%s", w.doubt(p.File+"：没有一列叫作事实的名称或标签，只有相近的；若确是这些事实，去掉下面各行开头的 # 和空格，写在 tables: 下面", p.File+": no column is called like a fact or its label, some are only alike; if it is of these facts, take # and the blank away from the lines below, and let them stand under tables:"))
	}
	w.line("  %s:", quoted(p.File))
	other := ""
	if len(p.Others) > 0 {
		other = " # " + w.doubt("也可能是 "+strings.Join(p.Others, "、")+"（写 table: 名称）", "it may as well be "+strings.Join(p.Others, ", ")+" (write table: NAME)")
	}
	if p.Section != "" {
		w.line("    section: %s%s", quoted(p.Section), other)
	} else {
		w.line("    table: %s%s", quoted(p.Table), other)
	}
	switch {
	case p.Record == "":
		w.line("    record: \"\" # %s", w.doubt("写上编号所在的列", "name the column of the ids"))
	case p.RecordIsSure || p.Agreed:
		w.line("    record: %s", quoted(p.Record))
	default:
		w.line("    record: %s # %s", quoted(p.Record), w.doubt("是不是编号，每条记录一个、各不相同？", "is it the id, one for each record?"))
	}
	w.line("    facts:")
	for _, c := range p.Columns {
		note := c.Label.In(w.pick("zh", "en"))
		if !c.Sure && !p.Agreed {
			note = w.doubt("列名只是相近："+note, "the heading is only like it: "+note)
		}
		w.line("      %s: %s # %s", c.Path, quoted(c.Header), note)
	}
	w.words(p)
	if p.Local {
		w.line("    local_times: true # %s", w.doubt("时刻没有写时区，按 "+w.zone, "times name no zone; they are read in "+w.zone))
	}
	switch {
	case p.Days != "" && (p.Agreed || p.Unclear == ""):
		w.line("    dates: %s", p.Days)
	case p.Days != "":
		w.line("    dates: %s # %s", p.Days, w.doubt(p.Unclear+" 有两种读法，按同一列的其他日期定", p.Unclear+" may be two days; others of the column settle it"))
	case p.Unclear != "":
		w.line("    # dates: day_first # %s", w.doubt(p.Unclear+" 是日在前还是月在前（month_first）", "does "+p.Unclear+" begin with the day, or the month (month_first)"))
	}
	for _, u := range p.Unused {
		w.line("    # %s", w.pick("没有用的列 ", "not used: ")+quoted(u.Header)+w.pick("，如 ", ", as in ")+cmp.Or(quotedAll(u.Values), w.pick("空", "nothing")))
	}
}

func quotedAll(values []string) string {
	short := make([]string, len(values))
	for i, v := range values {
		const longest = 30
		if r := []rune(v); len(r) > longest {
			v = string(r[:longest]) + "…"
		}
		short[i] = quoted(v)
	}
	return strings.Join(short, ", ")
}

func (w *writer) words(p Proposal) {
	begun := false
	begin := func() {
		if !begun {
			begun = true
			w.line("    words:")
		}
	}
	for _, c := range p.Columns {
		if len(c.Words) == 0 {
			continue
		}
		begin()
		w.line("      %s:", c.Path)
		for _, x := range c.Words {
			if p.Agreed {
				w.line("        %s: %s", quoted(x[0]), quoted(x[1]))
				continue
			}
			w.line("        %s: %s # %s", quoted(x[0]), quoted(x[1]), w.doubt("只是相近", "only alike"))
		}
	}
	for _, c := range p.Columns {
		if len(c.Unknown) == 0 {
			continue
		}
		const most = 5
		shown := c.Unknown[:min(most, len(c.Unknown))]
		note := w.doubt(c.Path+" 里读不懂的：", "not understood in "+c.Path+": ") + quotedAll(shown)
		if len(c.Allowed) > 0 {
			note += w.pick("；在 words 里说明是哪个词：", "; say under words which they are: ") + strings.Join(c.Allowed, ", ")
		}
		w.line("    # %s", note)
	}
}
