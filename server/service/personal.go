package service

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strconv"

	"github.com/servicerules/rulebook/policy"
)

// Mask stands in the place of what names a person, before a number that tells two
// of a record apart.
const Mask = "●"

// Masked are facts as who may not see personal data sees them: each name and each
// text has a number in its place, the same where it is the same. Facts that
// cannot be read have nothing left.
func Masked(q *policy.Question, facts []byte) json.RawMessage {
	m := &masking{numbers: map[string]string{}}
	given, err := readJSON(facts)
	if err != nil {
		return json.RawMessage("{}")
	}
	all, _ := given.(map[string]any)
	for name, value := range all {
		all[name] = Mask // unless it is a fact
		if name == "as_of" {
			all[name] = value
		}
		for _, f := range q.Facts {
			if f.Name == name {
				all[name] = m.value(f.Fact, value)
			}
		}
	}
	masked, err := json.Marshal(all)
	if err != nil || all == nil {
		return json.RawMessage("{}")
	}
	return masked
}

func readJSON(data []byte) (v any, err error) {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber() // as they were written
	if err := d.Decode(&v); err != nil {
		return nil, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("something follows the facts")
	}
	return v, nil
}

type masking struct{ numbers map[string]string }

func (m *masking) value(f *policy.Fact, v any) any {
	switch v := v.(type) {
	case nil:
		return nil
	case map[string]any:
		for name, inner := range v {
			v[name] = Mask
			for _, field := range f.Fields {
				if field.Name == name {
					v[name] = m.value(field, inner)
				}
			}
		}
		return v
	case []any:
		for i, inner := range v {
			if f.Elem == nil {
				v[i] = Mask
				continue
			}
			v[i] = m.value(f.Elem, inner)
		}
		return v
	}
	if !f.Personal {
		return v
	}
	text, isText := v.(string)
	if !isText {
		text = "#" + string(marshalled(v))
	}
	if m.numbers[text] == "" {
		m.numbers[text] = Mask + strconv.Itoa(len(m.numbers)+1)
	}
	return m.numbers[text]
}

func marshalled(v any) []byte {
	data, err := json.Marshal(v)
	if err != nil {
		return nil // what was read can be written
	}
	return data
}
