package policy

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

// Explanation is the reasons, a line a step.
type Explanation struct {
	ZH []string `json:"zh"`
	EN []string `json:"en"`
}
