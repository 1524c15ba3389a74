package api

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/servicerules/rulebook/internal/review"
	"github.com/servicerules/rulebook/server/internal/spool"
	"github.com/servicerules/rulebook/server/internal/tables"
	"github.com/servicerules/rulebook/server/problem"
)

// MonthOfRecords is a month of records as JSON. The facts of a record are
// those of its section's question.
type MonthOfRecords struct {
	Month  string                     `json:"month,omitempty" jsonschema:"YYYY-MM; without it all months"`
	Period string                     `json:"period,omitempty" jsonschema:"in the place of a month: 2025-Q3, 2025-H1, 2025 or 2025-04-01..2025-06-15"`
	AsOf   string                     `json:"as_of,omitempty" jsonschema:"moment of asking, RFC 3339; by default the first one after the month or period"`
	Tables map[string][]RecordOfFacts `json:"tables" jsonschema:"records by the name of their table"`
}

// RecordOfFacts is a record of a table.
type RecordOfFacts struct {
	Record string         `json:"record" jsonschema:"its id, unique in the table"`
	Facts  map[string]any `json:"facts"`
}

// jsonTables turns records as JSON into the tables that a review reads: facts
// of records become columns with dotted names, lists of records tables of
// their own. It holds one record at a time.
func (a *api) jsonTables(body io.Reader) (*tables.FS, review.Options, error) {
	files, err := tables.New(a.Room)
	if err != nil {
		return nil, review.Options{}, err
	}
	s := &tableReader{json: &jsonStream{in: bufio.NewReader(body)}, files: files, lists: spool.NewLists(files.File())}
	if err = cmp.Or(s.read(), noTables(files)); err != nil {
		return nil, review.Options{}, errors.Join(err, files.Close())
	}
	return files, s.options, nil
}

// tableReader reads a MonthOfRecords piece by piece.
type tableReader struct {
	json    *jsonStream
	files   *tables.FS
	lists   *spool.Lists
	grids   int
	options review.Options
}

func (s *tableReader) read() error {
	if err := s.json.begin(); err != nil {
		return err
	}
	seen := false
	err := s.json.object(badRecord("", "应为 JSON 对象", "an object is expected"), func(name string) error {
		switch name {
		case "month", "period", "as_of":
			x, err := s.json.value()
			if err != nil {
				return err
			}
			if !isText(x) {
				return badRecord(name, "应为文字", "a string is expected")
			}
			return when(&s.options, name, x.Text)
		case "tables":
			seen = true
			return s.tables()
		}
		return unknownKey("", "month", "period", "as_of", "tables")
	})
	switch {
	case err != nil:
		return err
	case !seen:
		return badRecord("tables", "应为 {表: [记录]}", "{table: [record]} is expected")
	}
	return s.json.end()
}

func (s *tableReader) tables() error {
	shape := badRecord("tables", "应为 {表: [记录]}", "{table: [record]} is expected")
	return s.json.object(shape, func(name string) error {
		where := "tables." + name
		if !tableName(name) {
			return shape
		}
		g, err := s.grid(where)
		if err != nil {
			return err
		}
		count := 0
		err = s.json.array(shape, func() error {
			item, err := s.json.value()
			if err != nil {
				return err
			}
			err = g.record(fmt.Sprintf("%s[%d]", where, count), item)
			count++
			return err
		})
		if err != nil {
			return err
		}
		for path := range g.lists {
			if g.given[path] < g.count {
				return badRecord(where, "记录的列表有的记录有，有的没有；没有的写 [] 或 null", "some records have a list of records and others do not; write [] or null in those")
			}
		}
		return g.write(s.files, name)
	})
}

func tableName(name string) bool {
	return name != "" && strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789_") == ""
}

// badRecord is a refusal; the place is made of names of keys that are known,
// and numbers.
func badRecord(where, zh, en string) *problem.Problem {
	p := problem.New(http.StatusUnprocessableEntity, "bad_record", problem.Text{ZH: zh, EN: en}, problem.Text{ZH: "格式见 /openapi.json", EN: "/openapi.json describes the body"})
	p.Fact = where
	return p
}

func unknownKey(where string, known ...string) *problem.Problem {
	p := badRecord(where, "有不认识的键", "a key is not known")
	list := strings.Join(known, ", ")
	p.Remedy = problem.Textf("可写：%s", "allowed: %s", list)
	return p
}
