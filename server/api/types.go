package api

import (
	"encoding/json"
	"time"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/review"
	"github.com/servicerules/rulebook/policy"
	"github.com/servicerules/rulebook/server/live"
	"github.com/servicerules/rulebook/server/people"
	"github.com/servicerules/rulebook/server/problem"
)

// The types of what is answered. Clients in Go can decode into them.
type (
	// Answer is the answer to a question: the same bytes as rulebook.Book.Ask
	// gives.
	Answer = policy.AnswerDocument
	// AnswerError says why nothing could be decided.
	AnswerError = policy.AnswerError
	// Breach is a duty that was broken.
	Breach = policy.Breach
	// Liable is who answers for the breaches.
	Liable = policy.Liable
	// MissingFact is a fact that a rule needs.
	MissingFact = policy.MissingFact
	// Decision is something that a person must decide.
	Decision = policy.Decision
	// Explanation is the reasons, a line a step.
	Explanation = policy.Explanation
	// Stamp says which rules gave an answer.
	Stamp = policy.Stamp

	// ErrorLine is a line of ask-many that could not be answered.
	ErrorLine struct {
		Line    int              `json:"line" jsonschema:"number of the line, from 1"`
		Problem problem.Document `json:"problem"`
	}

	// Questions lists the questions.
	Questions struct {
		Questions []QuestionTitle `json:"questions"`
	}
	// QuestionTitle is a question in the list.
	QuestionTitle struct {
		ID    string          `json:"id"`
		Title diagnostic.Text `json:"title"`
	}
	// Question describes a question.
	Question struct {
		ID       string          `json:"id"`
		Title    diagnostic.Text `json:"title"`
		Facts    any             `json:"facts" jsonschema:"JSON Schema of the facts"`
		Answer   any             `json:"answer" jsonschema:"JSON Schema of the answers"`
		Verdicts []Word          `json:"verdicts" jsonschema:"words that the verdict may be, beside undetermined and not_in_scope"`
		Values   []Value         `json:"values"`
	}
	// Word is a word with its label.
	Word = policy.Word
	// Value is a value of an answer.
	Value struct {
		Name  string          `json:"name" jsonschema:"dotted for the field of a record"`
		Label diagnostic.Text `json:"label"`
		Kind  policy.Kind     `json:"kind" jsonschema:"yes_no, count, ratio, duration, moment, date, month, word, name, article, list, record, map or any"`
		Unit  diagnostic.Text `json:"unit,omitzero" jsonschema:"of a number"`
		Words []Word          `json:"words,omitempty"`
	}

	// Articles lists the regulations with their articles.
	Articles struct {
		Regulations []Regulation `json:"regulations"`
	}
	// Regulation is a regulation with its articles and their numbered items.
	Regulation struct {
		ID       string          `json:"id"`
		Title    diagnostic.Text `json:"title"`
		Articles []Article       `json:"articles"`
	}
	// Article is an article or a numbered item of one.
	Article struct {
		ID             string           `json:"id"`
		Nature         string           `json:"nature"`
		Title          diagnostic.Text  `json:"title"`
		Text           *diagnostic.Text `json:"text,omitempty" jsonschema:"a paraphrase"`
		Source         *policy.Source   `json:"source,omitempty" jsonschema:"where the official text is to be read"`
		Note           *diagnostic.Text `json:"note,omitempty"`
		DecidesNothing *diagnostic.Text `json:"decides_nothing,omitempty" jsonschema:"why there is no rule under it"`
		Rules          []Rule           `json:"rules"`
		Readings       []string         `json:"readings" jsonschema:"readings of this article"`
	}
	// Rule is a rule as it is written under an article.
	Rule struct {
		ID    string          `json:"id"`
		Form  string          `json:"form"`
		Label diagnostic.Text `json:"label"`
		Text  string          `json:"text,omitempty" jsonschema:"the rule's lines of the rules file"`
	}

	// Readings lists the readings, undecided ones first.
	Readings struct {
		Readings []Reading `json:"readings"`
	}
	// Reading is a named interpretation of the text with closed options.
	Reading struct {
		Key       string           `json:"key"`
		Article   string           `json:"article"`
		Asks      diagnostic.Text  `json:"asks"`
		Why       *diagnostic.Text `json:"why,omitempty"`
		Several   bool             `json:"several" jsonschema:"whether a set of the options is chosen"`
		Options   []ReadingOption  `json:"options"`
		Chosen    string           `json:"chosen"`
		DecidedBy string           `json:"decided_by,omitempty"`
		DecidedOn string           `json:"decided_on,omitempty"`
		UsedBy    []string         `json:"used_by" jsonschema:"rules in which it chooses something"`
	}
	// ReadingOption is one of the options of a reading.
	ReadingOption struct {
		Option    string          `json:"option"`
		Label     diagnostic.Text `json:"label"`
		Parameter string          `json:"parameter,omitempty" jsonschema:"what stands behind a colon"`
	}

	// Workday is a day counted in working days.
	Workday struct {
		Calendar string `json:"calendar"`
		From     string `json:"from"`
		Days     int    `json:"days"`
		Date     string `json:"date"`
	}

	// Check is what was found in a draft of the rules.
	Check struct {
		OK              bool         `json:"ok" jsonschema:"whether the draft could be used: it loads, and it passes the example cases that rules must pass"`
		SHA256          string       `json:"sha256" jsonschema:"of the draft"`
		Findings        []Finding    `json:"findings"`
		Cases           int          `json:"cases" jsonschema:"example cases that the draft was tried on; 0 where it does not load, or where the server has none"`
		FailedCases     []FailedCase `json:"failed_cases,omitempty" jsonschema:"those that it does not pass"`
		CasesUnreadable bool         `json:"cases_unreadable,omitempty" jsonschema:"whether the example cases could not be tried"`
	}
	// Finding is one of the loader's findings, in the language of the request.
	Finding struct {
		Code      string  `json:"code"`
		Severity  string  `json:"severity"`
		File      string  `json:"file,omitempty" jsonschema:"where it is not the main one: its path from there"`
		Line      int     `json:"line,omitempty"`
		Column    int     `json:"column,omitempty" jsonschema:"in characters, from 1"`
		EndLine   int     `json:"end_line,omitempty"`
		EndColumn int     `json:"end_column,omitempty" jsonschema:"just behind the last character"`
		Message   string  `json:"message"`
		Remedy    string  `json:"remedy,omitempty"`
		Related   []Place `json:"related,omitempty"`
	}
	// Place is another place that helps to understand a finding.
	Place struct {
		File    string `json:"file,omitempty" jsonschema:"where it is not the main one: its path from there"`
		Line    int    `json:"line"`
		Column  int    `json:"column"`
		Message string `json:"message"`
	}

	// Reload is the outcome of an attempt to load the rules.
	Reload struct {
		OK          bool         `json:"ok" jsonschema:"whether the file's rules are in use now"`
		At          time.Time    `json:"at"`
		Source      string       `json:"source"`
		SHA256      string       `json:"sha256,omitempty" jsonschema:"of the text that was tried"`
		Active      string       `json:"active" jsonschema:"SHA-256 of the rules in use"`
		Reason      string       `json:"reason,omitempty" jsonschema:"refused, failed_cases, unsigned or unreadable"`
		Findings    []Finding    `json:"findings,omitempty"`
		FailedCases []FailedCase `json:"failed_cases,omitempty"`
	}
	// FailedCase is an example case that the rules do not pass.
	FailedCase struct {
		File       string   `json:"file"`
		Line       int      `json:"line"`
		Name       string   `json:"name"`
		Mismatches []string `json:"mismatches"`
	}

	// Ready says whether the server does its work.
	Ready struct {
		Status  string  `json:"status" jsonschema:"ready, warning (old rules or old tokens are in use, or not the rules that another server has published) or unavailable (nothing can be put on record)"`
		Cause   string  `json:"cause,omitempty" jsonschema:"why nothing can be put on record: disk_full, locked, read_only, damaged, cannot_open, disk_error, unreachable or other"`
		Detail  string  `json:"detail,omitempty" jsonschema:"what the disk says"`
		Active  string  `json:"active,omitempty" jsonschema:"SHA-256 of the rules in use"`
		Latest  *Reload `json:"latest,omitempty" jsonschema:"with a warning: why the latest rules are not in use"`
		Behind  *Behind `json:"behind,omitempty" jsonschema:"with a warning: rules that another server over the same database has published, and that are not in use here"`
		Records int64   `json:"records,omitempty" jsonschema:"decisions on record"`
	}

	// Behind is why rules that another server has published are not in use.
	Behind struct {
		Change  int64     `json:"change" jsonschema:"that was published"`
		SHA256  string    `json:"sha256" jsonschema:"of its text"`
		Since   time.Time `json:"since"`
		Message string    `json:"message"`
		Remedy  string    `json:"remedy"`
	}

	// Decisions is a page of decisions on record, the latest first.
	Decisions struct {
		Decisions []DecisionTitle `json:"decisions"`
		Next      string          `json:"next,omitempty" jsonschema:"for after=; left out on the last page"`
	}
	// DecisionTitle is a decision in a list.
	DecisionTitle struct {
		ID         string    `json:"id"`
		Hash       string    `json:"hash"`
		RecordedAt time.Time `json:"recorded_at"`
		Question   string    `json:"question"`
		Verdict    string    `json:"verdict,omitempty"`
	}
	// OnRecord is a decision on record. Hash is the SHA-256 of the bytes of
	// Record.
	OnRecord struct {
		ID     string  `json:"id"`
		Hash   string  `json:"hash" jsonschema:"SHA-256 of the bytes of record"`
		Record *Record `json:"record" jsonschema:"null where it was erased"`
		Erased bool    `json:"erased,omitempty" jsonschema:"nothing is left of what it said; its steps tell when and why"`
	}
	// Record is what is kept of a decision.
	Record struct {
		Seq          int64             `json:"seq" jsonschema:"place in the chain, from 1"`
		Salt         string            `json:"salt,omitempty" jsonschema:"random, so that the hash tells nobody what an erased record said"`
		RecordedAt   time.Time         `json:"recorded_at"`
		RecordedBy   *people.Who       `json:"recorded_by,omitempty" jsonschema:"who put it on record; left out where nobody is asked who he is"`
		Question     string            `json:"question"`
		AsOf         *time.Time        `json:"as_of,omitempty" jsonschema:"moment of asking, as given beside the facts or assumed"`
		Assumed      bool              `json:"as_of_assumed,omitempty" jsonschema:"nobody gave a moment of asking: as_of is the server's clock"`
		Readings     map[string]string `json:"readings" jsonschema:"that the caller chose"`
		Facts        map[string]any    `json:"facts" jsonschema:"canonical"`
		FactsAssumed []string          `json:"facts_assumed,omitempty" jsonschema:"paths of what nobody gave: declared values, which facts has, and what is taken for none; records of older programs do not say it"`
		Rulebook     string            `json:"rulebook" jsonschema:"SHA-256 of the rules file"`
		Calendar     string            `json:"calendar" jsonschema:"SHA-256 of the default calendar"`
		Engine       string            `json:"engine"`
		Answer       Answer            `json:"answer"`
		Retry        *Retry            `json:"retry,omitempty" jsonschema:"hashes of the caller's key and request"`
		Previous     string            `json:"previous" jsonschema:"hash of the record before, zeros in the first"`
	}
	// Retry identifies a request that may be repeated.
	Retry struct {
		Key     string `json:"key"`
		Request string `json:"request"`
	}

	// Verified is the result of a verification.
	Verified struct {
		OK      bool     `json:"ok"`
		First   int64    `json:"first"`
		Last    int64    `json:"last"`
		Records int64    `json:"records"`
		Erased  int64    `json:"erased,omitempty" jsonschema:"records of which the hash alone is left"`
		Head    string   `json:"head" jsonschema:"hash of the last record"`
		Damage  []Damage `json:"damage"`
		More    int      `json:"more,omitempty" jsonschema:"damage that is not listed"`
		Took    float64  `json:"took_seconds"`
	}
	// Progress is a line of a verification that goes on.
	Progress struct {
		Done  int64 `json:"done" jsonschema:"records that were looked at; 0 while the file itself is"`
		Total int64 `json:"total"`
	}
	// Damage is something that is not as it was recorded.
	Damage struct {
		Seq    int64  `json:"seq,omitempty"`
		ID     string `json:"id,omitempty"`
		Code   string `json:"code"`
		Detail string `json:"detail"`
	}

	// Review is a month of records judged, as the command line's review
	// --format json prints it.
	Review = review.Report
)

// findingsOf are findings in a text whose main file has that name.
func findingsOf(list diagnostic.List, main, lang string) []Finding {
	all := make([]Finding, 0, len(list))
	for _, d := range list {
		f := Finding{
			Code: d.Code, Severity: string(d.Severity), File: live.FileOf(main, d.Span.File), Line: d.Span.Start.Line, Column: d.Span.Start.Column,
			EndLine: d.Span.End.Line, EndColumn: d.Span.End.Column, Message: d.Message.In(lang), Remedy: d.Remedy.In(lang),
		}
		for _, x := range d.Related {
			f.Related = append(f.Related, Place{live.FileOf(main, x.Span.File), x.Span.Start.Line, x.Span.Start.Column, x.Message.In(lang)})
		}
		all = append(all, f)
	}
	return all
}

func wordsOf(w *policy.WordList) []Word {
	if w == nil {
		return nil
	}
	all := make([]Word, 0, len(w.Words))
	for _, word := range w.Words {
		all = append(all, Word{Word: word, Label: w.Labels[word]})
	}
	return all
}

func optional(t diagnostic.Text) *diagnostic.Text {
	if t.IsZero() {
		return nil
	}
	return &t
}

func marshal(v any) ([]byte, error) {
	data, err := json.Marshal(v)
	return append(data, '\n'), err
}
