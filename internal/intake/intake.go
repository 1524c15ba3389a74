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

// FactsText is facts of any kind as JSON, and whether that is the text in which
// they were given. What package json would silently write as nothing, because it
// holds nothing that it can see, is read or refused.
func FactsText(facts any) (text []byte, given bool, err error) {
	switch f := facts.(type) {
	case nil:
		return []byte("{}"), false, nil
	case []byte:
		return f, true, nil
	case json.RawMessage:
		return f, true, nil
	case string:
		return []byte(f), true, nil
	}
	v := reflect.ValueOf(facts)
	if v.Kind() == reflect.Pointer && v.IsNil() {
		return nil, false, policy.NewFactError("nothing_given", "", diagnostic.Textf("%T 指针是空的", "the %T is nil", facts), diagnostic.Textf("给出事实；没有事实时写 nil", "give facts, or nil where there are none"))
	}
	if !marshals(v.Type()) {
		if r, ok := reader(v); ok {
			text, err = readFacts(r, v.Type())
			return text, true, err
		}
		for v.Kind() == reflect.Pointer && !v.IsNil() {
			v = v.Elem()
		}
		switch {
		case v.Kind() == reflect.Map && v.IsNil():
			return []byte("{}"), false, nil
		case v.Kind() == reflect.String:
			return []byte(v.String()), true, nil
		case v.Kind() == reflect.Slice && v.Type().Elem().Kind() == reflect.Uint8:
			return v.Bytes(), true, nil
		}
	}
	text, err = json.Marshal(facts)
	if err != nil {
		return nil, false, policy.NewFactError("wrong_type", "", diagnostic.Textf("事实无法写成 JSON：%v", "the facts cannot be written as JSON: %v", err), diagnostic.Textf("用映射或 JSON", "use a map or JSON"))
	}
	if err := opaque(reflect.ValueOf(facts), "", nil); err != nil {
		return nil, false, err
	}
	var wrong Refusals
	refuseNotUTF8(reflect.ValueOf(facts), "", nil, &wrong)
	return text, false, wrong.Err()
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

// opaque refuses the first value that package json writes as something else than
// was meant: as an object without fields although it has some, or under the name
// of a field in Go, which is no name of a fact, although a tag of ours says which
// fact it is. Within are the types of the structs that a struct is embedded in, and
// below.
func opaque(v reflect.Value, path string, within []reflect.Type) *policy.FactError {
	if !v.IsValid() || marshals(v.Type()) {
		return nil
	}
	switch v.Kind() {
	case reflect.Interface, reflect.Pointer:
		return opaque(v.Elem(), path, within)
	case reflect.Map:
		for _, key := range v.MapKeys() {
			if err := opaque(v.MapIndex(key), under(path, fmt.Sprint(key)), nil); err != nil {
				return err
			}
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			if err := opaque(v.Index(i), fmt.Sprintf("%s[%d]", path, i), nil); err != nil {
				return err
			}
		}
	case reflect.Struct:
		t := v.Type()
		if v.NumField() > 0 && !visible(t, nil) {
			return policy.NewFactError("wrong_type", path, diagnostic.Textf("%s 没有 JSON 看得见的字段，不能作事实", "a %s has no field that JSON can see, so it cannot be facts", t),
				diagnostic.Textf("给出 JSON、映射、带导出字段的结构体或 io.Reader；带 %s 标签的结构体用 rulebook.Bind", "give JSON, a map, a struct with exported fields or an io.Reader; bind a struct with %s tags by rulebook.Bind", policy.Tag))
		}
		for i := range v.NumField() {
			x := t.Field(i)
			tag, named := x.Tag.Lookup("json")
			if embedded := embeds(x); embedded != nil && tag != "-" {
				if visible(embedded, nil) && !again(embedded, t, within) { // else it adds nothing, such as a sync.Mutex
					if err := opaque(v.Field(i), path, append(within, t)); err != nil {
						return err
					}
				}
				continue
			}
			if !x.IsExported() || tag == "-" {
				continue
			}
			if fact := x.Tag.Get(policy.Tag); !named && fact != "" && fact != "-" {
				remedy := diagnostic.Textf("用 rulebook.Bind 绑定这个结构体，或给各字段加 json 标签，如 `json:\"%s\"`", "bind the struct by rulebook.Bind, or give its fields json tags, such as `json:\"%s\"`", fact)
				if strings.Contains(fact, ".") {
					remedy = diagnostic.Textf("用 rulebook.Bind 绑定这个结构体", "bind the struct by rulebook.Bind")
				}
				return policy.NewFactError("unknown_fact", under(path, x.Name), diagnostic.Textf("%s 的字段 %s 只有 %s 标签，JSON 里叫 %[2]s，不是事实的名称", "the field %[2]s of a %[1]s has a %[3]s tag alone; in JSON it is called %[2]s, which is no fact", t, x.Name, policy.Tag), remedy)
			}
			if err := opaque(v.Field(i), under(path, x.Name), nil); err != nil {
				return err
			}
		}
	}
	return nil
}

// refuseNotUTF8 refuses every text that is not UTF-8, where it is. Package json
// writes one sign for whatever it cannot read, so that the names of different
// people become the same one.
func refuseNotUTF8(v reflect.Value, path string, within []reflect.Type, wrong *Refusals) {
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
			refuseNotUTF8(reflect.ValueOf(x.ValueOrNil()), path, nil, wrong)
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
		refuseNotUTF8(v.Elem(), path, within, wrong)
	case reflect.String:
		check(v.String())
	case reflect.Map:
		// In the order of package json, so that the same facts are refused in the same words.
		keys := v.MapKeys()
		slices.SortFunc(keys, func(a, b reflect.Value) int { return cmp.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
		for _, key := range keys {
			refuseNotUTF8(v.MapIndex(key), under(path, fmt.Sprint(key)), nil, wrong)
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			refuseNotUTF8(v.Index(i), fmt.Sprintf("%s[%d]", path, i), nil, wrong)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			x := v.Type().Field(i)
			embedded := x.Anonymous && (x.Type.Kind() == reflect.Struct || x.Type.Kind() == reflect.Pointer)
			if x.Tag.Get("json") == "-" || !x.IsExported() && !embedded {
				continue
			}
			below := []reflect.Type(nil)
			if inner := embeds(x); inner != nil {
				if again(inner, v.Type(), within) {
					continue
				}
				below = append(within, v.Type())
			}
			name := path
			if called := jsonName(x); called != "" || !embedded {
				name = under(path, cmp.Or(called, x.Name))
			}
			refuseNotUTF8(v.Field(i), name, below, wrong)
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

// again reports whether a struct of a type is embedded in one of the same type,
// directly or not: package json leaves it out, as its fields are hidden, and it may be
// the very one that it is embedded in.
func again(embedded, in reflect.Type, within []reflect.Type) bool {
	return embedded == in || slices.Contains(within, embedded)
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
		case embeds(x) != nil:
			if visible(embeds(x), append(seen, t)) {
				return true
			}
		case x.IsExported():
			return true
		}
	}
	return false
}

// embeds is the struct whose fields package json takes to be fields of the one
// that the field is in; nil where it is a field like others.
func embeds(x reflect.StructField) reflect.Type {
	t := x.Type
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if name, _, _ := strings.Cut(x.Tag.Get("json"), ","); !x.Anonymous || name != "" || t.Kind() != reflect.Struct || marshals(x.Type) {
		return nil
	}
	return t
}
