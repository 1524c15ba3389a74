package console

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/servicerules/rulebook/internal/review"
	"github.com/servicerules/rulebook/internal/table"
	"github.com/servicerules/rulebook/internal/tablemap"
	"github.com/servicerules/rulebook/policy"
	"github.com/servicerules/rulebook/server/internal/tables"
	"github.com/servicerules/rulebook/spreadsheet"
)

// Tables that were sent without a review.yaml, and that are not called and headed
// as the rules have them, are not read before somebody has seen how: which column
// is which fact, what is read of it, and what could not be read. What he agrees to
// is written as review.yaml beside them, and they are reviewed by that like others.

// upload is what was sent for a review and waits for somebody to say how it is
// read.
type upload struct {
	lease
	key   string
	files *tables.FS

	saying sync.Mutex
	said   url.Values // the form as it was sent last; nil before
	asked  monthAsked

	trying sync.Mutex // held while it is tried
	tried  *month     // the review of the latest trial, nil for none
	by     string     // what it was made by
}

// monthAsked is what a form says of a month beside its tables.
type monthAsked struct{ Month, Source, Reason string }

func (u *upload) named() string { return u.key }

// size is what it takes of the disk.
func (u *upload) size() int64 { return u.files.File().Size() }

// newUpload makes an upload of files, which it closes.
func newUpload(key string, files *tables.FS, asked monthAsked) *upload {
	u := &upload{key: key, files: files, asked: asked}
	u.close = func() error {
		if u.tried != nil {
			u.tried.drop()
		}
		return files.Close()
	}
	return u
}

// say takes what somebody says of how the tables are read, and is what he asks for.
func (u *upload) say(values url.Values) monthAsked {
	u.saying.Lock()
	defer u.saying.Unlock()
	u.said, u.asked = values, monthAsked{strings.TrimSpace(values.Get("month")), values.Get("source"), values.Get("reason")}
	return u.asked
}

// heard is what was said of it last.
func (u *upload) heard() (url.Values, monthAsked) {
	u.saying.Lock()
	defer u.saying.Unlock()
	return u.said, u.asked
}

// address is where somebody says how it is read.
func (u *upload) address() string { return "/month/" + u.key + "/tables" }

// mappedTable is a table that was sent, and how it is read.
type mappedTable struct {
	table    tablemap.Table
	proposal tablemap.Proposal
}

// look proposes how the tables are read. What cannot be looked at is left to the
// review, which says why.
func look(files *tables.FS, read func(at int, t tablemap.Table) tablemap.Proposal) ([]mappedTable, error) {
	found, err := spreadsheet.Readable(files, func(string) table.How { return table.How{} })
	if err != nil {
		return nil, err
	}
	var all []mappedTable
	for at, source := range found {
		t, err := tablemap.Look(source)
		var wrong *table.RowError
		switch {
		case errors.As(err, &wrong), err == nil && len(t.Header) == 0:
			all = append(all, mappedTable{t, tablemap.Proposal{File: t.File, Table: t.Name, Own: true}})
			continue
		case err != nil:
			return nil, err
		}
		p := read(at, t)
		t.Rows = t.Rows[:min(len(t.Rows), sampleRows)] // many tables are not to be in memory together
		all = append(all, mappedTable{t, p})
	}
	return all, nil
}

// sampleRows are those of a table of which cells are shown.
const sampleRows = 50

// waits reports whether somebody has to say first how tables are read.
func waits(b *policy.Rulebook, files *tables.FS) (bool, error) {
	if b.Review == nil || slices.Contains(files.Names(), review.ConfigName) {
		return false, nil
	}
	all, err := look(files, func(_ int, t tablemap.Table) tablemap.Proposal { return tablemap.Propose(b, t) })
	return slices.ContainsFunc(all, func(t mappedTable) bool { return !t.proposal.Own }), err
}

// monthTables shows how the tables of an upload are read, and takes what somebody
// says of that.
func (c *Console) monthTables(r *http.Request, p *page) (int, error) {
	u := c.uploads.find(r.PathValue("upload"))
	if u == nil {
		return c.monthPage(r, p, &monthRefusal{Text: p.pick("这些表已不在", "these tables are no longer kept"),
			Remedy: p.pick("请重新上传；只保留最近几次上传的表，服务器停止后一并删去", "send them again: only the last few are kept, and none when the server ends")}, monthAsked{})
	}
	defer u.release()
	values, asked := u.heard()
	if r.Method == http.MethodPost {
		var err error
		if values, err = formOf(r); err != nil {
			return 0, err
		}
		asked = u.say(values)
		if p.cookies = c.choices(values.Get(langInput), values.Get(themeInput)); values.Get("_do") != "review" || len(p.cookies) > 0 {
			p.location = u.address() // so that loading it again, going back or another language loses nothing
			return http.StatusSeeOther, nil
		}
	}
	b := p.viewer.book
	if b.Review == nil { // the rules are others by now
		return c.monthPage(r, p, noReview(p), asked)
	}
	all, err := look(u.files, func(at int, t tablemap.Table) tablemap.Proposal { return chosen(b, t, "t"+strconv.Itoa(at), values) })
	if err != nil {
		return 0, err
	}
	view := newMappingView(p.viewer, u, all, asked)
	p.Name, p.Nav, p.Wide, p.Form, p.Title = "month_tables.html", "month", true, "mapping", p.pick("这些表怎样读", "How these tables are read")
	p.Data = view
	status := http.StatusOK
	if r.Method == http.MethodPost {
		status = http.StatusUnprocessableEntity
	}
	if view.Wrong = toDecide(p, all); view.Wrong != nil {
		return status, nil
	}
	options, refused := optionsOf(p, asked)
	if refused != nil {
		view.Refused = refused
		return status, nil
	}
	text, _ := tablemap.Write(proposals(all), p.Lang, b.Zone.String())
	view.Text = string(text)
	files, err := u.files.With(review.ConfigName, text)
	if err != nil {
		return 0, err
	}
	u.trying.Lock()
	defer u.trying.Unlock()
	if by := string(text) + asked.Month + p.SHA256; u.tried == nil || u.by != by {
		m, refused, err := c.makeMonth(r.Context(), p, files, options)
		if err != nil {
			return 0, err
		}
		if refused != nil {
			view.Refused = refused
			return status, nil
		}
		if u.tried != nil {
			u.tried.drop()
		}
		u.tried, u.by = m, by
	}
	if r.Method == http.MethodPost {
		return c.monthAgreed(r, p, u, files, view)
	}
	view.found(u.tried.report)
	return http.StatusOK, nil
}

// monthAgreed takes the review of an upload for good.
func (c *Console) monthAgreed(r *http.Request, p *page, u *upload, files *tables.FS, view *mappingView) (int, error) {
	m := u.tried
	m.files, m.key = files.Names(), u.key
	refused, err := c.keepIfAsked(r, p, m, files, view.Asked)
	if err != nil {
		return 0, err
	}
	if refused != nil {
		view.Refused = refused
		view.found(m.report)
		return http.StatusUnprocessableEntity, nil
	}
	u.tried = nil // it is the shelf's now
	if _, kept := keptNumber(m.key); !kept {
		m.holds(u, files)
	}
	c.reviews.keep(m)
	m.release()
	c.uploads.forget(u.key)
	p.location = monthAddressOf(r, m)
	return http.StatusSeeOther, nil
}

// proposals are those of tables; of others, that they are read by their names.
func proposals(all []mappedTable) []tablemap.Proposal {
	list := make([]tablemap.Proposal, len(all))
	for i, t := range all {
		list[i] = t.proposal
	}
	return list
}

// chosen is how a table is read as a form says whose fields for it begin with
// name, or as it is proposed where the form says nothing of it, or another table of
// the rules than before.
func chosen(b *policy.Rulebook, t tablemap.Table, name string, values url.Values) tablemap.Proposal {
	proposed := tablemap.Propose(b, t)
	to, said := values.Get(name), values.Has(name)
	switch {
	case proposed.Own || !said && proposed.Table == "":
		return proposed
	case !said:
		return agreed(b, t, proposed)
	case to != values.Get(name+".was") && to != "":
		return agreed(b, t, tablemap.As(b, t, to))
	}
	choice := tablemap.Choice{Table: to, Facts: map[string]string{}, Words: map[string]map[string]string{}, Local: values.Has(name + ".local"), Days: table.DayOrder(values.Get(name + ".days"))}
	if at, err := strconv.Atoi(values.Get(name + ".id")); err == nil && at >= 0 && at < len(t.Header) {
		choice.Record = t.Header[at]
	}
	if !slices.Contains(table.DayOrders, string(choice.Days)) {
		choice.Days = ""
	}
	for at, heading := range t.Header {
		if path := values.Get(columnField(name, at)); path != "" {
			choice.Facts[heading] = path
		}
	}
	for field, of := range values {
		if rest, ok := strings.CutPrefix(field, name+".word."); ok && of[0] != "" {
			path, cell, _ := strings.Cut(rest, "=")
			if choice.Words[path] == nil {
				choice.Words[path] = map[string]string{}
			}
			choice.Words[path][cell] = of[0]
		}
	}
	return tablemap.Agreed(b, t, choice)
}

func columnField(name string, at int) string { return name + ".c" + strconv.Itoa(at) }

// agreed is a proposal as if somebody had agreed to it: what is shown is what the
// tables are then read by. What was only alike stays told as such.
func agreed(b *policy.Rulebook, t tablemap.Table, p tablemap.Proposal) tablemap.Proposal {
	choice := tablemap.Choice{Table: p.Table, Record: p.Record, Facts: map[string]string{}, Words: map[string]map[string]string{}, Local: p.Local, Days: p.Days}
	for _, column := range p.Columns {
		choice.Facts[column.Header] = column.Path
		words := map[string]string{}
		for _, x := range column.Words {
			words[x[0]] = x[1]
		}
		choice.Words[column.Path] = words
	}
	a := tablemap.Agreed(b, t, choice)
	for i := range a.Columns {
		for _, column := range p.Columns {
			if column.Path == a.Columns[i].Path {
				a.Columns[i].Sure = column.Sure
			}
		}
	}
	a.RecordIsSure, a.Others = p.RecordIsSure, p.Others
	return a
}

// toDecide says what somebody has to decide before the tables can be tried.
func toDecide(p *page, all []mappedTable) *monthRefusal {
	read := false
	for _, t := range all {
		switch at := t.proposal; {
		case at.Own:
			read = true
			continue
		case at.Table == "":
			continue
		case at.Record == "":
			return &monthRefusal{Text: p.pick(at.File+"：还没有编号列", at.File+": no column of the ids is chosen"), Remedy: p.pick("选编号在哪一列；没有编号的表，先加一列，每条记录一个", "choose the column of the ids; where the table has none, add one, with another id for each record")}
		}
		if len(t.proposal.Columns) == 0 {
			return &monthRefusal{Text: p.pick(t.proposal.File+"：还没有一列是事实", t.proposal.File+": no column is a fact yet"), Remedy: p.pick("给各列选它是什么；不读的表选“不读这个表”", "choose what each column is, or leave the table out")}
		}
		seen := map[string]string{}
		for _, column := range t.proposal.Columns {
			if other, twice := seen[column.Path]; twice {
				return &monthRefusal{Text: p.pick("“"+other+"”和“"+column.Header+"”选了同一个事实", "“"+other+"” and “"+column.Header+"” are the same fact"), Remedy: p.pick("一个事实只能来自一列", "let one of the two columns be it")}
			}
			seen[column.Path] = column.Header
		}
		read = true
	}
	if !read {
		return &monthRefusal{Text: p.pick("还没有一个表要读", "none of the tables is to be read yet"), Remedy: p.pick("给表选它是什么", "choose what a table is")}
	}
	return nil
}
