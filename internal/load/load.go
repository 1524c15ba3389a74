package load

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/internal/value"
	"github.com/servicerules/rulebook/policy"
	"github.com/servicerules/rulebook/sla/workday"
)

// Parse reads and checks a rules file, or the text of several that source.Join
// makes. It returns the rulebook and the warnings, or no rulebook and every
// finding: a rulebook is loaded whole or not at all. The name is used in
// findings only.
func Parse(name string, data []byte) (*checked.Book, diagnostic.List) {
	book, found, _ := ParseContext(context.Background(), name, data) // which does not end
	return book, found
}

// ParseContext is Parse, broken off where the context ends: then there are
// neither a rulebook nor findings, and the error is that of the context.
func ParseContext(ctx context.Context, name string, data []byte) (*checked.Book, diagnostic.List, error) {
	sum := sha256.Sum256(data)
	l := &loader{
		broken: map[string]bool{}, unsound: map[*source.Node]bool{}, suspect: map[*source.Node]bool{}, unknown: map[*source.Node]bool{},
		refused: map[*source.Node]bool{}, likeValues: map[*source.Node]string{}, takenFrom: map[diagnostic.Span][]*source.Node{}, notThere: map[diagnostic.Span]*source.Node{}, likes: map[*source.Node]*source.Node{},
		meant: map[*source.Node][]string{}, ofElements: map[*source.Node]bool{}, lost: map[string]bool{}, nameless: map[diagnostic.Span]string{}, unsaid: map[diagnostic.Span]string{}, decides: map[string]bool{}, questionNodes: map[*checked.Question]*source.Node{},
		book: &checked.Book{
			Rulebook:  &policy.Rulebook{SHA256: hex.EncodeToString(sum[:]), FileName: name, Languages: usualLanguages, Wordings: map[string]policy.Text{}, Calendars: map[string]*workday.Calendar{}},
			WordTypes: map[*policy.WordList]*value.Words{}, Relabels: map[*policy.WordList]bool{},
			ArticlesByID: map[string]*policy.Article{}, FactsByName: map[string]*checked.Fact{}, ReadingsByKey: map[string]*checked.Reading{},
			QuestionsByID: map[string]*checked.Question{}, WordsByName: map[string]*policy.WordList{}, RulesByName: map[string]*checked.Rule{},
			CalendarOf: map[*workday.Calendar]policy.Text{}, AsExpression: map[*source.Node]policy.FieldKind{},
		},
	}
	data = slices.Clone(data)
	root := l.compose(name, data)
	if root == nil {
		return nil, l.findings(), nil
	}
	if err := ctx.Err(); err != nil {
		return nil, nil, err
	}
	l.root, l.book.Root = root, root
	l.book.SetSource(data)
	l.book.SetFiles(l.files.parts)
	l.byLeftOut(root)
	l.writeOut(root)
	l.book.SetBase(l.files.extends, l.files.deviations)
	for _, section := range []string{"regulations", "questions"} {
		nestChoices(root.Get(section))
	}
	l.file(root)
	l.checkEditions(ctx)
	if err := ctx.Err(); err != nil { // what was found is not all there is
		return nil, nil, err
	}
	if !l.found.Failed() { // else a mistake may be why
		l.articlesNamed()
		l.verdictWords()
		l.unlabelled()
	}
	found := l.findings()
	if found.Failed() {
		return nil, found, nil
	}
	l.describeValues()
	layOut(l.book)
	l.book.UsualCalendar = l.book.LatestCalendar()
	return l.book, found, nil
}

type loader struct {
	root  *source.Node
	book  *checked.Book
	found diagnostic.List
	files *files                   // that the book is made of
	lines map[string][]string      // of each file, once they are wanted
	rules map[string][]writtenRule // of each file, in its order, once they are wanted
	// broken are the names of what was refused: that something else mentions
	// one of them is no finding of its own.
	broken map[string]bool
	// unsound are the rules and questions that cannot be resolved; suspect
	// those of which only the expressions can be checked.
	unsound, suspect map[*source.Node]bool
	unknown          map[*source.Node]bool // keys that were reported as unknown
	cut              []diagnostic.Span     // numbers that commas have cut into parts
	// refused are choices that are like what they cannot be like; likeValues those
	// that are like a named value, with its name.
	refused    map[*source.Node]bool
	likeValues map[*source.Node]string
	// takenFrom are the texts of other rules in which a name is put in place of
	// another one, by where that is written; notThere the rules that do not have a
	// name that is to be replaced in them; likes what names the rule that one is like.
	takenFrom     map[diagnostic.Span][]*source.Node
	notThere      map[diagnostic.Span]*source.Node
	likes         map[*source.Node]*source.Node
	questionNodes map[*checked.Question]*source.Node
	decides       map[string]bool                      // articles with rules
	currencyTold  bool                                 // that the currency of the rulebook is wrong
	lost          map[string]bool                      // sections that could not be read
	nameless      map[diagnostic.Span]string           // wordings without their name, by the code of what an unknown such name is told as
	units         map[string]bool                      // the names of units, once all rules are read
	types         map[*checked.Value][]*value.Type     // that trials gave values
	verdicts      map[*checked.Question][]*value.Words // likewise, of verdicts
	// unsaid are wordings that do not say their language, with the language that their
	// letters are of; "" where they may be of several.
	unsaid map[diagnostic.Span]string
	// withVerdicts check what names words of verdicts, once these are known.
	withVerdicts []func()
	// quoted are the words of articles that rules quote.
	quoted []quotation
	// articles are ids that stand before the articles themselves.
	articles []*source.Node
	// meant are the keys that an unknown key of a map was probably meant as.
	meant map[*source.Node][]string
	// ofElements are choices that may be by a field of an element of a list, and are
	// written by something else.
	ofElements map[*source.Node]bool

	orders []orderWritten // `not_before` of facts, to be looked up
}

func (l *loader) file(root *source.Node) {
	l.onlyKeys(root, "rulebook", source.Include, source.Extends, "calendars", "words", "facts", "readings", "must", "questions", "promises", "regulations", "review")
	if n := l.required(root, "rulebook"); n != nil {
		l.header(n)
	}
	l.section(root, "calendars", false, l.calendars)
	l.section(root, "words", false, l.wordLists)
	l.section(root, "facts", true, l.factSection)
	l.usualCurrency()
	l.section(root, "must", false, l.musts)
	l.section(root, "readings", false, l.readingSection)
	l.section(root, "regulations", true, l.regulations)
	l.section(root, "questions", true, l.questionSection)
	l.section(root, "promises", false, l.promises)
	l.section(root, "review", false, l.review)
	l.crossReferences()
}

func (l *loader) section(root *source.Node, key string, needed bool, read func(*source.Node)) {
	n := root.Get(key)
	if n == nil {
		if needed {
			l.required(root, key)
		}
		l.lost[key] = needed || slices.Contains(l.meant[root], key)
		return
	}
	if l.isMap(n, policy.Text{ZH: key, EN: key}) {
		read(n)
	} else {
		l.lost[key] = true
	}
}
