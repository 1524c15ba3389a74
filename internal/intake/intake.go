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
	var wrong Refusals
	refuseUnfaithful(reflect.ValueOf(facts), "", nil, &wrong)
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

// refuseUnfaithful refuses what package json would write as something else than was
// meant, each where it is: a struct without fields that it sees as an object without
// any; under the name of a field in Go, which is no name of a fact, what a tag of
// ours calls a fact; and one sign for whatever is not UTF-8, so that the names of
// different people become the same one. Within are the types of the structs that a
// struct is embedded in.
func refuseUnfaithful(v reflect.Value, path string, within []reflect.Type, wrong *Refusals) {
	if !v.IsValid() || v.Kind() == reflect.Pointer && v.IsNil() {
		return
	}
	check := func(text string) {
		if !utf8.ValidString(text) {
			wrong.add(policy.NewFactError("not_utf8", path, diagnostic.Textf("%q 不是 UTF-8 文本", "%q is not UTF-8 text", text), encodeAsUTF8))
		}
	}
	if v.CanInterface() && v.Kind() != reflect.Interface {
		if known, ok := v.Interface().(policy.AnyKnown); ok {
			refuseUnfaithful(reflect.ValueOf(known.ValueOrNil()), path, nil, wrong)
			return
		}
		if _, ok := v.Interface().(json.Marshaler); !ok {
			if x, ok := v.Interface().(encoding.TextMarshaler); ok {
				if written, err := x.MarshalText(); err == nil {
					check(string(written))
				}
			}
		}
	}
	if marshals(v.Type()) { // it answers for its own
		return
	}
	switch v.Kind() {
	case reflect.Interface, reflect.Pointer:
		refuseUnfaithful(v.Elem(), path, within, wrong)
	case reflect.String:
		check(v.String())
	case reflect.Map:
		// In the order of package json, so that the same facts are refused in the same words.
		keys := v.MapKeys()
		slices.SortFunc(keys, func(a, b reflect.Value) int { return cmp.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
		for _, key := range keys {
			refuseUnfaithful(v.MapIndex(key), under(path, fmt.Sprint(key)), nil, wrong)
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			refuseUnfaithful(v.Index(i), fmt.Sprintf("%s[%d]", path, i), nil, wrong)
		}
	case reflect.Struct:
		if t := v.Type(); t.NumField() > 0 && !visible(t, nil) {
			wrong.add(policy.NewFactError("wrong_type", path, diagnostic.Textf("%s 没有 JSON 看得见的字段，不能作事实", "a %s has no field that JSON can see, so it cannot be facts", t),
				diagnostic.Textf("给出 JSON、映射、带导出字段的结构体或 io.Reader；带 %s 标签的结构体用 rulebook.Bind", "give JSON, a map, a struct with exported fields or an io.Reader; bind a struct with %s tags by rulebook.Bind", policy.Tag)))
		}
		for i := range v.NumField() {
			refuseUnfaithfulField(v.Field(i), v.Type().Field(i), v.Type(), path, within, wrong)
		}
	}
}

// refuseUnfaithfulField does so of the field x of a struct of type t, as package
// json takes it.
func refuseUnfaithfulField(v reflect.Value, x reflect.StructField, t reflect.Type, path string, within []reflect.Type, wrong *Refusals) {
	tag, tagged := x.Tag.Lookup("json")
	embedded := embeds(x)
	switch {
	case tag == "-":
		return
	case embedded != nil:
		if visible(embedded, nil) && !again(embedded, t, within) { // else it adds nothing, such as a sync.Mutex
			refuseUnfaithful(v, path, append(within, t), wrong)
		}
		return
	case !written(x):
		return
	}
	if fact := x.Tag.Get(policy.Tag); !tagged && fact != "" && fact != "-" {
		remedy := diagnostic.Textf("用 rulebook.Bind 绑定这个结构体，或给各字段加 json 标签，如 `json:\"%s\"`", "bind the struct by rulebook.Bind, or give its fields json tags, such as `json:\"%s\"`", fact)
		if strings.Contains(fact, ".") {
			remedy = diagnostic.Textf("用 rulebook.Bind 绑定这个结构体", "bind the struct by rulebook.Bind")
		}
		wrong.add(policy.NewFactError("unknown_fact", under(path, x.Name), diagnostic.Textf("%s 的字段 %s 只有 %s 标签，JSON 里叫 %[2]s，不是事实的名称", "the field %[2]s of a %[1]s has a %[3]s tag alone; in JSON it is called %[2]s, which is no fact", t, x.Name, policy.Tag), remedy))
		return
	}
	refuseUnfaithful(v, under(path, cmp.Or(jsonName(x), x.Name)), nil, wrong)
}

// jsonName is the name that a field has in its tag, if it has one.
func jsonName(x reflect.StructField) string {
	name, _, _ := strings.Cut(x.Tag.Get("json"), ",")
	return name
}

// written reports whether package json writes a field that is not left out by its
// tag, and embeds nothing: one that is exported, or embedded under a name.
func written(x reflect.StructField) bool {
	return x.IsExported() || x.Anonymous && jsonName(x) != "" && isStruct(x.Type)
}

// isStruct reports whether it is a struct, or a pointer to one.
func isStruct(t reflect.Type) bool {
	return t.Kind() == reflect.Struct || t.Kind() == reflect.Pointer && t.Elem().Kind() == reflect.Struct
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
		case written(x):
			return true
		}
	}
	return false
}

// embeds is the struct whose fields package json takes to be fields of the one
// that the field is in; nil where it is a field like others.
func embeds(x reflect.StructField) reflect.Type {
	if !x.Anonymous || jsonName(x) != "" || !isStruct(x.Type) || marshals(x.Type) {
		return nil
	}
	if x.Type.Kind() == reflect.Pointer {
		return x.Type.Elem()
	}
	return x.Type
}
