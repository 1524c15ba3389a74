package intake

import (
	"cmp"
	"encoding"
	"encoding/json"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/policy"
)

var (
	readerType        = reflect.TypeFor[io.Reader]()
	marshalerType     = reflect.TypeFor[json.Marshaler]()
	textMarshalerType = reflect.TypeFor[encoding.TextMarshaler]()
)

// FactsText is facts of any kind as JSON. What package json would silently
// write as nothing, because it holds nothing that it can see, is read or
// refused.
func FactsText(facts any) ([]byte, error) {
	switch f := facts.(type) {
	case nil:
		return []byte("{}"), nil
	case []byte:
		return f, nil
	case json.RawMessage:
		return f, nil
	case string:
		return []byte(f), nil
	}
	v := reflect.ValueOf(facts)
	if v.Kind() == reflect.Pointer && v.IsNil() {
		return nil, policy.NewFactError("nothing_given", "", diagnostic.Textf("%T 指针是空的", "the %T is nil", facts), diagnostic.Textf("给出事实；没有事实时写 nil", "give facts, or nil where there are none"))
	}
	if !marshals(v.Type()) {
		if r, ok := reader(v); ok {
			return readFacts(r, v.Type())
		}
		for v.Kind() == reflect.Pointer && !v.IsNil() {
			v = v.Elem()
		}
		switch {
		case v.Kind() == reflect.Map && v.IsNil():
			return []byte("{}"), nil
		case v.Kind() == reflect.String:
			return []byte(v.String()), nil
		case v.Kind() == reflect.Slice && v.Type().Elem().Kind() == reflect.Uint8:
			return v.Bytes(), nil
		}
	}
	data, err := json.Marshal(facts)
	if err != nil {
		return nil, policy.NewFactError("wrong_type", "", diagnostic.Textf("事实无法写成 JSON：%v", "the facts cannot be written as JSON: %v", err), diagnostic.Textf("用映射或 JSON", "use a map or JSON"))
	}
	if path, t := opaque(reflect.ValueOf(facts), ""); t != nil {
		return nil, policy.NewFactError("wrong_type", path, diagnostic.Textf("%s 没有 JSON 看得见的字段，不能作事实", "a %s has no field that JSON can see, so it cannot be facts", t),
			diagnostic.Textf("给出 JSON、映射、带导出字段的结构体或 io.Reader；带 %s 标签的结构体用 rulebook.Bind", "give JSON, a map, a struct with exported fields or an io.Reader; bind a struct with %s tags by rulebook.Bind", policy.Tag))
	}
	var wrong Refusals
	refuseNotUTF8(reflect.ValueOf(facts), "", &wrong)
	return data, wrong.Err()
}

func marshals(t reflect.Type) bool {
	return t.Implements(marshalerType) || t.Implements(textMarshalerType)
}

// reader is what reads the facts, where they are to be read: a bytes.Buffer may
// also be given by value.
func reader(v reflect.Value) (io.Reader, bool) {
	if r, ok := v.Interface().(io.Reader); ok {
		return r, true
	}
	if !reflect.PointerTo(v.Type()).Implements(readerType) {
		return nil, false
	}
	own := reflect.New(v.Type())
	own.Elem().Set(v)
	r, ok := own.Interface().(io.Reader)
	return r, ok
}

func readFacts(r io.Reader, t reflect.Type) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, policy.MaxFactBytes+1))
	if err != nil {
		return nil, policy.NewFactError("unreadable", "", diagnostic.Textf("读取 %s 失败：%v", "reading the %s failed: %v", t, err), diagnostic.Textf("检查来源后重试", "check where it comes from, and try again"))
	}
	return data, nil
}

// opaque is the first value that package json writes as an object without
// fields although it has some, and where it is.
func opaque(v reflect.Value, path string) (string, reflect.Type) {
	if !v.IsValid() || marshals(v.Type()) {
		return "", nil
	}
	switch v.Kind() {
	case reflect.Interface, reflect.Pointer:
		return opaque(v.Elem(), path)
	case reflect.Map:
		for _, key := range v.MapKeys() {
			if at, t := opaque(v.MapIndex(key), under(path, fmt.Sprint(key))); t != nil {
				return at, t
			}
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			if at, t := opaque(v.Index(i), fmt.Sprintf("%s[%d]", path, i)); t != nil {
				return at, t
			}
		}
	case reflect.Struct:
		if v.NumField() > 0 && !visible(v.Type(), nil) {
			return path, v.Type()
		}
		for i := range v.NumField() {
			x := v.Type().Field(i)
			if x.IsExported() && x.Tag.Get("json") != "-" {
				if at, t := opaque(v.Field(i), under(path, x.Name)); t != nil {
					return at, t
				}
			}
		}
	}
	return "", nil
}

// refuseNotUTF8 refuses every text that is not UTF-8, where it is. Package json
// writes one sign for whatever it cannot read, so that the names of different
// people become the same one.
func refuseNotUTF8(v reflect.Value, path string, wrong *Refusals) {
	if !v.IsValid() {
		return
	}
	check := func(text string) {
		if !utf8.ValidString(text) {
			wrong.add(policy.NewFactError("not_utf8", path, diagnostic.Textf("%q 不是 UTF-8 文本", "%q is not UTF-8 text", text), encodeAsUTF8))
		}
	}
	if v.CanInterface() {
		if v.Kind() == reflect.Pointer && v.IsNil() {
			return
		}
		switch x := v.Interface().(type) {
		case policy.AnyKnown:
			refuseNotUTF8(reflect.ValueOf(x.ValueOrNil()), path, wrong)
			return
		case json.Marshaler: // it answers for its own
			return
		case encoding.TextMarshaler:
			if written, err := x.MarshalText(); err == nil {
				check(string(written))
			}
			return
		}
	}
	switch v.Kind() {
	case reflect.Interface, reflect.Pointer:
		refuseNotUTF8(v.Elem(), path, wrong)
	case reflect.String:
		check(v.String())
	case reflect.Map:
		// In the order of package json, so that the same facts are refused in the same words.
		keys := v.MapKeys()
		slices.SortFunc(keys, func(a, b reflect.Value) int { return cmp.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
		for _, key := range keys {
			refuseNotUTF8(v.MapIndex(key), under(path, fmt.Sprint(key)), wrong)
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			refuseNotUTF8(v.Index(i), fmt.Sprintf("%s[%d]", path, i), wrong)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			x := v.Type().Field(i)
			embedded := x.Anonymous && (x.Type.Kind() == reflect.Struct || x.Type.Kind() == reflect.Pointer)
			if x.Tag.Get("json") == "-" || !x.IsExported() && !embedded {
				continue
			}
			name := path
			if called := jsonName(x); called != "" || !embedded {
				name = under(path, cmp.Or(called, x.Name))
			}
			refuseNotUTF8(v.Field(i), name, wrong)
		}
	}
}

// jsonName is the name that a field has in its tag, if it has one.
func jsonName(x reflect.StructField) string {
	name, _, _ := strings.Cut(x.Tag.Get("json"), ",")
	return name
}

func under(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

// visible reports whether package json sees a field of the struct type.
func visible(t reflect.Type, seen []reflect.Type) bool {
	if slices.Contains(seen, t) {
		return false
	}
	for i := range t.NumField() {
		x := t.Field(i)
		switch {
		case x.Tag.Get("json") == "-":
		case x.IsExported():
			return true
		case x.Anonymous && x.Type.Kind() == reflect.Struct && visible(x.Type, append(seen, t)):
			return true
		}
	}
	return false
}
