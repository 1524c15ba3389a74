package gen

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/policy"
)

// TypeScript writes the types of the facts and the answers of questions, as
// JSON has them. Comments are in the language, "zh" or "en".
func TypeScript(b *policy.Rulebook, questions []*policy.Question, lang string) []byte {
	g := &tsFile{names: newNames(), lang: lang, languages: b.Title.Languages()}
	g.printf("// %s\n", diagnostic.Textf("由 rulebook gen typescript 按规则书 %s 生成，请勿手改。", "Made by rulebook gen typescript from the rulebook %s. Do not edit.", b.ID).In(lang))
	for _, q := range questions {
		name := g.names.free(camel(q.ID))
		facts := factsOf(q)
		facts.fields = append(facts.fields, member{name: "as_of", label: policy.Text{ZH: "提问时刻", EN: "moment of asking"}, shape: &shape{kind: policy.KindMoment}})
		g.interfaceOf(g.names.free(name+"Facts"), q.Title, facts, true)
		g.answer(g.names.free(name+"Answer"), q)
		for len(g.later) > 0 {
			next := g.later[0]
			g.later = g.later[1:]
			next()
		}
	}
	return []byte(g.b.String())
}

// AnswerTypes writes the types of what answers to all questions have: Answer, and
// what is in it. Texts are by language, whichever those are.
func AnswerTypes() []byte {
	g := &tsFile{names: newNames()}
	g.printf("// Made from the library: go test ./internal/browser -update. Do not edit.\n\n")
	g.doc("", "An answer. With an error there is no verdict, and nothing else but the question, the readings that may make a difference, and the rulebook.")
	g.printf("export interface %s {\n", g.names.free("Answer"))
	g.members(reflect.TypeFor[policy.AnswerDocument]())
	g.printf("}\n")
	for len(g.later) > 0 {
		next := g.later[0]
		g.later = g.later[1:]
		next()
	}
	return []byte(g.b.String())
}

type tsFile struct {
	b     strings.Builder
	names *names
	lang  string
	later []func()

	languages []string // of the rulebook; nil for any
}

func (g *tsFile) printf(format string, args ...any) { fmt.Fprintf(&g.b, format, args...) }

// doc writes a comment; what would end it is taken apart.
func (g *tsFile) doc(indent, text string) {
	if text != "" {
		g.printf("%s/** %s */\n", indent, strings.ReplaceAll(oneLine(text), "*/", "* /"))
	}
}

// answer is the type of a question's answers: what all answers have, with its
// own verdicts and values.
func (g *tsFile) answer(name string, q *policy.Question) {
	g.printf("\n")
	g.doc("", q.Title.In(g.lang))
	g.printf("export interface %s {\n", name)
	for _, f := range jsonFields(reflect.TypeFor[policy.AnswerDocument]()) {
		optional, t := "", g.documentType(f.typ)
		switch f.name {
		case "question":
			t = fmt.Sprintf("%q", q.ID)
		case "verdict":
			t = g.wordType(verdictOf(q))
		case "values":
			t = g.typeOf(valuesOf(q), false)
		}
		if f.optional {
			optional = "?"
		}
		g.doc("  ", f.doc)
		g.printf("  %s%s: %s;\n", f.name, optional, t)
	}
	g.printf("}\n")
}

// fieldsOf are the fields of a part that all answers have.
func (g *tsFile) fieldsOf(t reflect.Type) []jsonField {
	each := ofLanguages(t)
	if each == nil {
		return jsonFields(t)
	}
	var all []jsonField
	for _, lang := range g.languages {
		if strings.Contains(lang, "-") {
			lang = strconv.Quote(lang)
		}
		all = append(all, jsonField{name: lang, typ: each})
	}
	return all
}

// members writes the fields of a part that all answers have.
func (g *tsFile) members(t reflect.Type) {
	for _, f := range g.fieldsOf(t) {
		optional := ""
		if f.optional {
			optional = "?"
		}
		g.doc("  ", f.doc)
		g.printf("  %s%s: %s;\n", f.name, optional, g.documentType(f.typ))
	}
}

// documentType is the type of a part that all answers have.
func (g *tsFile) documentType(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Pointer:
		return g.documentType(t.Elem())
	case reflect.Bool:
		return "boolean"
	case reflect.Int, reflect.Int64:
		return "number"
	case reflect.String:
		return "string"
	case reflect.Slice:
		return g.documentType(t.Elem()) + "[]"
	case reflect.Map:
		return "Record<string, " + g.documentType(t.Elem()) + ">"
	case reflect.Struct:
		if each := ofLanguages(t); each != nil && g.languages == nil {
			return "{ [language: string]: " + g.documentType(each) + " }"
		}
		name, known := g.names.types["\x00"+t.Name()]
		if !known {
			name = g.names.free(t.Name())
			g.names.types["\x00"+t.Name()] = name
			g.later = append(g.later, func() {
				g.printf("\nexport interface %s {\n", name)
				g.members(t)
				g.printf("}\n")
			})
		}
		return name
	}
	return "unknown"
}

// interfaceOf writes a record. All of a fact may be left out, and be null; a
// value of an answer is there, and null where it is not known.
func (g *tsFile) interfaceOf(name string, title policy.Text, s *shape, facts bool) {
	g.printf("\n")
	g.doc("", title.In(g.lang))
	g.printf("export interface %s {\n", name)
	for _, f := range s.fields {
		text := f.title(g.lang)
		if unit := f.unit.In(g.lang); unit != "" {
			text += " (" + unit + ")"
		}
		if note := f.note.In(g.lang); note != "" {
			text += "; " + note
		}
		g.doc("  ", text)
		optional := ""
		if facts {
			optional = "?"
		}
		g.printf("  %s%s: %s | null;\n", f.name, optional, g.typeOf(f.shape, facts))
	}
	g.printf("}\n")
}

func (g *tsFile) typeOf(s *shape, facts bool) string {
	switch s.kind {
	case policy.KindYesNo:
		return "boolean"
	case policy.KindCount:
		return "number"
	case policy.KindRatio:
		return "string | number"
	case policy.KindList:
		if facts {
			return "Array<" + g.typeOf(s.elem, facts) + ">"
		}
		return "Array<" + g.typeOf(s.elem, facts) + " | null>"
	case policy.KindMap:
		return "Record<string, " + g.typeOf(s.elem, facts) + " | null>"
	case policy.KindAny:
		return "unknown"
	case policy.KindRecord:
		name, added := g.names.recordType(s)
		if added {
			g.later = append(g.later, func() { g.interfaceOf(name, policy.Text{}, s, facts) })
		}
		return name
	case policy.KindWord:
		if s.hasWords() {
			return g.wordType(s)
		}
	}
	return "string"
}

func (g *tsFile) wordType(s *shape) string {
	name, added := g.names.wordType(s)
	if added {
		g.later = append(g.later, func() {
			g.printf("\nexport type %s =\n", name)
			for i, w := range s.words {
				end := ""
				if i == len(s.words)-1 {
					end = ";"
				}
				g.printf("  | %q%s // %s\n", w.Word, end, oneLine(w.Label.In(g.lang)))
			}
		})
	}
	return name
}
