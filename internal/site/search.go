package site

import (
	"encoding/json"
	"strings"
)

// entry is something that a search finds: its title, what it is, where it stands
// and what else it says.
type entry [4]string

// find notes what a search finds.
func (s *speaker) find(title, kind, href, text string) {
	s.found = append(s.found, entry{title, kind, href, strings.Join(strings.Fields(text), " ")})
}

// search writes the page that searches, and the list that it searches in: a
// script, for a page that is read from a file may load nothing else.
func (s *speaker) search() error {
	data, err := json.Marshal(s.found)
	if err != nil {
		return err
	}
	s.files[s.lang+"/search-index.js"] = []byte("window.rulebookIndex=" + string(data) + ";\n")
	return s.write("search.html", "search.html", "search", s.pick("查找", "Search"), nil)
}
