package console

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/servicerules/rulebook/internal/intake"

	"gopkg.in/yaml.v3"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/policy"
	"github.com/servicerules/rulebook/server/live"
)

// snippets are a question as other programs ask it.
type snippets struct {
	Curl, Case, Go string
	Link           string // an address that holds the facts; "" where they are too many
	Sum            string // differs where anything of what was asked does
}

// asking is what was asked.
type asking struct {
	question *policy.Question
	facts    []byte // JSON
	asOf     time.Time
	settings []live.Setting
}

func (x asking) options() []rulebook.Option {
	if x.asOf.IsZero() {
		return nil
	}
	return []rulebook.Option{rulebook.AsOf(x.asOf)}
}

func (x asking) snippets(origin string, a *rulebook.Answer, title string) (*snippets, error) {
	text, err := x.yamlCase(a, title)
	if err != nil {
		return nil, err
	}
	all := &snippets{Curl: x.curl(origin), Case: text, Go: x.goCode()}
	sum := sha256.Sum256([]byte(all.Curl))
	all.Sum = hex.EncodeToString(sum[:8])
	if link := origin + x.link(); len(link) <= maxLink {
		all.Link = link
	}
	return all, nil
}

// curl asks the server itself.
func (x asking) curl(origin string) string {
	query := url.Values{"explain": {"1"}}
	if !x.asOf.IsZero() {
		query.Set("as_of", x.asOf.Format(time.RFC3339Nano))
	}
	for _, s := range x.settings {
		query.Add("reading", s.Key+"="+s.Option)
	}
	return "curl -s " + shell(origin+"/v1/questions/"+url.PathEscape(x.question.ID)+"/ask?"+query.Encode()) + " \\\n" +
		"  -H 'Content-Type: application/json' \\\n  -d " + shell(string(x.facts))
}

// shell quotes a word for a POSIX shell.
func shell(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

// yamlCase is an example case that expects what was answered.
func (x asking) yamlCase(a *rulebook.Answer, title string) (string, error) {
	c := mapping()
	add(c, "name", text(title))
	add(c, "question", text(x.question.ID))
	if len(x.settings) > 0 {
		readings := mapping()
		for _, s := range x.settings {
			add(readings, s.Key, text(s.Option))
		}
		add(c, "readings", readings)
	}
	if !x.asOf.IsZero() {
		add(c, "as_of", text(x.asOf.Format(time.RFC3339Nano)))
	}
	facts, err := blockOf(x.facts)
	if err != nil {
		return "", err
	}
	add(c, "facts", facts)
	expect, err := expectation(a)
	if err != nil {
		return "", err
	}
	add(c, "expect", expect)
	cases := mapping()
	add(cases, "cases", &yaml.Node{Kind: yaml.SequenceNode, Content: []*yaml.Node{c}})
	var b strings.Builder
	e := yaml.NewEncoder(&b)
	e.SetIndent(2)
	if err := e.Encode(cases); err != nil {
		return "", err
	}
	return escapes(b.String()), nil
}

// escapes writes what cannot be seen as the escapes of YAML. It stands between
// double quotes only; see text.
func escapes(s string) string {
	var b strings.Builder
	for _, c := range s {
		switch {
		case c == '\n' || unicode.IsGraphic(c):
			b.WriteRune(c)
		case c <= 0xffff:
			fmt.Fprintf(&b, `\u%04X`, c)
		default:
			fmt.Fprintf(&b, `\U%08X`, c)
		}
	}
	return b.String()
}

// expectation is what a case should hold to: the verdict, the values and the
// breaches, or the error.
func expectation(a *rulebook.Answer) (*yaml.Node, error) {
	answer, err := blockOf(a.AppendJSON(nil, false))
	if err != nil {
		return nil, err
	}
	out := mapping()
	if failed := get(answer, "error"); failed != nil {
		keep(failed, "code", "fact", "year")
		add(out, "error", failed)
		return out, nil
	}
	add(out, "verdict", get(answer, "verdict"))
	if values := get(answer, "values"); values != nil {
		out.Content = append(out.Content, values.Content...)
	}
	breaches := &yaml.Node{Kind: yaml.SequenceNode, Style: yaml.FlowStyle}
	for _, b := range a.Breaches {
		breaches.Content = append(breaches.Content, text(b.String()))
	}
	add(out, "breaches", breaches)
	return out, nil
}

// goCode asks from a Go program.
func (x asking) goCode() string {
	var options strings.Builder
	if !x.asOf.IsZero() {
		t := x.asOf.UTC()
		fmt.Fprintf(&options, ",\n\trulebook.AsOf(time.Date(%d, %d, %d, %d, %d, %d, %d, time.UTC))", t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond())
	}
	for _, s := range x.settings {
		fmt.Fprintf(&options, ",\n\trulebook.Reading(%q, %q)", s.Key, s.Option)
	}
	facts := "`" + string(x.facts) + "`"
	if !strconv.CanBackquote(string(x.facts)) {
		facts = fmt.Sprintf("%q", x.facts)
	}
	return fmt.Sprintf("answer, err := book.Ask(ctx, %q, []byte(%s)%s)", x.question.ID, facts, options.String())
}

// blockOf reads JSON as nodes in block style. JSON may hold what YAML does not
// take as it stands, so that it is not read as YAML.
func blockOf(data []byte) (*yaml.Node, error) {
	n, err := intake.ParseFacts(data)
	if err != nil {
		return nil, err
	}
	block := yamlOf(n)
	plain(block)
	return block, nil
}

func yamlOf(n *source.Node) *yaml.Node {
	switch {
	case n.Kind == source.Map:
		m := mapping()
		for _, e := range n.Entries {
			add(m, e.Key.Text, yamlOf(e.Value))
		}
		return m
	case n.Kind == source.Seq:
		list := &yaml.Node{Kind: yaml.SequenceNode}
		for _, item := range n.Items {
			list.Content = append(list.Content, yamlOf(item))
		}
		return list
	case n.Kind == source.Empty:
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!null", Value: nullValue}
	case n.Style != source.Plain:
		return text(n.Text)
	case n.Text == "true" || n.Text == "false":
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!bool", Value: n.Text}
	}
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!int", Value: n.Text}
}

// plain puts only what is short on one line.
func plain(n *yaml.Node) {
	if n.Kind == yaml.SequenceNode && flat(n) || n.Kind == yaml.MappingNode && len(n.Content) == 0 {
		n.Style |= yaml.FlowStyle
	}
	for _, c := range n.Content {
		plain(c)
	}
}

func mapping() *yaml.Node { return &yaml.Node{Kind: yaml.MappingNode} }

// text is a string, with quotes where they are needed, and with escapes where
// it holds what cannot be seen.
func text(s string) *yaml.Node {
	n := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: s}
	if strings.ContainsFunc(s, func(c rune) bool { return !unicode.IsGraphic(c) }) {
		n.Style = yaml.DoubleQuotedStyle
	}
	return n
}

func add(m *yaml.Node, key string, v *yaml.Node) {
	if v != nil {
		m.Content = append(m.Content, text(key), v)
	}
}

func get(m *yaml.Node, key string) *yaml.Node {
	for i := 0; i+1 < len(m.Content); i += 2 {
		if m.Content[i].Value == key {
			return m.Content[i+1]
		}
	}
	return nil
}

// keep leaves only the named keys in a map.
func keep(m *yaml.Node, keys ...string) {
	var content []*yaml.Node
	for i := 0; i+1 < len(m.Content); i += 2 {
		if has(keys, m.Content[i].Value) {
			content = append(content, m.Content[i], m.Content[i+1])
		}
	}
	m.Content = content
}

// flat reports whether a list holds scalars only.
func flat(n *yaml.Node) bool {
	for _, c := range n.Content {
		if c.Kind != yaml.ScalarNode {
			return false
		}
	}
	return true
}
