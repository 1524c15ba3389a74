package site

import (
	"encoding/json"
	"path"
	"strings"

	"github.com/servicerules/rulebook/internal/bridge"
	"github.com/servicerules/rulebook/policy"
)

// Names of the files with which pages ask. Those with the engine and the rules are
// there only where a site has an engine.
const (
	engineAsset = "engine.js"
	rulesAsset  = "rules.js"
)

// maxExamples is how many cases a form offers to be filled in with.
const maxExamples = 40

// askData is what the page of a question asks with.
type askData struct {
	Question bridge.QuestionInfo `json:"question"`
	Lang     string              `json:"lang"`
	Assets   string              `json:"assets"` // where the engine is, from the page; "" where there is none
	Pages    string              `json:"pages"`  // the pages of the language, from the page
	Examples []askExample        `json:"examples"`
	Places   []askPlace          `json:"places"`
}

// askExample is a case to fill the form in with.
type askExample struct {
	bridge.Example
	Lang string `json:"lang,omitempty"` // of its name, where it is not the page's
}

// askPlace is where a rule that answers the question stands in the rules.
type askPlace struct {
	Label string `json:"label"`
	File  string `json:"file"`
	Line  int    `json:"line"`
}

func (s *speaker) askData(v *questionView) askData {
	data := askData{Lang: s.lang, Pages: "../", Examples: []askExample{}, Places: []askPlace{}}
	q, ok := s.b.Rulebook.Question(v.ID)
	if !ok {
		return data
	}
	data.Question = bridge.DescribeQuestion(q)
	if len(s.engine) == 0 {
		return data
	}
	data.Assets = "../../assets/"
	for _, group := range v.Rules {
		for _, l := range group.Rules {
			for _, r := range s.b.AllRules {
				if ruleAddress(r.ID) == l.Href {
					data.Places = append(data.Places, askPlace{l.Text, fileOf(s.b.Rulebook, r.Span.File), r.Span.Start.Line})
				}
			}
		}
	}
	for _, c := range s.cases {
		if c.ID != v.ID {
			continue
		}
		for _, r := range c.Cases {
			if r.Changed || r.Facts == nil || len(data.Examples) == maxExamples {
				continue
			}
			if _, err := s.book.Check(v.ID, r.Facts); err == nil {
				e := bridge.ExampleOf(s.b.Rulebook, r.Case)
				name := s.ofCase(e.Name)
				e.Name = name.Text
				data.Examples = append(data.Examples, askExample{e, name.Lang})
			}
		}
	}
	return data
}

// mainFile is the name of the main file on pages, which tell no directories.
func mainFile(b *policy.Rulebook) string { return path.Base(strings.ReplaceAll(b.Name(), `\`, "/")) }

// fileOf is the name of a file on pages: below the directory of the main one.
func fileOf(b *policy.Rulebook, name string) string {
	directory := strings.TrimSuffix(strings.ReplaceAll(b.Name(), `\`, "/"), mainFile(b))
	return strings.TrimPrefix(strings.ReplaceAll(name, `\`, "/"), directory)
}

// askAssets are the engine and the rules, as scripts: pages that are opened from a
// disk can read nothing else.
func (b *builder) askAssets(o Options) error {
	if len(o.Engine) == 0 {
		return nil
	}
	type text struct {
		Name string `json:"name"`
		Text string `json:"text"`
	}
	rules := struct {
		Main  string            `json:"main"`
		Files map[string]string `json:"files"`
		Cases []text            `json:"cases"`
	}{mainFile(b.b.Rulebook), map[string]string{}, []text{}}
	for _, f := range b.b.Files() {
		rules.Files[fileOf(b.b.Rulebook, f.Name)] = string(f.Text)
	}
	if len(rules.Files) == 0 {
		rules.Files[rules.Main] = string(b.b.Source())
	}
	for _, f := range o.Cases {
		rules.Cases = append(rules.Cases, text{path.Base(strings.ReplaceAll(f.Name, `\`, "/")), string(f.Text)})
	}
	data, err := json.Marshal(rules)
	if err != nil {
		return err
	}
	b.files["assets/"+rulesAsset] = append(append([]byte("globalThis.rulebookRules = "), data...), ";\n"...)
	b.files["assets/"+engineAsset] = o.Engine
	return nil
}
