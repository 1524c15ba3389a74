// Made from the library: go test ./internal/browser -update. Do not edit.

/** An answer. With an error there is no verdict, and nothing else but the question, the readings that may make a difference, and the rulebook. */
export interface Answer {
  question: string;
  /** why nothing could be decided */
  error?: AnswerError;
  /** a word of the question's list, undetermined or not_in_scope */
  verdict?: string;
  /** the values of the question */
  values?: Record<string, unknown>;
  /** duties that were broken */
  breaches?: Breach[];
  /** who answers for the breaches */
  liable?: Liable[];
  /** facts that a rule needs and nobody gave */
  missing_facts?: MissingFact[];
  /** whether a person must decide something */
  needs_decision?: boolean;
  /** what a person must decide */
  decisions?: Decision[];
  /** whether time alone may change the answer */
  provisional?: boolean;
  /** articles that the answer rests on */
  cites?: string[];
  /** readings that the answer rests on; of an error, those another option of which may lead to something else */
  readings?: Record<string, string>;
  /** rules that applied */
  rules?: string[];
  /** the reasons step by step; with explain=1 */
  explanation?: { [language: string]: string[] };
  rulebook: Stamp;
}

export interface AnswerError {
  code: string;
  fact?: string;
  year?: number;
  message: { [language: string]: string };
  /** what to do about it */
  remedy?: { [language: string]: string };
}

export interface Breach {
  article: string;
  code: string;
  detail?: string;
  rule: string;
  label: { [language: string]: string };
}

export interface Liable {
  role: string;
  person?: string;
}

export interface MissingFact {
  fact: string;
  needed_by: string;
}

export interface Decision {
  code: string;
  rule: string;
  label: { [language: string]: string };
}

export interface Stamp {
  id: string;
  /** first day of the edition */
  edition?: string;
  /** of the rules file */
  sha256: string;
}
