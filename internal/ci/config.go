package ci

import (
	"cmp"
	"strconv"
	"strings"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/coverage"
	"github.com/servicerules/rulebook/internal/difference"
	"github.com/servicerules/rulebook/internal/mutate"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/internal/table"
)

// ConfigName is the file beside a rules file that says what is asked for.
const ConfigName = ".rulebook.yaml"

// What is asked of promises.
const (
	PromisesKept   = "kept"   // none is refuted
	PromisesProven = "proven" // each is proven
	PromisesOff    = "off"    // they are not looked into
)

// Config is what is asked for. Percentages are whole, from 0 to 100.
type Config struct {
	Rules    string   // path of the rules file; "" for the one beside the configuration
	Cases    []string // files and directories of cases; none for those beside the rules
	Strict   bool     // warnings count as errors
	Analyse  bool     // findings of the analysis that nobody accepted fail
	Promises string   // kept, proven or off
	Coverage int      // so much of the rules the cases must come to; below 0 it is not measured
	// CoverageOf is how much of a kind of coverage.Kinds is asked for, beside Coverage
	// of all.
	CoverageOf map[coverage.Kind]int
	// Mutation is how many of the careless changes that change answers the cases
	// must notice; below 0 it is not measured, which takes minutes.
	Mutation   int
	MutationOf map[mutate.Kind]int // likewise, of kinds of mutate.Kinds
	Tries      int                 // fact sets to try on each change that no case notices; 0 for the usual number
	Records    []Records
	// Lowered are the reasons that comments give for asking for less than an
	// earlier version did: # accepted: asked_less – why.
	Lowered []string
}

// tries is how many fact sets are tried on each change that no case notices.
func (c *Config) tries() int { return cmp.Or(c.Tries, mutate.DefaultTries) }

// Records are facts on record, which an earlier version is asked about as well.
type Records struct {
	Path     string // .jsonl, .csv, or a month's directory
	Question string // of a file; "" of a directory
	Local    bool   // moments without a zone are in the rulebook's
}

// record is what is asked about.
func (x Records) record() difference.Record {
	return difference.Record{Path: x.Path, Question: x.Question, How: table.How{Local: x.Local}}
}

// Defaults is what is asked for where nothing is said.
func Defaults() Config {
	return Config{Strict: true, Analyse: true, Promises: PromisesKept, Mutation: -1}
}

var configKeys = []string{"rules", "cases", "strict", "analyse", "promises", "coverage", "mutation", "tries", "records"}

// ReadConfig reads a configuration. Paths are left as they stand there. It is
// read whole or not at all.
func ReadConfig(name string, data []byte) (Config, diagnostic.List) {
	c := Defaults()
	if strings.TrimSpace(string(data)) == "" {
		return c, nil
	}
	root, found := source.Parse(name, data)
	if root == nil {
		return Config{}, found
	}
	r := &configReader{found: found}
	r.keys(root, configKeys)
	for _, e := range root.Entries {
		r.entry(&c, e)
	}
	for line := range strings.Lines(string(data)) {
		if a, is := checked.AcceptanceIn(strings.TrimRight(line, "\r\n")); is && a.Code == CodeAskedLess && a.HasReason() {
			c.Lowered = append(c.Lowered, a.Reason())
		}
	}
	if r.found.Failed() {
		return Config{}, r.found
	}
	return c, r.found
}

type configReader struct{ found diagnostic.List }

func (r *configReader) fail(code string, n *source.Node, message, remedy diagnostic.Text) {
	r.found = append(r.found, diagnostic.Diagnostic{Code: code, Severity: diagnostic.Error, Span: n.Span, Message: message, Remedy: remedy})
}

// keys reports keys that there are not.
func (r *configReader) keys(n *source.Node, allowed []string) {
	for _, e := range n.Entries {
		known := false
		for _, key := range allowed {
			known = known || key == e.Key.Text
		}
		if !known {
			r.fail("unknown_key", e.Key, diagnostic.Textf("这里没有名为 %q 的键", "there is no key %q here", e.Key.Text), diagnostic.OneOf(e.Key.Text, allowed))
		}
	}
}

func (r *configReader) entry(c *Config, e source.Entry) {
	switch n := e.Value; e.Key.Text {
	case "rules":
		c.Rules = r.text(n)
	case "cases":
		c.Cases = r.texts(n)
	case "strict":
		c.Strict = r.flag(n)
	case "analyse":
		c.Analyse = r.flag(n)
	case "promises":
		c.Promises = r.word(n, []string{PromisesKept, PromisesProven, PromisesOff})
	case "coverage":
		c.Coverage, c.CoverageOf = percents(r, n, coverage.Kinds())
	case "mutation":
		c.Mutation, c.MutationOf = percents(r, n, mutate.Kinds())
	case "tries":
		c.Tries = r.number(n, "", 1, 1_000_000, diagnostic.Textf("写 1 到 1000000 的整数", "write a whole number from 1 to 1000000"))
	case "records":
		c.Records = r.records(n)
	}
}

func (r *configReader) text(n *source.Node) string {
	if n.Kind != source.Scalar || n.Text == "" {
		r.fail("value_expected", n, diagnostic.Textf("应为一个值", "a single value is expected"), diagnostic.Textf("在冒号后写一个值", "write one value behind the colon"))
		return ""
	}
	return n.Text
}

func (r *configReader) texts(n *source.Node) []string {
	if n.Kind != source.Seq {
		return []string{r.text(n)}
	}
	var all []string
	for _, item := range n.Items {
		all = append(all, r.text(item))
	}
	return all
}

func (r *configReader) flag(n *source.Node) bool {
	return r.word(n, []string{"true", "false"}) == "true"
}

func (r *configReader) word(n *source.Node, allowed []string) string {
	text := r.text(n)
	for _, word := range allowed {
		if text == word {
			return word
		}
	}
	if text != "" {
		r.fail("unknown_option", n, diagnostic.Textf("不能写 %q", "it cannot be %q", text), diagnostic.OneOf(text, allowed))
	}
	return ""
}

// percent reads 80, 80% or off, which is -1.
func (r *configReader) percent(n *source.Node) int {
	if n.Text == "off" {
		return -1
	}
	return r.number(n, "%", 0, whole, diagnostic.Textf("写 0 到 100 的整数，如 80；不要求就写 off", "write a whole number from 0 to 100, such as 80, or off"))
}

// percents reads one percentage for all, or one for each of some kinds; of a kind
// that is not named or off, and of all where they are not, nothing is asked. Where
// kinds are named and nothing is asked of any, all is off.
func percents[K ~string](r *configReader, n *source.Node, kinds []K) (all int, of map[K]int) {
	if n.Kind != source.Map {
		return r.percent(n), nil
	}
	const together = "all"
	allowed := []string{together}
	for _, k := range kinds {
		allowed = append(allowed, string(k))
	}
	r.keys(n, allowed)
	of = map[K]int{}
	most := 0
	for _, e := range n.Entries {
		asked := max(r.percent(e.Value), 0)
		most = max(most, asked)
		if e.Key.Text == together {
			all = asked
		} else {
			of[K(e.Key.Text)] = asked
		}
	}
	if most == 0 {
		all = -1
	}
	return all, of
}

// number reads a whole number, behind which a sign may stand.
func (r *configReader) number(n *source.Node, sign string, least, most int, remedy diagnostic.Text) int {
	text := r.text(n)
	if text == "" {
		return 0
	}
	v, err := strconv.Atoi(strings.TrimSuffix(text, sign))
	if err != nil || v < least || v > most {
		r.fail("out_of_range", n, diagnostic.Textf("%q 不是 %d 到 %d 的整数", "%q is no whole number from %d to %d", text, least, most), remedy)
		return 0
	}
	return v
}

func (r *configReader) records(n *source.Node) []Records {
	items := []*source.Node{n}
	if n.Kind == source.Seq {
		items = n.Items
	}
	var all []Records
	for _, item := range items {
		if item.Kind != source.Map {
			all = append(all, Records{Path: r.text(item)})
			continue
		}
		r.keys(item, []string{"path", "question", "local_times"})
		var x Records
		if p := item.Get("path"); p != nil {
			x.Path = r.text(p)
		} else {
			r.fail("missing_key", item, diagnostic.Textf("缺少 %q", "%q is missing", "path"), diagnostic.Textf("补上 path: 文件", "add path: a file"))
		}
		if q := item.Get("question"); q != nil {
			x.Question = r.text(q)
		}
		if n := item.Get("local_times"); n != nil {
			x.Local = r.flag(n)
		}
		all = append(all, x)
	}
	return all
}
