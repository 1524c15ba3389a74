package console

import (
	"net/http"
	"slices"

	"github.com/servicerules/rulebook/internal/difference"
	"github.com/servicerules/rulebook/server/changing"
	"github.com/servicerules/rulebook/server/people"
)

// historyView is the rules that were in force.
type historyView struct {
	Versions []versionRow
	From, To string // that are compared, "" where none are
	Groups   []difference.ViewGroup
	Compared bool
	Wrong    bool // one of them cannot be read today
	MayDraft bool
}

type versionRow struct {
	SHA256, From, Title string
	Change              int64
	Now                 bool
	First               bool // in force before the first change, built in or by its file
}

func (c *Console) history(r *http.Request, p *page) (int, error) {
	p.Name, p.Nav, p.Title = "history.html", "rules", p.pick("规则的版本", "Versions of the rules")
	versions, err := c.service.Changes.Versions(r.Context())
	if err != nil {
		return 0, err
	}
	all, err := c.service.Changes.All(r.Context())
	if err != nil {
		return 0, err
	}
	x := &historyView{MayDraft: p.May(people.Draft), From: r.URL.Query().Get("old"), To: r.URL.Query().Get("new")}
	p.Data = x
	for i, v := range slices.Backward(versions) {
		row := versionRow{SHA256: v.SHA256, From: p.viewer.moment(v.From), Change: v.Change, Now: v.Now, First: i == 0}
		for _, change := range all {
			if change.Number == v.Change {
				row.Title = plainly(change.Title)
			}
		}
		x.Versions = append(x.Versions, row)
	}
	if x.From == "" && x.To == "" {
		return http.StatusOK, nil
	}
	known := func(sum string) bool {
		return slices.ContainsFunc(versions, func(v changing.Version) bool { return v.SHA256 == sum })
	}
	if !known(x.From) || !known(x.To) {
		return 0, changing.ErrNotFound
	}
	x.Compared = true
	if x.Groups, err = c.compared(r, p, x.From, x.To); err != nil {
		if r.Context().Err() != nil {
			return 0, r.Context().Err()
		}
		x.Wrong = true
	}
	return http.StatusOK, nil
}

// compared is what one version of the rules says otherwise than another.
func (c *Console) compared(r *http.Request, p *page, from, to string) ([]difference.ViewGroup, error) {
	old, err := c.service.Changes.Book(r.Context(), from)
	if err != nil {
		return nil, err
	}
	changed, err := c.service.Changes.Book(r.Context(), to)
	if err != nil {
		return nil, err
	}
	report, err := difference.Compare(r.Context(), old, changed, nil, 0)
	if err != nil {
		return nil, err
	}
	return difference.ViewOf(report, nil, p.Lang).Groups, nil
}
