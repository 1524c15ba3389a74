import type { Answer } from "./answer.js";
export type * from "./answer.js";

/** Wording by language: "zh" and "en" of what the engine says, those of the rulebook of what it declares. */
export type Text = { [language: string]: string };

/** The texts of files by their names. What is not UTF-8 is for the engine to refuse: give bytes. */
export type Files = { [name: string]: string | Uint8Array };

export interface Position {
  line: number;
  /** Counted in characters, from 1. */
  column: number;
}

export interface Span {
  file?: string;
  start: Position;
  /** Behind the last character. */
  end: Position;
}

/** Something that is wrong with rules, cases or facts. Codes are stable. */
export interface Finding {
  code: string;
  severity: "error" | "warning";
  /** The path of the fact, of one about facts. */
  fact?: string;
  span?: Span;
  message: Text;
  remedy: Text;
  related?: { span: Span; message: Text }[];
}

/** Why a call has no result. Its message is in English. */
export class RulebookError extends Error {
  /** Stable; "stopped" where the engine cannot be called any more. */
  readonly code: string;
  readonly findings: Finding[];
  readonly problem: { code: string; message: Text; remedy?: Text };
  /** What is wrong and what to do, in Chinese ("zh") or English. */
  told(lang: string): string;
}

export interface Checked {
  sound: boolean;
  errors: number;
  warnings: number;
  findings: Finding[];
  /** null where there are errors. */
  rulebook: Summary | null;
}

export interface Summary {
  id: string;
  title: Text;
  languages: string[];
  /** Of its clocks, as "Asia/Shanghai". */
  zone: string;
  /** Of its text. */
  sha256: string;
  /** The first day on which it is in force. */
  from: string;
  /** The last one; null where there is no end. */
  to: string | null;
}

export interface Word {
  word: string;
  label: Text;
}

/** A fact, or a field of one, as a form needs it. */
export interface Fact {
  name: string;
  label: Text;
  note: Text;
  unit: Text;
  type: "moment" | "date" | "month" | "year" | "yes_no" | "count" | "number" | "money" | "name" | "text" | "word" | "article" | "record" | "list";
  /** Of money: its code. */
  currency?: string;
  /** Of a word: those to choose from. */
  words?: Word[];
  /** Of a record. */
  fields?: Fact[];
  /** Of a list. */
  element?: Fact;
  /** Of a list: its order means something. */
  ordered: boolean;
  /** Something that happened: never after the moment of asking. */
  event: boolean;
  /** What it means to leave it out. */
  absent: "unknown" | "none" | "default";
  /** What null means. */
  null: "unknown" | "none" | "default";
  /** As JSON has it. */
  default?: string;
}

export interface Question {
  id: string;
  title: Text;
  facts: Fact[];
  /** Beside "undetermined" and "not_in_scope". */
  verdicts: Word[];
  values: { name: string; label: Text; unit: Text; words?: Word[] }[];
}

export interface Reading {
  key: string;
  article: string;
  asks: Text;
  why: Text;
  /** Whether several options are chosen, separated by commas. */
  several: boolean;
  /** An option that takes an argument has an example of it. */
  options: { option: string; label: Text; parameter?: string }[];
}

/** What a question is asked under. */
export interface Options {
  /** The moment of asking, as 2025-06-09T09:00:00+08:00. Without it the facts may say so in as_of. */
  asOf?: string | Date;
  /** Options of readings by their keys. */
  readings?: { [key: string]: string };
  /** After which allReadings, flips and next end with what they found, and say that it is not complete; 20 where it is not given. */
  seconds?: number;
}

/** Facts by their names, as JSON has them, or their JSON as text. */
export type Facts = { [name: string]: unknown } | string;

export interface ShownArticle {
  id: string;
  label: string;
}

export interface ShownReading {
  key: string;
  asks: string;
  option: string;
  label: string;
}

/** An answer in words, for a page. */
export interface Shown {
  /** bad: something was broken, or nothing could be decided; open: a fact or a decision is missing. */
  tone: "bad" | "open" | "plain";
  /** Its word; "" where nothing could be decided. */
  verdict: string;
  title: string;
  error?: string;
  remedy?: string;
  provisional: boolean;
  /** When the passing of time alone may change the answer. */
  next_change?: string;
  rows: { path: string; label: string; text: string; depth: number }[];
  breaches: { label: string; article: ShownArticle }[];
  liable: { role: string; person: string }[];
  missing: { fact: string; label: string; for: string[] }[];
  decisions: string[];
  steps: { text: string; article: ShownArticle | null; readings: ShownReading[] }[];
  cites: ShownArticle[];
  readings: ShownReading[];
}

/** A reason, and those that it rests on. */
export interface Reason {
  rule?: string;
  article?: string;
  text: string;
  readings: { Key: string; Option: string }[];
  /** How far each comparison is from coming out otherwise. */
  margins: { left: string; relation: string; right: string; zh: string; en: string }[];
  under: Reason[];
  /** Rules that it rests on as well and that are told elsewhere. */
  again: string[];
}

export interface Why {
  answer: Answer;
  why: Reason[];
}

/** What a question comes to under all readings. The first outcome is the answer as it is. */
export interface AllReadings {
  /** Whether the answer is the same under each. */
  holds: boolean;
  complete: boolean;
  tried: number;
  turning: string[];
  steady: string[];
  sampled: string[];
  outcomes: { count: number; under: { [key: string]: string }[]; answer: Answer }[];
}

export interface FactChange {
  fact: string;
  from: unknown;
  to: unknown;
  change: "set" | "remove" | "add";
}

export interface Flip {
  changes: FactChange[];
  under: { [key: string]: string }[];
  verdict: string;
  answer: Answer;
}

/** The nearest changes that give another verdict. */
export interface Flips {
  verdict: string;
  asked: number;
  complete: boolean;
  flips: Flip[];
  readings: Flip[];
}

/** Which missing fact to ask for next, best first. */
export interface Next {
  verdict: string;
  complete: boolean;
  facts: { fact: string; tried: number; decides: number; whole: string[] }[];
  fewest: FactChange[];
  leads_to?: string;
}

export interface Tested {
  passed: number;
  failed: number;
  cases: {
    file: string;
    line: number;
    name: string;
    question: string;
    passed: boolean;
    differences: { field: string; expected: string; got: string; line: number }[];
    explanation?: { [language: string]: string[] };
  }[];
  findings: Finding[];
}

export interface Example {
  name: string;
  question: string;
  facts: { [name: string]: unknown };
  as_of?: string;
  readings: { [key: string]: string };
}

/**
 * A rulebook that was loaded. Calls that have no result are rejected with a RulebookError.
 * Whole numbers of results that JavaScript cannot hold exactly are texts.
 */
export class Book implements Summary {
  readonly id: string;
  readonly title: Text;
  readonly languages: string[];
  readonly zone: string;
  readonly sha256: string;
  readonly from: string;
  readonly to: string | null;
  readonly warnings: Finding[];

  questions(): Promise<{ id: string; title: Text }[]>;
  question(id: string): Promise<Question>;
  /** JSON Schemas of the facts and of the answers. */
  schema(id: string): Promise<{ facts: object; answer: object }>;
  readings(): Promise<Reading[]>;
  articles(): Promise<{ id: string; label: Text }[]>;

  /** The answer; of a type that `rulebook gen typescript` writes, where one is named. */
  ask<A = Answer>(question: string, facts?: Facts, options?: Options): Promise<A>;
  /** The JSON of the answer, byte for byte as the library writes it. */
  askText(question: string, facts?: Facts, options?: Options): Promise<string>;
  /** The answer in words of a language, English where none is named. */
  show(question: string, facts?: Facts, options?: Options & { lang?: string }): Promise<Shown>;
  /** The reasons as a tree. */
  why(question: string, facts?: Facts, options?: Options & { lang?: string }): Promise<Why>;
  allReadings(question: string, facts?: Facts, options?: Options): Promise<AllReadings>;
  flips(question: string, facts?: Facts, options?: Options): Promise<Flips>;
  next(question: string, facts?: Facts, options?: Options): Promise<Next>;

  /** Runs a file of cases. Its name is for findings. */
  cases(text: string | Uint8Array, name?: string): Promise<Tested>;
  /** The cases of a file as something to ask. */
  examples(text: string | Uint8Array, name?: string): Promise<Example[]>;

  /** A time on the clocks of the rulebook's zone, as 2025-06-09T10:00, as a moment of facts. */
  moment(local: string): Promise<string>;
  /** A moment as the clocks of the rulebook's zone show it. */
  localTime(moment: string): Promise<string>;

  /** Gives back its memory. It cannot be asked any more. */
  free(): Promise<void>;
}

/** Runs the library. Books of one engine share its memory. */
export class Engine {
  /**
   * Loads a rulebook: its text, or all its files and the name of the main one, "rules.yaml" where there
   * are several and none is named; without anything, the one that comes with the library. What is not
   * sound is refused with all findings.
   */
  load(files?: string | Uint8Array | Files, main?: string): Promise<Book>;
  /** What is wrong with a rulebook, also with what has no effect. */
  check(files?: string | Uint8Array | Files, main?: string): Promise<Checked>;
  /** Ends the engine. Calls that are under way are rejected. */
  stop(): Promise<void>;
}

/** Starts an engine of its own: in a worker in a page, else here. */
export function start(): Promise<Engine>;
/** Loads a rulebook into an engine that all share. */
export function load(files?: string | Uint8Array | Files, main?: string): Promise<Book>;
/** Checks a rulebook by an engine that all share. */
export function check(files?: string | Uint8Array | Files, main?: string): Promise<Checked>;
