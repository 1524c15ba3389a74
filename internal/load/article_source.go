package load

import (
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/policy"
)

// maxSource is how many characters a part of a source may have.
const maxSource = 300

var sourcePages = regexp.MustCompile(`^([1-9][0-9]{0,5})(?:-([1-9][0-9]{0,5}))?$`)

// articleSource reads `source:` of an article or a regulation: an identifier
// or address alone, or a map. One that names neither is about the document of
// the regulation.
func (l *loader) articleSource(n *source.Node, of policy.Source) policy.Source {
	var s policy.Source
	switch {
	case n == nil:
		return of
	case n.Kind == source.Scalar && (strings.HasPrefix(n.Text, "http://") || strings.HasPrefix(n.Text, "https://")):
		s.Address = l.sourceAddress(n)
	case n.Kind == source.Scalar:
		s.ID = l.sourceText(n, policy.Text{ZH: "source", EN: "the source"})
	default:
		if !l.isMapAs(n, policy.Text{ZH: "source", EN: "the source"}, diagnostic.Textf("写成 {id: 文号, address: 网址, version: 版本, page: 页}，或只写文号或网址", "write {id: …, address: …, version: …, page: …}, or the identifier or address alone")) {
			return s
		}
		s = l.sourceMap(n, of)
	}
	return s
}

func (l *loader) sourceMap(n *source.Node, of policy.Source) policy.Source {
	l.onlyKeys(n, "id", "address", "version", "page")
	var s policy.Source
	id, address := n.Get("id"), n.Get("address")
	if id == nil && address == nil {
		if of.IsZero() {
			l.failAt("source_unclear", l.spanOf(n), diagnostic.Textf("没有写是哪份文件", "it is not said which document it is"),
				diagnostic.Textf("补上 id: 文号，或 address: 网址；也可以写在整部制度的 source 里", "add id: or address:, here or in the source of the regulation"))
			return s
		}
		s = of
	}
	if id != nil {
		s.ID = l.sourceText(id, policy.Text{ZH: "id", EN: "the id"})
	}
	if address != nil {
		s.Address = l.sourceAddress(address)
	}
	if v := n.Get("version"); v != nil {
		s.Version = l.sourceText(v, policy.Text{ZH: "version", EN: "the version"})
	}
	if p := n.Get("page"); p != nil && l.isScalar(p, policy.Text{ZH: "page", EN: "the page"}) {
		s.Page = l.sourcePage(p)
	}
	return s
}

// sourceText is a text on one line that people can read whole.
func (l *loader) sourceText(n *source.Node, what policy.Text) string {
	if !l.isScalar(n, what) {
		return ""
	}
	if utf8.RuneCountInString(n.Text) > maxSource || strings.Contains(n.Text, "\n") || strings.TrimSpace(n.Text) == "" {
		l.fail("source_unclear", n, policy.Text{ZH: spaced(what.ZH) + "应为一行文字", EN: what.EN + " must be one line of text"},
			diagnostic.Textf("写一行，不超过 %d 个字符", "write one line of at most %d characters", maxSource))
		return ""
	}
	return n.Text
}

func (l *loader) sourceAddress(n *source.Node) string {
	text := l.sourceText(n, policy.Text{ZH: "address", EN: "the address"})
	if text == "" {
		return ""
	}
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Hostname() == "" || u.User != nil || strings.ContainsAny(text, " \"<>\\^`{|}") {
		l.fail("bad_address", n, diagnostic.Textf("%q 不是网址", "%q is not the address of a page", text),
			diagnostic.Textf("写完整的网址，以 https:// 开头；不是网址的文号写在 id", "write the whole address, which begins with https://; an identifier that is no address goes into id"))
		return ""
	}
	return text
}

// sourcePage is a page, or the first and the last.
func (l *loader) sourcePage(n *source.Node) string {
	remedy := diagnostic.Textf("只写页码的数字；几页写首末两页，中间用连字符", "write the number alone; of several pages the first and the last, with a hyphen between them")
	if m := sourcePages.FindStringSubmatch(n.Text); m != nil {
		first, _ := strconv.Atoi(m[1]) // digits, few
		last, err := strconv.Atoi(m[2])
		if err != nil || first < last {
			return n.Text
		}
		remedy = diagnostic.Textf("写 %d-%d", "write %d-%d", last, first)
		if first == last {
			remedy = diagnostic.Textf("写 %d", "write %d", first)
		}
	}
	l.fail("bad_page", n, diagnostic.Textf("%q 不是页码", "%q is not a page", n.Text), remedy)
	return ""
}
