package console

import (
	"bytes"
	"crypto/rand"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/servicerules/rulebook/server/changing"
	"github.com/servicerules/rulebook/server/door"
	"github.com/servicerules/rulebook/server/record"
)

// editorView is the editor of a change.
type editorView struct {
	Number    int64 // 0 of one that begins
	Action    string
	Title     string
	Why, Text string
	Base      string
	Seen      int64
	Based     bool     // the text is a change of the rules in force
	Carried   bool     // it was just carried over to them
	Conflicts int      // places that could not be carried over
	Meanwhile []string // what the rules in force say otherwise than its base
	Lost      bool
	Approved  bool // saving makes a draft of it again
	Refused   *message
}

// changeEditor is the editor of a change, and of a new one.
func (c *Console) changeEditor(r *http.Request, p *page) (int, error) {
	p.Name, p.Nav, p.Wide, p.Form = "change_edit.html", "rules", true, "changing"
	p.Editor = true
	p.Title = p.pick("改规则", "Change the rules")
	y := &editorView{Action: "/rules/changes/new", Base: c.service.Rules.Current().SHA256, Based: true}
	p.Data = y
	var x *changing.Change
	if r.PathValue("number") != "" {
		var err error
		if x, err = c.changeAt(r); err != nil {
			return 0, err
		}
		y.Number, y.Action = x.Number, "/rules/changes/"+strconv.FormatInt(x.Number, 10)+"/edit"
		y.Title, y.Why, y.Base, y.Seen, y.Based = x.Title, x.Why, x.Base, x.Seen(), c.service.Changes.Based(x)
		y.Approved = x.State != changing.Draft
	}
	if r.Method == http.MethodPost {
		return c.changeSaved(r, p, x, y)
	}
	query := r.URL.Query()
	if key := query.Get(formQuery); key != "" {
		values, _ := c.drafts.find(formName(r, draftName, key), c.now())
		if y.Lost = values == nil; !y.Lost {
			y.fill(values)
			return http.StatusOK, nil
		}
	}
	var text []byte
	var err error
	switch from := query.Get(fromInput); {
	case x != nil && query.Get("carry") != "" && !y.Based:
		if text, y.Conflicts, err = c.service.Changes.CarriedOver(r.Context(), x); err != nil {
			return 0, err
		}
		y.Carried, y.Based, y.Base = true, true, c.service.Rules.Current().SHA256
	case x != nil:
		text, err = c.service.Changes.Text(r.Context(), x.Text)
	case from != "":
		if text, err = c.service.Changes.Text(r.Context(), from); errors.Is(err, record.ErrNotFound) {
			return 0, changing.ErrNotFound
		}
		y.Title = p.pick("恢复先前的版本 ", "Back to the version ") + from[:min(len(from), 12)]
	default:
		text = c.service.Rules.Current().Text
	}
	if err != nil {
		return 0, err
	}
	y.Text = string(text)
	if x != nil && x.Base != c.service.Rules.Current().SHA256 {
		y.Meanwhile, err = c.saidOtherwise(r, p, x.Base, c.service.Rules.Current().SHA256)
	}
	return http.StatusOK, err
}

func (y *editorView) fill(values url.Values) {
	y.Title, y.Why, y.Text, y.Base = values.Get(titleInput), values.Get(whyInput), values.Get(textInput), values.Get(baseInput)
	if n, err := strconv.ParseInt(values.Get(seenInput), 10, 64); err == nil {
		y.Seen = n
	}
}

// changeSaved saves what was written in the editor.
func (c *Console) changeSaved(r *http.Request, p *page, x *changing.Change, y *editorView) (int, error) {
	values, release, err := c.sentDraft(r)
	if err != nil {
		return 0, err
	}
	defer release()
	text := strings.ReplaceAll(values.Get(textInput), "\r\n", "\n")
	if base, err := c.service.Changes.Text(r.Context(), values.Get(baseInput)); err == nil && bytes.Contains(base, []byte("\r\n")) {
		text = strings.ReplaceAll(text, "\n", "\r\n") // as the file has it
	}
	values.Set(textInput, text)
	y.fill(values)
	y.Based = y.Base == c.service.Rules.Current().SHA256
	if p.cookies = c.choices(values.Get(langInput), values.Get(themeInput)); len(p.cookies) > 0 {
		key := rand.Text()
		c.drafts.keep(formName(r, draftName, key), values, c.now())
		p.location = y.Action + "?" + formQuery + "=" + key
		return http.StatusSeeOther, nil
	}
	d := changing.Do{Kind: record.ChangeDrafted, By: door.WhoOf(r.Context()), Title: y.Title, Why: y.Why, Text: []byte(text), Base: y.Base, Seen: y.Seen}
	number := int64(0)
	if x != nil {
		d.Kind, number = record.ChangeRevised, x.Number
	}
	saved, _, err := c.service.Changes.Take(r.Context(), number, d)
	var wrong *changing.RefusedError
	if errors.As(err, &wrong) {
		y.Refused = refusedText(wrong, p.Lang)
		if wrong.Code == changing.CodeUnseen || wrong.Code == changing.CodeNotNow {
			y.Refused.Remedy = p.pick("你写的还在下面：先看别人做了什么，再决定", "what you wrote is still below: look at what was done, then decide")
		}
		return http.StatusConflict, nil
	}
	if err != nil {
		return 0, err
	}
	p.location = "/rules/changes/" + strconv.FormatInt(saved.Number, 10)
	return http.StatusSeeOther, nil
}

// saidOtherwise is what one version of the rules says otherwise than another, line
// by line.
func (c *Console) saidOtherwise(r *http.Request, p *page, from, to string) ([]string, error) {
	groups, err := c.compared(r, p, from, to)
	var all []string
	for _, g := range groups {
		all = append(all, g.Lines...)
	}
	return all, err
}
