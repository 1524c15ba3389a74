package policy

import (
	"encoding/json"
	"maps"
)

// AnswerDocument is the JSON of an answer, for who reads it: what
// [Answer.AppendJSON] writes can be decoded into it. Descriptions for other
// languages are made from it. With an Error there is no verdict, and nothing
// else but the question, the readings that may make a difference, and the
// rulebook. Fields that were not asked for are zero.
type AnswerDocument struct {
	Question      string            `json:"question"`
	Error         *AnswerError      `json:"error,omitempty" jsonschema:"why nothing could be decided"`
	Verdict       string            `json:"verdict,omitempty" jsonschema:"a word of the question's list, undetermined or not_in_scope"`
	Values        map[string]any    `json:"values,omitempty" jsonschema:"the values of the question"`
	Breaches      []Breach          `json:"breaches,omitempty" jsonschema:"duties that were broken"`
	Liable        []Liable          `json:"liable,omitempty" jsonschema:"who answers for the breaches"`
	MissingFacts  []MissingFact     `json:"missing_facts,omitempty" jsonschema:"facts that a rule needs and nobody gave"`
	NeedsDecision bool              `json:"needs_decision,omitempty" jsonschema:"whether a person must decide something"`
	Decisions     []Decision        `json:"decisions,omitempty" jsonschema:"what a person must decide"`
	Provisional   bool              `json:"provisional,omitempty" jsonschema:"whether time alone may change the answer"`
	Cites         []string          `json:"cites,omitempty" jsonschema:"articles that the answer rests on"`
	Readings      map[string]string `json:"readings,omitempty" jsonschema:"readings that the answer rests on; of an error, those another option of which may lead to something else"`
	Rules         []string          `json:"rules,omitempty" jsonschema:"rules that applied"`
	Explanation   *Explanation      `json:"explanation,omitempty" jsonschema:"the reasons step by step; with explain=1"`
	Rulebook      Stamp             `json:"rulebook"`
}

// Explanation is the reasons, a line a step, in the languages of the rulebook.
type Explanation struct {
	ZH []string `json:"zh"`
	EN []string `json:"en"`
	// Other has those in other languages than Chinese and English; nil where
	// there are none.
	Other map[string][]string `json:"-"`
}

// Set notes the lines in a language.
func (e *Explanation) Set(lang string, lines []string) {
	switch lang {
	case "zh":
		e.ZH = lines
	case "en":
		e.EN = lines
	default:
		if e.Other == nil {
			e.Other = map[string][]string{}
		}
		e.Other[lang] = lines
	}
}

// MarshalJSON writes it by language, as answers do.
func (e Explanation) MarshalJSON() ([]byte, error) {
	all := maps.Clone(e.Other)
	if len(e.Other) == 0 { // also where both are empty
		return json.Marshal(struct {
			ZH *[]string `json:"zh,omitempty"`
			EN *[]string `json:"en,omitempty"`
		}{given(e.ZH, e.EN), given(e.EN, e.ZH)})
	}
	for lang, lines := range map[string][]string{"zh": e.ZH, "en": e.EN} {
		if lines != nil {
			all[lang] = lines
		}
	}
	return json.Marshal(all)
}

// given are lines that are left out where there are only those in the other
// language.
func given(lines, other []string) *[]string {
	if lines == nil && other != nil {
		return nil
	}
	return &lines
}

// UnmarshalJSON reads what answers write.
func (e *Explanation) UnmarshalJSON(data []byte) error {
	var all map[string][]string
	if err := json.Unmarshal(data, &all); err != nil {
		return err
	}
	*e = Explanation{ZH: all["zh"], EN: all["en"]}
	delete(all, "zh")
	delete(all, "en")
	if len(all) > 0 {
		e.Other = all
	}
	return nil
}
