package console

import (
	"cmp"
	"encoding/json"
	"io"
	"io/fs"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/rickb777/date/v2"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/editor"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/server/live"
)

// The editor of rules in the pages asks here what there is to say of the text as it
// stands: what the language server would say. Nothing of it is kept.

// sentText is a text of rules that somebody writes in the editor, of one or of
// several files. A place in it is a line and a unit of UTF-16, both from 0.
type sentText struct {
	project *editor.Project
	whole   *editor.Text
	starts  map[string]int // where each file begins
}

// place is where an offset of a file stands in the text.
func (t *sentText) place(path string, offset int) [2]int {
	line, column := t.whole.Place(t.starts[path] + offset)
	return [2]int{line, column}
}

// at is the file and the offset in it that a request asks about.
func (t *sentText) at(r *http.Request) (path string, offset int) {
	query := r.URL.Query()
	line, _ := strconv.Atoi(query.Get("line"))
	column, _ := strconv.Atoi(query.Get("column"))
	at, nearest := t.whole.Offset(line, column), -1
	for name, start := range t.starts {
		if start <= at && start > nearest {
			path, offset, nearest = name, at-start, start
		}
	}
	return path, offset
}

// edited answers what the editor asks about the text that it sends along, which is
// looked at in one of the places of those who draft.
func (c *Console) edited(answer func(*http.Request, *page, *sentText) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		p := c.newPage(r)
		body, err := c.editedText(w, r, p, answer)
		if err != nil {
			http.Error(w, "", c.failed(r, p, err))
			return
		}
		h := w.Header()
		h.Set("Content-Type", "application/json")
		h.Set("Cache-Control", "no-store")
		_, _ = w.Write(body)
	}
}

func (c *Console) editedText(w http.ResponseWriter, r *http.Request, p *page, answer func(*http.Request, *page, *sentText) (any, error)) (body []byte, err error) {
	release, err := c.service.Drafting()
	if err != nil {
		return nil, err
	}
	defer release()
	text, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxDraft))
	if err != nil {
		return nil, err
	}
	var told any
	if err := c.service.Look(r.Context(), func() error {
		told, err = answer(r, p, sentTextOf(text, c.service.Rules.Current().Text))
		return err
	}); err != nil {
		return nil, err
	}
	return json.Marshal(told)
}

// sentTextOf is a text that somebody edits, with the files that it names and that
// stand in the rules in force only. Where it cannot be read, as while something is
// being typed, names are those of the rules in force.
func sentTextOf(text, inForce []byte) *sentText {
	open := func(text []byte) func(string) ([]byte, error) {
		files := source.Split(text)
		return func(name string) ([]byte, error) {
			for _, f := range files[1:] {
				if f.Path == name {
					return f.Text, nil
				}
			}
			return nil, fs.ErrNotExist
		}
	}
	before := editor.Open(string(source.Split(inForce)[0].Text), open(inForce), nil)
	before.Prepare()
	t := &sentText{whole: editor.NewText(string(text)), starts: map[string]int{}}
	files := source.Split(text)
	for i, start := range source.Offsets(text, files) {
		t.starts[files[i].Path] = start
	}
	t.project = editor.Open(string(files[0].Text), open(live.WholeOf(text, inForce)), before)
	return t
}

// editorFinding is a finding as the editor shows it. From and To are nil where it
// stands in a file that is not in the text.
type editorFinding struct {
	From    *[2]int `json:"from"`
	To      *[2]int `json:"to"`
	Error   bool    `json:"error"`
	Code    string  `json:"code"`
	Place   string  `json:"place"`
	Message string  `json:"message"`
	Remedy  string  `json:"remedy"`
}

// editorArticle is an article of the text, with what the law says.
type editorArticle struct {
	From    [2]int `json:"from"`
	To      [2]int `json:"to"`
	Heading string `json:"heading"`
	Text    string `json:"text"`
	Note    string `json:"note"`
}

type editorFindings struct {
	Said     string          `json:"said"`
	More     string          `json:"more"` // that not all are listed, "" where they are
	Findings []editorFinding `json:"findings"`
	Articles []editorArticle `json:"articles"`
}

// editorFound says what is wrong with a text, and where its articles stand.
func (c *Console) editorFound(r *http.Request, p *page, t *sentText) (any, error) {
	found, err := t.project.FindingsContext(r.Context())
	if err != nil {
		return nil, err
	}
	idle, err := t.project.UnusedContext(r.Context())
	if err != nil {
		return nil, err
	}
	found = append(found, idle...)
	slices.SortStableFunc(found, func(a, b editor.Finding) int {
		return cmp.Or(cmp.Compare(severityOrder(a), severityOrder(b)), cmp.Compare(t.starts[a.Path]+a.Range.Start, t.starts[b.Path]+b.Range.Start))
	})
	out := editorFindings{Findings: []editorFinding{}, Articles: t.articles(p)}
	errs := 0
	for i, f := range found {
		if f.Severity == diagnostic.Error {
			errs++
		}
		if i < shownFindings {
			out.Findings = append(out.Findings, t.finding(f, p.Lang))
		}
	}
	switch n := len(found) - errs; {
	case len(found) == 0:
		out.Said = p.pick("没有发现问题", "nothing is wrong")
	case errs == 0:
		out.Said = p.pick("提醒："+itoa(n), "warnings: "+itoa(n))
	case n == 0:
		out.Said = p.pick("错误："+itoa(errs), "errors: "+itoa(errs))
	default:
		out.Said = p.pick("错误："+itoa(errs)+"，提醒："+itoa(n), "errors: "+itoa(errs)+", warnings: "+itoa(n))
	}
	if n := len(found) - shownFindings; n > 0 {
		out.More = p.pick("另有 "+itoa(n)+" 处", "and "+itoa(n)+" more")
	}
	return out, nil
}

func severityOrder(f editor.Finding) int {
	if f.Severity == diagnostic.Error {
		return 0
	}
	return 1
}

func (t *sentText) finding(f editor.Finding, lang string) editorFinding {
	x := editorFinding{
		Error: f.Severity == diagnostic.Error, Code: f.Code, Message: f.Message.In(lang), Remedy: f.Remedy.In(lang),
		Place: itoa(f.Span.Start.Line) + ":" + itoa(f.Span.Start.Column),
	}
	if _, here := t.starts[f.Path]; here {
		from, to := t.place(f.Path, f.Range.Start), t.place(f.Path, f.Range.End)
		x.From, x.To = &from, &to
		x.Place = itoa(from[0]+1) + ":" + itoa(from[1]+1) // as the editor numbers its lines
	} else {
		x.Place = f.Path + ":" + x.Place
	}
	return x
}

// articles are those of the text as far as it can be read, with the wording that
// it has where it loads, and that of the rules in force where it does not.
func (t *sentText) articles(p *page) []editorArticle {
	all := []editorArticle{}
	v := *p.viewer
	if b := t.project.Book(); b != nil {
		v.book = b.Rulebook
	}
	for _, path := range t.project.Files() {
		if _, here := t.starts[path]; !here {
			continue
		}
		for _, section := range t.project.Outline(path, p.Lang) {
			for _, regulation := range section.Items {
				if regulation.Kind != editor.Regulation {
					continue
				}
				for _, a := range regulation.Items {
					x := editorArticle{From: t.place(path, a.Range.Start), To: t.place(path, a.Range.End), Heading: strings.TrimSpace(a.Name + " " + a.Detail)}
					if said, ok := v.book.Article(a.Name); ok {
						ref := v.article(a.Name)
						x.Heading, x.Text, x.Note = ref.Name+" "+ref.Title, said.Text.In(p.Lang), said.Note.In(p.Lang)
					}
					all = append(all, x)
				}
			}
		}
	}
	return all
}

type editorEdit struct {
	From [2]int `json:"from"`
	To   [2]int `json:"to"`
	Text string `json:"text"`
}

type editorFix struct {
	Title string       `json:"title"`
	Edits []editorEdit `json:"edits"`
}

// editorFixes are the changes that the remedy of a finding comes to; each was tried.
func (c *Console) editorFixes(r *http.Request, p *page, t *sentText) (any, error) {
	path, offset := t.at(r)
	found, err := t.project.FindingsContext(r.Context())
	if err != nil {
		return nil, err
	}
	idle, err := t.project.UnusedContext(r.Context())
	if err != nil {
		return nil, err
	}
	fixes := []editorFix{}
	for _, f := range append(found, idle...) {
		if f.Path != path || f.Range.Start != offset || f.Code != r.URL.Query().Get("code") {
			continue
		}
		for _, fix := range t.project.Fixes(r.Context(), f) {
			x := editorFix{Title: fix.Title.In(p.Lang)}
			for _, e := range fix.Edits {
				if _, here := t.starts[e.Path]; !here { // another file is not his to change
					x.Edits = nil
					break
				}
				x.Edits = append(x.Edits, editorEdit{t.place(e.Path, e.Range.Start), t.place(e.Path, e.Range.End), e.Text})
			}
			if x.Edits != nil {
				fixes = append(fixes, x)
			}
		}
		break
	}
	return map[string]any{"fixes": fixes}, r.Context().Err()
}

type editorCompletion struct {
	From   [2]int `json:"from"`
	Label  string `json:"label"`
	Kind   string `json:"kind"`
	Detail string `json:"detail"`
	Insert string `json:"insert"`
}

// editorCompletions are what may be written at a place.
func (c *Console) editorCompletions(r *http.Request, p *page, t *sentText) (any, error) {
	path, offset := t.at(r)
	items := []editorCompletion{}
	for _, x := range t.project.Complete(path, offset, p.Lang, date.NewAt(c.now().In(p.viewer.book.Zone))) {
		items = append(items, editorCompletion{t.place(path, x.Range.Start), x.Label, string(x.Kind), x.Detail, x.Insert})
	}
	return map[string]any{"items": items}, nil
}

// editorWords are what the editor says itself, for its script.
func editorWords(lang string) (string, error) {
	t := func(zh, en string) string {
		if ofEngine(lang) == "zh" {
			return zh
		}
		return en
	}
	words := map[string]any{
		"label": t("规则文件", "Rules file"), "error": t("错误", "error"), "warning": t("提醒", "warning"), "jump": t("跳到", "go to"),
		"mend": t("怎么改", "how to mend it"), "trying": t("正在试怎么改……", "trying what mends it…"), "nothing": t("没有可以代劳的改法", "there is no change that can be made for you"),
		"mended": t("已改", "it was changed"), "looking": t("正在检查……", "looking at it…"),
		"away": t("服务器没有回答，稍后自动再看", "the server did not answer; it is looked at again in a moment"), "notTried": t("服务器没有回答，再点一次", "the server did not answer; click once more"),
		"signedOut": t("登录已经过期，检查不了；在另一个标签页登录，再回到这里，所写的都在", "you are signed in no more, and nothing is looked at; sign in on another tab and come back: what you wrote stays here"),
		"forbidden": t("您已不能起草改动，检查不了；所写的可以复制走", "you may not draft changes any more, and nothing is looked at; what you wrote can be copied"),
		"tooLarge":  t("文本太长，检查不了；删去一些", "the text is too long to be looked at; shorten it"),
		"notext":    t("没有写原文", "its text is not given"), "elsewhere": t("光标放到一条规则里，这里就是它的条文。", "Put the cursor into a rule, and its article stands here."),
		"phrases": map[string]string{},
	}
	if ofEngine(lang) == "zh" {
		words["phrases"] = map[string]string{
			"Find": "查找", "Replace": "替换为", "next": "下一处", "previous": "上一处", "all": "全选", "match case": "区分大小写", "regexp": "正则表达式", "by word": "整词", "replace": "替换", "replace all": "全部替换", "close": "关闭",
			"current match": "当前一处", "replaced match on line $": "已替换第 $ 行的一处", "replaced $ matches": "已替换 $ 处", "on line": "在第几行", "Go to line": "跳到行", "go": "跳转",
			"Fold line": "折叠", "Unfold line": "展开", "folded code": "已折叠", "unfold": "展开", "to": "至", "Folded lines": "已折叠的行", "Unfolded lines": "已展开的行", "Control character": "控制字符",
			"Diagnostics": "问题", "No diagnostics": "没有问题", "Completions": "补全", "Selection deleted": "已删除所选",
		}
	}
	data, err := json.Marshal(words)
	return string(data), err
}
