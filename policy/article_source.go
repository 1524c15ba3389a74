package policy

import (
	"strings"

	"github.com/servicerules/rulebook/diagnostic"
)

// Source says where the official text of an article is to be read. The zero
// Source says nothing; of any other, ID or Address is set.
type Source struct {
	ID      string `json:"id,omitempty" jsonschema:"the official identifier of the document"`
	Address string `json:"address,omitempty" jsonschema:"where it is to be read: http:// or https://"`
	Version string `json:"version,omitempty" jsonschema:"of the document, as it calls it"`
	Page    string `json:"page,omitempty" jsonschema:"a page, or the first and the last as in 3-5"`
}

// IsZero reports whether no source is named.
func (s Source) IsZero() bool { return s == Source{} }

// Place is the source without its address: identifier, version and page, as
// far as they are given.
func (s Source) Place() Text {
	var zh, en []string
	add := func(value, inZH, inEN string) {
		if value != "" {
			t := diagnostic.Textf(inZH, inEN, value)
			zh, en = append(zh, t.ZH), append(en, t.EN)
		}
	}
	add(s.ID, "%s", "%s")
	add(s.Version, "%s 版", "version %s")
	page := strings.Replace(s.Page, "-", "–", 1)
	if page == s.Page {
		add(page, "第 %s 页", "page %s")
	} else {
		add(page, "第 %s 页", "pages %s")
	}
	return Text{ZH: strings.Join(zh, "，"), EN: strings.Join(en, ", ")}
}

// Told is the source on one line.
func (s Source) Told() Text {
	t := s.Place()
	switch {
	case s.Address == "":
	case t.IsZero():
		t = Text{ZH: s.Address, EN: s.Address}
	default:
		t = Text{ZH: t.ZH + "，" + s.Address, EN: t.EN + ", " + s.Address}
	}
	return t
}
