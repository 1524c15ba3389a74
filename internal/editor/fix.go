package editor

import (
	"context"
	"regexp"
	"slices"
	"strings"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/source"
)

// Fix is a change that mends a finding.
type Fix struct {
	Title diagnostic.Text
	Edits []Edit
	Best  bool // the one that the remedy names

	instead bool // one of many that may be meant
	partly  bool // it need not mend all that keeps a file from being read
}

// mostFixes is how many changes are offered for a finding, and mostTried how
// many are tried.
const (
	mostFixes = 4
	mostTried = 8
)

// Fixes are the changes that a finding's remedy comes to. Each has been tried,
// see mends. That takes as long as loading the rulebook some times.
func (p *Project) Fixes(ctx context.Context, f Finding) []Fix {
	var good []Fix
	for i, c := range p.candidates(f) {
		if len(good) == mostFixes || i == mostTried || ctx.Err() != nil {
			break
		}
		if c.instead && slices.ContainsFunc(good, func(f Fix) bool { return f.Best }) {
			break // which of several may be meant need not be asked
		}
		if p.mends(ctx, f, c) {
			c.Best = c.Best && len(good) == 0
			good = append(good, c)
		}
	}
	return good
}

// mends reports whether a finding is gone after a change without another in its
// place: there are fewer findings than before, or the rulebook loads, of which
// there may then be warnings that nobody could look for until now. A change that
// only makes a file readable again may bring to light what else is wrong in it.
//
// Nothing is known to mend it where the context ends before.
func (p *Project) mends(ctx context.Context, f Finding, c Fix) bool {
	after := p.With(c.Edits)
	before, err := p.FindingsContext(ctx)
	if err != nil {
		return false
	}
	found, err := after.FindingsContext(ctx)
	if err != nil {
		return false
	}
	switch {
	case f.Severity == diagnostic.Warning:
		if after.Book() == nil {
			return false
		}
		idle, err := p.UnusedContext(ctx)
		if err != nil {
			return false
		}
		left, err := after.UnusedContext(ctx)
		if err != nil {
			return false
		}
		before, found = append(before, idle...), append(found, left...)
	case after.Book() != nil:
		return true
	case !p.parsed():
		return c.partly && count(found, f) < count(before, f)
	}
	return count(found, f) < count(before, f) && len(found) < len(before)
}

// count is how many findings say what one says.
func count(list []Finding, f Finding) int {
	n := 0
	for _, x := range list {
		if x.Code == f.Code && x.Message == f.Message && x.Path == f.Path {
			n++
		}
	}
	return n
}

// candidates are changes that may mend a finding, the likeliest first.
func (p *Project) candidates(f Finding) []Fix {
	file := p.file(f.Path)
	if file == nil {
		return nil
	}
	c := &fixer{project: p, file: file, finding: f}
	c.syntax()
	c.written()
	c.ascii()
	c.removal()
	if m := addTo.FindStringSubmatch(f.Remedy.EN); m != nil {
		if edit, ok := p.added(m[1], m[2]); ok {
			c.add("把 "+m[1]+" 加到 "+m[2], "add "+m[1]+" to "+m[2], true, edit)
		}
	}
	for _, text := range likeliest(listed(f.Remedy.EN), c.stood(f.Range)) {
		for _, at := range c.targets(text) {
			c.write(at, text, false)
			c.all[len(c.all)-1].instead = true
		}
	}
	if f.Severity == diagnostic.Warning {
		c.add("有意如此：注明原因", "it is meant so: say why", false, acceptance(file, f))
	}
	return c.all
}

// likeliest puts the words first that are part of what stands there, as part_of
// is of 1part_of: not all are tried.
func likeliest(words []string, stood string) []string {
	slices.SortStableFunc(words, func(a, b string) int {
		isIn := func(w string) int {
			if len(w) > 2 && strings.Contains(stood, w) {
				return -len(w)
			}
			return 0
		}
		return isIn(a) - isIn(b)
	})
	return words
}

// fixer collects candidates for one finding.
type fixer struct {
	project *Project
	file    *file
	finding Finding
	all     []Fix
}

// stood is what stands at a place.
func (c *fixer) stood(at Range) string { return c.file.text.s[at.Start:at.End] }

// add notes a candidate, once.
func (c *fixer) add(zh, en string, best bool, edits ...Edit) {
	if !slices.ContainsFunc(c.all, func(f Fix) bool { return slices.Equal(f.Edits, edits) }) {
		c.all = append(c.all, Fix{Title: diagnostic.Text{ZH: zh, EN: en}, Edits: edits, Best: best})
	}
}

// write is the candidate to write a text at a place, within the quotes that
// stand there.
func (c *fixer) write(at Range, text string, best bool) {
	stood := c.stood(at)
	if len(stood) >= 2 && (stood[0] == '"' || stood[0] == '\'') && stood[len(stood)-1] == stood[0] && text[0] != stood[0] {
		text = stood[:1] + text + stood[:1]
	}
	c.add("改为 "+text, "write "+text, best, Edit{c.file.path, at, text})
}

// syntax mends what is no valid YAML.
func (c *fixer) syntax() {
	if c.finding.Code != source.CodeYAMLSyntax {
		return
	}
	var edits []Edit
	for _, r := range source.Mend([]byte(c.file.text.s)) {
		edits = append(edits, Edit{c.file.path, Range{r.Start, r.End}, r.Text})
	}
	if edits != nil {
		c.add(c.finding.Remedy.ZH, c.finding.Remedy.EN, true, edits...)
		c.all[len(c.all)-1].partly = true
	}
}

// written writes what the remedy says to write.
func (c *fixer) written() {
	for _, text := range meant(c.finding.Remedy.EN) {
		for _, at := range c.targets(text) {
			c.write(at, text, true)
		}
	}
}

// targets are the places where a text may be meant to stand: that of the
// finding, the whole value or name of which it is a part, or the value of the
// key that it is.
func (c *fixer) targets(text string) []Range {
	at := c.finding.Range
	all := []Range{at}
	s := c.file.text.s
	if root := c.file.node(); root != nil {
		if n := scalarAt(root, at.Start); n != nil {
			if digits := text[0] >= '0' && text[0] <= '9'; digits || n.End-n.Start < at.End-at.Start {
				all = append(all, Range{n.Start, n.End})
			}
		}
	}
	if _, name := nameAt(s, at.Start); strings.Contains(text, "(") && name.Start < name.End {
		all = append(all, name)
	}
	if value, ok := c.project.valueBehind(c.file, at); ok {
		all = append(all, value)
	}
	return slices.Compact(all)
}

// scalarAt is the text that holds a place; nil for none.
func scalarAt(n *source.Node, offset int) *source.Node {
	if n.Kind == source.Scalar {
		return n
	}
	for _, e := range n.Entries {
		for _, x := range []*source.Node{e.Key, e.Value} {
			if x.Start <= offset && offset < x.End {
				return scalarAt(x, offset)
			}
		}
	}
	for _, x := range n.Items {
		if x.Start <= offset && offset < x.End {
			return scalarAt(x, offset)
		}
	}
	return nil
}

// ascii writes full-width characters in ASCII: at the place, or in the whole
// line behind its key.
func (c *fixer) ascii() {
	at := c.finding.Range
	if plain, what := source.InASCII(c.stood(at)); !what.IsZero() {
		c.write(at, plain, true)
	}
	if !strings.Contains(c.finding.Remedy.EN, "in ASCII") {
		return
	}
	s := c.file.text.s
	start := strings.LastIndexByte(s[:at.Start], '\n') + 1
	line, _, _ := strings.Cut(s[start:], "\n")
	line = strings.TrimRight(line, "\r")
	if i := strings.Index(line, ": "); i >= 0 {
		start, line = start+i+2, line[i+2:]
	}
	if plain := wide.Replace(line); plain != line {
		c.add("本行的全角符号改为半角", "write the full-width characters of the line in ASCII", true, Edit{c.file.path, Range{start, start + len(line)}, plain})
	}
}

// wide are the marks of Chinese text that look like those of expressions.
var wide = strings.NewReplacer("（", "(", "）", ")", "＞＝", ">=", "＜＝", "<=", "＝＝", "==", "！＝", "!=", "＞", ">", "＜", "<", "＝", "=", "＋", "+", "－", "-", "，", ",",
	"“", `"`, "”", `"`, "‘", `"`, "’", `"`, "｛", "{", "｝", "}", "［", "[", "］", "]", "？", "?", "：", ":", "　", " ", "０", "0", "１", "1", "２", "2", "３", "3", "４", "4", "５", "5", "６", "6", "７", "7", "８", "8", "９", "9")

// removal takes out what the remedy says to remove.
func (c *fixer) removal() {
	at := c.finding.Range
	switch en := c.finding.Remedy.EN; {
	case strings.HasPrefix(en, "remove the quotes"):
		c.quotes()
	case strings.HasPrefix(en, "remove the invisible"), strings.HasPrefix(en, "remove it"):
		if edit, ok := removed(c.file, at); ok {
			c.add("删去 "+c.stood(at), "remove "+c.stood(at), true, edit)
		}
	case strings.HasPrefix(en, "keep one"):
		if edit, ok := withoutLines(c.file, at); ok {
			c.add("删去这一项", "remove this one", true, edit)
		} else if edit, ok := withoutEntry(c.file, at); ok {
			c.add("删去这一项", "remove this one", true, edit)
		}
	}
}

var quotedNumber = regexp.MustCompile(`["']([0-9][0-9.%]*)["']`)

// quotes takes the quotes off the numbers of the line.
func (c *fixer) quotes() {
	s := c.file.text.s
	start := strings.LastIndexByte(s[:c.finding.Range.Start], '\n') + 1
	line, _, _ := strings.Cut(s[start:], "\n")
	for _, m := range quotedNumber.FindAllStringSubmatchIndex(line, -1) {
		number := line[m[2]:m[3]]
		c.add("去掉引号："+number, "remove the quotes: "+number, true, Edit{c.file.path, Range{start + m[0], start + m[1]}, number})
	}
}

var (
	didYouMean = regexp.MustCompile(`did you mean ([^?]+)\?`)
	toWrite    = regexp.MustCompile(`(?:\bwrite|compare with|close it with|as in|: write) ((?:"[^"]*"|[^;"]|"[^"]*$)+)`)
	behindMark = regexp.MustCompile(`: ((?:"[^"]*"|[^;,"])+)(?:$|[;,])`)
	allowed    = regexp.MustCompile(`(?:[Aa]llowed:|the words are|the fields are|the functions are) (.*)$`)
	addTo      = regexp.MustCompile(`^add ([a-z0-9_.]+) to ([A-Za-z0-9_."]+)$`)
	// behindText begins what a remedy says behind the text that is to be written.
	behindText = regexp.MustCompile(` (?:in ASCII|where|instead|somewhere|too|here|for times|of them|the same wherever|when|which|or|and then|if|from)\b.*$|, or .*$`)
	// inWords begins what is no text to be written but a description of one.
	inWords = regexp.MustCompile(`(?i)^(?:an?|one|it|the|in|english|chinese|ordinary|at least|full-width|year|hh:|both|each|every|its|whole|words|at|that|only|them)\b`)
)

// meant are the texts that a remedy says to write, the likeliest first.
func meant(remedy string) []string {
	var all []string
	add := func(text string) {
		text = strings.TrimSpace(strings.TrimRight(text, "."))
		text = strings.TrimSuffix(text, "(…)")
		if text != "" && len(text) < 200 && !strings.Contains(text, "…") && !inWords.MatchString(text) && !slices.Contains(all, text) {
			all = append(all, text)
		}
	}
	for _, m := range didYouMean.FindAllStringSubmatch(remedy, -1) {
		add(m[1])
	}
	for _, m := range toWrite.FindAllStringSubmatch(remedy, -1) {
		text := m[1]
		if i := strings.LastIndex(text, ": write "); i >= 0 {
			text = text[i+len(": write "):]
		}
		short := behindText.ReplaceAllString(text, "")
		if _, behind, ok := strings.Cut(short, ": "); ok && !strings.HasPrefix(short, "{") && !strings.HasPrefix(short, `"`) {
			add(behindText.ReplaceAllString(behind, ""))
		}
		add(short)
		if before, _, ok := strings.Cut(short, ","); ok && !strings.ContainsAny(short, "[{\"") && strings.Count(before, "(") == strings.Count(before, ")") {
			add(before)
		}
	}
	if !allowed.MatchString(remedy) {
		for _, m := range behindMark.FindAllStringSubmatch(remedy, -1) {
			add(behindText.ReplaceAllString(m[1], ""))
		}
	}
	return all
}

// listed are the words that a remedy lists.
func listed(remedy string) []string {
	m := allowed.FindStringSubmatch(remedy)
	if m == nil {
		return nil
	}
	return slices.DeleteFunc(strings.Split(m[1], ", "), func(w string) bool { return w == "" || w == "…" })
}

// valueBehind is the value on the line of a key at a place.
func (p *Project) valueBehind(f *file, at Range) (Range, bool) {
	line := f.text.s[at.End:]
	if i := strings.IndexByte(line, '\n'); i >= 0 {
		line = line[:i]
	}
	value := strings.TrimRight(strings.TrimPrefix(line, ":"), " \r")
	lead := len(value) - len(strings.TrimLeft(value, " "))
	if !strings.HasPrefix(line, ": ") || strings.TrimSpace(value) == "" || strings.ContainsAny(value[lead:lead+1], "{[#") {
		return Range{}, false
	}
	return Range{at.End + 1 + lead, at.End + 1 + len(value)}, true
}

// removed takes a stretch out of a text: of a map or a list in brackets, with
// the comma beside it.
func removed(f *file, at Range) (Edit, bool) {
	if at.Start == at.End {
		return Edit{}, false
	}
	text := f.text.s
	switch {
	case strings.HasPrefix(text[at.End:], ", "):
		at.End += 2
	case strings.HasSuffix(text[:at.Start], ", "):
		at.Start -= 2
	}
	return Edit{f.path, at, ""}, true
}

// withoutLines takes out the lines of a key and of what stands below it.
func withoutLines(f *file, at Range) (Edit, bool) {
	text := f.text.s
	start := strings.LastIndexByte(text[:at.Start], '\n') + 1
	indent := text[start:at.Start]
	if strings.TrimSpace(indent) != "" {
		return Edit{}, false
	}
	end := start
	for end < len(text) {
		next := len(text)
		if i := strings.IndexByte(text[end:], '\n'); i >= 0 {
			next = end + i + 1
		}
		line := text[end:next]
		deeper := strings.HasPrefix(line, indent+" ") || strings.HasPrefix(line, indent+"- ")
		if end > start && !deeper && strings.TrimSpace(line) != "" {
			break
		}
		end = next
	}
	return Edit{f.path, Range{start, end}, ""}, true
}

// withoutEntry takes an entry out of a map in brackets.
func withoutEntry(f *file, at Range) (Edit, bool) {
	text := f.text.s
	if !strings.HasSuffix(strings.TrimRight(text[:at.Start], " "), ",") {
		return Edit{}, false
	}
	line, _, _ := strings.Cut(text[at.Start:], "\n")
	end := len(line)
	depth := 0
	eachMark(line, func(i int, b byte) {
		switch {
		case b == '{' || b == '[':
			depth++
		case (b == ',' || b == '}' || b == ']') && depth == 0:
			end = min(end, i)
		case b == '}' || b == ']':
			depth--
		}
	})
	return Edit{f.path, Range{strings.LastIndexByte(text[:at.Start], ','), at.Start + end}, ""}, true
}

// added puts an item at the end of the list at a path.
func (p *Project) added(item, path string) (Edit, bool) {
	for _, f := range p.files {
		root := f.node()
		if root == nil {
			continue
		}
		n := listAt(root, path)
		if n == nil || len(n.Items) == 0 {
			continue
		}
		last := n.Items[len(n.Items)-1]
		if f.text.s[n.Start] == '[' {
			return Edit{f.path, Range{last.End, last.End}, ", " + item}, true
		}
		start := strings.LastIndexByte(f.text.s[:last.Start], '\n') + 1
		ending := "\n"
		if strings.Contains(f.text.s, "\r\n") {
			ending = "\r\n"
		}
		return Edit{f.path, Range{last.End, last.End}, ending + f.text.s[start:last.Start] + item}, true
	}
	return Edit{}, false
}

// listAt is the list at a path whose keys may have dots of their own.
func listAt(n *source.Node, path string) *source.Node {
	if path == "" {
		if n.Kind == source.Seq {
			return n
		}
		return nil
	}
	for _, e := range n.Entries {
		if rest, ok := strings.CutPrefix(path, e.Key.Text); ok && (rest == "" || rest[0] == '.') {
			if found := listAt(e.Value, strings.TrimPrefix(rest, ".")); found != nil {
				return found
			}
		}
	}
	return nil
}

// acceptance is the comment above a line that says that a warning is meant.
func acceptance(f *file, finding Finding) Edit {
	start := strings.LastIndexByte(f.text.s[:finding.Range.Start], '\n') + 1
	line := f.text.s[start:]
	indent := line[:len(line)-len(strings.TrimLeft(line, " "))]
	ending := "\n"
	if strings.Contains(f.text.s, "\r\n") {
		ending = "\r\n"
	}
	return Edit{f.path, Range{start, start}, indent + "# accepted: " + finding.Code + " – 原因 / why" + ending}
}
