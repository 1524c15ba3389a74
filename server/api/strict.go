package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"strings"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/intake"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/server/problem"
)

// strictly reads a JSON object into a struct: no unknown, no duplicate and no
// misspelt keys, nothing behind the value. The problem says all that is wrong
// with its keys at once.
func strictly(data []byte, into any) error {
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	n, err := intake.ParseFacts(data)
	if err != nil {
		return err
	}
	if n == nil || n.Kind != source.Map {
		return badRecord("", "应为 JSON 对象", "an object is expected")
	}
	var known []string
	for _, f := range reflect.VisibleFields(reflect.TypeOf(into).Elem()) {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		known = append(known, name)
	}
	var wrong []*problem.Problem
	for _, e := range n.Entries {
		if slices.Contains(known, e.Key.Text) {
			continue
		}
		p := unknownKey("", known...)
		if near := diagnostic.Nearest(e.Key.Text, known); near != "" { // what was sent is not repeated
			p.Remedy = problem.Textf("是否指 %[1]s？可写：%[2]s", "did you mean %[1]s? Allowed: %[2]s", near, strings.Join(known, ", "))
		}
		wrong = append(wrong, p)
	}
	if len(wrong) > 0 {
		return together(wrong)
	}
	err = json.Unmarshal(data, into)
	var kind *json.UnmarshalTypeError
	if errors.As(err, &kind) {
		expected := kindNames[kind.Type.Kind()]
		return badRecord(kind.Field, "应为"+expected.ZH, expected.EN+" is expected")
	}
	if err != nil {
		return badRecord("", "某个值写得不对", "a value is not written correctly")
	}
	return nil
}

// kindNames say what JSON has for a kind of Go.
var kindNames = map[reflect.Kind]problem.Text{
	reflect.String: {ZH: "文字", EN: "a string"}, reflect.Bool: {ZH: " true 或 false", EN: "true or false"}, reflect.Int64: {ZH: "整数", EN: "a whole number"},
	reflect.Int: {ZH: "整数", EN: "a whole number"}, reflect.Map: {ZH: " JSON 对象", EN: "an object"}, reflect.Slice: {ZH: "列表", EN: "a list"}, reflect.Struct: {ZH: " JSON 对象", EN: "an object"},
}
