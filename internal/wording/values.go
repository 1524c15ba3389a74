package wording

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/servicerules/rulebook/policy"
)

// object and list are JSON with the order of its fields kept.
type (
	object []member
	list   []any
	member struct {
		name  string
		value any
	}
)

func (o object) get(name string) (any, bool) {
	for _, m := range o {
		if m.name == name {
			return m.value, true
		}
	}
	return nil, false
}

// valuesOf are the values of an answer, in its order.
func valuesOf(x *policy.Answer) (object, error) {
	d := json.NewDecoder(bytes.NewReader(x.AppendJSON(nil, false)))
	d.UseNumber()
	v, err := ordered(d)
	if err != nil {
		return nil, fmt.Errorf("reading the answer: %w", err)
	}
	all, _ := v.(object)
	values, _ := all.get("values")
	inner, _ := values.(object)
	return inner, nil
}

// ordered reads one JSON value.
func ordered(d *json.Decoder) (any, error) {
	token, err := d.Token()
	if err != nil {
		return nil, err
	}
	var end json.Delim
	var fields object
	items := list{}
	switch token {
	case json.Delim('{'):
		end = '}'
	case json.Delim('['):
		end = ']'
	default:
		return token, nil
	}
	for d.More() {
		if end == ']' {
			v, err := ordered(d)
			if err != nil {
				return nil, err
			}
			items = append(items, v)
			continue
		}
		key, err := d.Token()
		if err != nil {
			return nil, err
		}
		v, err := ordered(d)
		if err != nil {
			return nil, err
		}
		name, _ := key.(string)
		fields = append(fields, member{name, v})
	}
	if _, err := d.Token(); err != nil {
		return nil, err
	}
	if end == ']' {
		return items, nil
	}
	return fields, nil
}
