package api

import (
	"net/http"

	"github.com/servicerules/rulebook/internal/table"
	"github.com/servicerules/rulebook/server/people"
	"github.com/servicerules/rulebook/server/problem"
	"github.com/servicerules/rulebook/server/record"
)

const (
	jsonMedia = "application/json"
	textMedia = "text/plain"
	octets    = "application/octet-stream"
)

// noOrYes are the words of a flag.
var noOrYes = []string{"0", "1"}

// operations is all that the interface can do.
func (a *api) operations() []operation {
	asking := []parameter{
		{name: "as_of", doc: "the moment of asking, RFC 3339; the facts may say it instead", schema: aMoment},
		{name: "reading", doc: "another option of a reading, KEY=OPTION", repeated: true, schema: ""},
		{name: "explain", doc: "1: with the explanation in Chinese and English; recorded answers always have it", schema: "", words: noOrYes},
		{name: "record", doc: "1: put the decision on record before it is answered", schema: "", words: noOrYes},
	}
	key := []parameter{{name: "Idempotency-Key", doc: "with record=1: a repeated request returns the first record; of ask-many for each line", schema: ""}}
	changeKey := []parameter{{name: "Idempotency-Key", doc: "a repeated request takes no second step", schema: ""}}
	described := func(status int, doc string, schema any) []answer {
		return []answer{{status, jsonMedia, schema, doc}, {status: http.StatusNotModified, doc: "the rules are those of If-None-Match"}}
	}
	return []operation{
		{
			method: "POST", path: "/v1/questions/{id}/ask", id: "ask", needs: people.Ask, handle: a.ask,
			summary: "Ask a question about one set of facts.", query: asking, headers: key,
			body: []body{{jsonMedia, MaxFacts, map[string]any{}, "the facts, as /v1/questions/{id} describes them", false}},
			answers: []answer{
				{http.StatusOK, jsonMedia, Answer{}, "the answer; with record=1 that of an earlier request with the same key"},
				{http.StatusCreated, jsonMedia, Answer{}, "the answer, on record at Location"},
			},
		},
		{
			method: "POST", path: "/v1/questions/{id}/ask-many", id: "askMany", needs: people.Ask, handle: a.askMany,
			summary: "Ask a question about a stream of facts, a line each; the answers come in the same order. Read while you send.", query: asking, headers: key,
			body: []body{
				{jsonLines, MaxFacts, nil, "facts, one set a line; the limit is that of a line", true},
				{ndjson, MaxFacts, nil, "the same by its other name", true},
			},
			answers: []answer{{http.StatusOK, jsonLines, nil, "a line for each that is not empty: an Answer; with record=1 {decision, hash, answer}, the first two being the id of the record and its SHA-256; {line, problem} where it could not be answered, with the number of the line, from 1"}},
		},
		{
			method: "POST", path: "/v1/questions/{id}/import", id: "importTable", needs: people.Record, handle: a.importing,
			summary: "Ask a question about every row of a table and put the decisions on record: all of them or none, or row by row.",
			query: []parameter{
				asking[0], asking[1],
				{name: "mode", doc: "whole, the default: all rows are put on record together, at most 20,000 of them, or none; lines: those that can be", schema: "", words: []string{modeWhole, modeLines}},
				{name: "check", doc: "1: nothing is put on record", schema: "", words: noOrYes},
				{name: "sheet", doc: "of a workbook with several", schema: ""},
				{name: "encoding", doc: "of text where it is not recognised", schema: "", words: table.Encodings},
				{name: "dates", doc: "day_first or month_first, of dates such as 03/04/2025", schema: "", words: table.DayOrders},
				{name: "local_times", doc: "1: moments without an offset are in the rulebook's zone", schema: "", words: noOrYes},
			},
			headers: []parameter{{name: "Idempotency-Key", doc: "a row with the same id, or in a table without ids the same line, is put on record once under the key", schema: ""}},
			body:    tableBodies(),
			answers: []answer{{http.StatusOK, jsonLines, nil, "ImportLine, a line for each row in the order of the table, and the summary as the last one; where that is missing, the answer was cut off"}},
		},
		{
			method: "GET", path: "/v1/questions", id: "questions", needs: people.ReadRules, handle: a.questions,
			summary: "List the questions.", answers: described(http.StatusOK, "the questions", Questions{}),
		},
		{
			method: "GET", path: "/v1/questions/{id}", id: "question", needs: people.ReadRules, handle: a.question,
			summary: "Describe a question: its facts as JSON Schema, its verdicts and values.", answers: described(http.StatusOK, "the question", Question{}),
		},
		{
			method: "GET", path: "/v1/articles", id: "articles", needs: people.ReadRules, handle: a.articles,
			summary: "List the articles of all regulations, with their rules.", answers: described(http.StatusOK, "the articles", Articles{}),
		},
		{
			method: "GET", path: "/v1/articles/{regulation}/{n}", id: "article", needs: people.ReadRules, handle: a.article,
			summary: "Describe an article, with its rules as they are written.", answers: described(http.StatusOK, "the article", Article{}),
		},
		{
			method: "GET", path: "/v1/readings", id: "readings", needs: people.ReadRules, handle: a.readings,
			summary: "List the readings, undecided ones first.", answers: described(http.StatusOK, "the readings", Readings{}),
		},
		{
			method: "GET", path: "/v1/rules", id: "rules", needs: people.ReadRules, handle: a.rules,
			summary: "The rules file in use; its ETag is its SHA-256.", answers: []answer{
				{http.StatusOK, yaml, nil, "the text"}, {status: http.StatusNotModified, doc: "the rules are those of If-None-Match"},
			},
		},
		{
			method: "GET", path: "/v1/rules/{sha256}", id: "pastRules", needs: people.ReadRules, handle: a.pastRules,
			summary: "The rules file in use, or one that has decided something on record.", answers: []answer{
				{http.StatusOK, yaml, nil, "the text"}, {status: http.StatusNotModified, doc: "the rules are those of If-None-Match"},
			},
		},
		{
			method: "POST", path: "/v1/rules/check", id: "check", needs: people.Draft, handle: a.check,
			summary: "Check a draft of the rules. Nothing is kept of it.",
			body:    []body{{yaml, MaxDraft, nil, "a rules file", false}, {textMedia, MaxDraft, nil, "a rules file", false}},
			answers: []answer{{http.StatusOK, jsonMedia, Check{}, "all findings, in the language of the request"}},
		},
		{
			method: "POST", path: "/v1/rules/reload", id: "reload", needs: people.Operate, handle: a.reload,
			summary: "Load the rules file now, as SIGHUP does.",
			answers: []answer{
				{http.StatusOK, jsonMedia, Reload{}, "its rules are in use"},
				{http.StatusUnprocessableEntity, jsonMedia, Reload{}, "why not; the rules before stay in use"},
			},
		},
		{
			method: "GET", path: "/v1/rules/history", id: "history", needs: people.ReadRules, handle: a.history,
			summary: "The rules that were in force, the latest first, from the first change on.", answers: []answer{{http.StatusOK, jsonMedia, History{}, "the versions"}},
		},
		{
			method: "GET", path: "/v1/changes", id: "changes", needs: people.ReadRules, handle: a.changes,
			summary: "List the changes of the rules, the latest first.",
			query:   []parameter{{name: "open", doc: "1: only those that may still come into force", schema: ""}},
			answers: []answer{{http.StatusOK, jsonMedia, Changes{}, "the changes"}},
		},
		{
			method: "POST", path: "/v1/changes", id: "draftChange", needs: people.Draft, handle: a.draftChange,
			summary: "Begin a change of the rules in force: a draft, which nobody is asked to approve yet.", headers: changeKey,
			query: []parameter{
				{name: "title", doc: "what is changed", schema: ""}, {name: "why", doc: "why; it may be said later, by a step revised", schema: ""},
				{name: "base", doc: "SHA-256 of the rules that the text is a change of; other ones than those in force are refused", schema: ""},
			},
			body:    []body{{yaml, MaxDraft, nil, "the changed rules file, or all of its files as /v1/rules has them", false}, {textMedia, MaxDraft, nil, "the same", false}},
			answers: []answer{{http.StatusOK, jsonMedia, Change{}, "the change of an earlier request with the same key"}, {http.StatusCreated, jsonMedia, Change{}, "the change, at Location"}},
		},
		{
			method: "GET", path: "/v1/changes/{number}", id: "change", needs: people.ReadRules, handle: a.change,
			summary: "A change of the rules, with all that was done about it.", answers: []answer{{http.StatusOK, jsonMedia, Change{}, "the change"}},
		},
		{
			method: "GET", path: "/v1/changes/{number}/text", id: "changeText", needs: people.ReadRules, handle: a.changeText,
			summary: "The rules that a change makes; their ETag is their SHA-256.", answers: []answer{
				{http.StatusOK, yaml, nil, "the text"}, {status: http.StatusNotModified, doc: "the rules are those of If-None-Match"},
			},
		},
		{
			method: "POST", path: "/v1/changes/{number}/text", id: "reviseChange", needs: people.Draft, handle: a.reviseText,
			summary: "Give a change another text. It is a draft again, whatever it was.", headers: changeKey,
			query: []parameter{
				{name: "base", doc: "SHA-256 of the rules in force, where the text is a change of them now", schema: ""},
				{name: "seen", doc: "latest as it was looked at: where somebody took a step meanwhile, this one is refused", schema: 0},
			},
			body:    []body{{yaml, MaxDraft, nil, "the changed rules file", false}, {textMedia, MaxDraft, nil, "the same", false}},
			answers: []answer{{http.StatusOK, jsonMedia, Change{}, "the change"}},
		},
		{
			method: "POST", path: "/v1/changes/{number}/steps", id: "takeChangeStep", needs: people.ReadRules, handle: a.takeChange,
			summary: "Propose, approve, refuse, publish, schedule or withdraw a change. To revise, propose and withdraw takes the permission draft, the rest approve; who had a hand in a change does not approve it.", headers: changeKey,
			body:    []body{{jsonMedia, maxChangeStep, ChangeToTake{}, "the step", false}},
			answers: []answer{{http.StatusOK, jsonMedia, Change{}, "the change with the step"}},
		},
		{
			method: "GET", path: "/v1/changes/{number}/shadow", id: "besideChange", needs: people.SeeRecords, handle: a.beside,
			summary: "What a change in shadow makes of what was put on record meanwhile, compared with what was decided. It is found out as it is asked for, for two seconds at most.",
			answers: []answer{{http.StatusOK, jsonMedia, Beside{}, "what differs, as far as it is known"}},
		},
		{
			method: "GET", path: "/v1/changes/{number}/study", id: "studyChange", needs: people.ReadRules, handle: a.study,
			summary: "What a change says otherwise, whether check and cases find fault with it, and what it would have made of what is on record. It is found out in the background: ask again until the stage is done.",
			answers: []answer{{http.StatusOK, jsonMedia, Study{}, "what is known so far"}},
		},
		{
			method: "GET", path: "/v1/calendar/add", id: "addDays", needs: people.ReadRules, handle: a.addDays,
			summary: "The working day that is a number of working days after a date, which is not counted itself.",
			query: []parameter{
				{name: "from", doc: "a date, YYYY-MM-DD", schema: ""}, {name: "days", doc: "how many; negative to count backwards", schema: 0},
				{name: "calendar", doc: "a calendar of the rulebook; by default the one that it uses itself", schema: ""},
			},
			answers: described(http.StatusOK, "the day", Workday{}),
		},
		{
			method: "POST", path: "/v1/review", id: "review", needs: people.Ask, handle: a.month,
			summary: "Review a month of records, as the command line's review does.",
			body: []body{
				{multipartMedia, MaxReview, nil, "CSV tables as in examples/data, review.yaml, and the fields month, period and as_of", false},
				{jsonMedia, MaxReview, MonthOfRecords{}, "the records as JSON", false},
			},
			answers: []answer{
				{http.StatusOK, jsonMedia, Review{}, "the review; what could not be read of the tables is in its findings"},
				{http.StatusOK, textMedia, nil, "the review for people, where Accept prefers text/plain"},
			},
		},
		{
			method: "POST", path: "/v1/months", id: "keepMonth", needs: people.Record, handle: a.keepMonth,
			summary: "Keep the tables of a month from a source. The same files of the same month and source are kept once.",
			query: []parameter{
				{name: "source", doc: "the department or the hall that they are of", schema: ""}, {name: "month", doc: "YYYY-MM, where the tables do not say it", schema: ""},
				{name: "reason", doc: "why they take the place of others of the same month and source", schema: ""},
			},
			body:    []body{{multipartMedia, MaxReview, nil, "the tables as files, as for /v1/review", false}},
			answers: []answer{{http.StatusOK, jsonMedia, KeptMonth{}, "they were kept already"}, {http.StatusCreated, jsonMedia, KeptMonth{}, "they are kept"}},
		},
		{
			method: "GET", path: "/v1/months", id: "keptMonths", needs: people.SeeRecords, handle: a.keptMonths,
			summary: "List the tables that are kept, the latest month first.", answers: []answer{{http.StatusOK, jsonMedia, KeptMonths{}, "all of them, without their files"}},
		},
		{
			method: "GET", path: "/v1/months/{number}", id: "keptMonth", needs: people.SeeRecords, handle: a.keptMonth,
			summary: "Tables that are kept, with their files.", answers: []answer{{http.StatusOK, jsonMedia, KeptMonth{}, "the tables"}},
		},
		{
			method: "POST", path: "/v1/months/{number}/erasure", id: "eraseMonth", needs: people.Erase, handle: a.eraseMonth,
			summary: "Erase the files of tables that are kept. What was counted in them stays. Nothing brings them back.",
			body:    []body{{jsonMedia, MaxFacts, MonthErasure{}, "why", false}},
			answers: []answer{{http.StatusOK, jsonMedia, KeptMonth{}, "the tables, without their files"}},
		},
		{
			method: "GET", path: "/v1/months/{number}/files/{name}", id: "keptFile", needs: people.Export, handle: a.keptFile,
			summary: "A table that is kept, as it was sent.", answers: []answer{{http.StatusOK, octets, nil, "the file"}},
		},
		{
			method: "GET", path: "/v1/decisions", id: "decisions", needs: people.SeeRecords, handle: a.decisions,
			summary: "Search the decisions on record, the latest first.",
			query: []parameter{
				{name: "question", doc: "its id", schema: ""}, {name: "verdict", doc: "a word", schema: ""},
				{name: "from", doc: "recorded at or after, RFC 3339", schema: aMoment}, {name: "to", doc: "recorded before, RFC 3339", schema: aMoment},
				{name: "after", doc: "next of the page before", schema: ""}, {name: "limit", doc: "decisions of a page, at most 1000; 50 by default", schema: 0},
			},
			answers: []answer{{http.StatusOK, jsonMedia, Decisions{}, "a page"}},
		},
		{
			method: "GET", path: "/v1/decisions/{id}", id: "decision", needs: people.SeePersonal, handle: a.decision,
			summary: "A decision on record, with the bytes that its hash is of.", answers: []answer{{http.StatusOK, jsonMedia, OnRecord{}, "the decision"}},
		},
		{
			method: "GET", path: "/v1/decisions/{id}/steps", id: "steps", needs: people.SeePersonal, handle: a.steps,
			summary: "What was done about a decision on record, and what should be done before a person decides.", answers: []answer{{http.StatusOK, jsonMedia, Procedure{}, "steps, and what comes before a decision"}},
		},
		{
			method: "POST", path: "/v1/decisions/{id}/steps", id: "takeStep", needs: people.Note, handle: a.takeStep,
			summary: "Put a step on record: what is known of a hearing, a decision, an objection, a correction, a withdrawal. A decision, a correction and a withdrawal take the permission decide.",
			headers: []parameter{{name: "Idempotency-Key", doc: "a repeated request returns the first step", schema: ""}},
			body:    []body{{jsonMedia, MaxFacts, StepToTake{}, "the step", false}},
			answers: []answer{{http.StatusOK, jsonMedia, Step{}, "the step of an earlier request with the same key"}, {http.StatusCreated, jsonMedia, Step{}, "the step, on record"}},
		},
		{
			method: "POST", path: "/v1/decisions/{id}/erasure", id: "erase", needs: people.Erase, handle: a.erase,
			summary: "Erase what a decision on record, and the steps about it, say: facts, answer, names, reasons. Its question, verdict, time and hash stay, and the chain is verified still. Nothing brings it back.",
			body:    []body{{jsonMedia, MaxFacts, Erasure{}, "why", false}},
			answers: []answer{{http.StatusOK, jsonMedia, Step{}, "the step that says so; of a record that was erased before, the one of that time"}},
		},
		{
			method: "GET", path: "/v1/decisions/export", id: "export", needs: people.Export, handle: a.export,
			summary: "Decisions on record in the order of the chain, a line each, as /v1/decisions/{id} gives them.",
			query:   []parameter{{name: "first", doc: "place of the first, from 1", schema: 0}, {name: "last", doc: "place of the last", schema: 0}},
			answers: []answer{{http.StatusOK, jsonLines, nil, "OnRecord, a line each"}},
		},
		{
			method: "POST", path: "/v1/decisions/verify", id: "verify", needs: people.Verify, handle: a.verify,
			summary: "Walk the chain, or a stretch of it, and derive every decision again with the rules of its time.",
			query: []parameter{
				{name: "first", doc: "place of the first, from 1", schema: 0}, {name: "last", doc: "place of the last", schema: 0},
				{name: "head", doc: "hash that the last must have, as noted elsewhere: shows whether records were cut off", schema: ""},
			},
			answers: []answer{
				{http.StatusOK, jsonMedia, Verified{}, "the result, also where damage was found; while it is worked on, blank lines come before it"},
				{http.StatusOK, jsonLines, nil, "where Accept prefers it: lines of Progress while it is worked on, and the result as the last line"},
			},
		},
		{
			method: "GET", path: "/v1/events", id: "events", needs: people.SeeRecords, handle: a.events,
			summary: "What happened: decisions and steps on record, what is due soon or overdue, new rules. In order, each at least once, from a cursor on.",
			query: []parameter{
				{name: "after", doc: "next of the answer before; now for what comes from now on; without it, all from the beginning", schema: ""},
				{name: "type", doc: "events of this type only", repeated: true, schema: "", words: record.EventTypes},
				{name: "limit", doc: "events of an answer, at most 1000; 100 by default", schema: 0},
				{name: "wait", doc: "seconds, at most 50, to wait where nothing has happened", schema: 0},
			},
			headers: []parameter{{name: "Last-Event-ID", doc: "of a stream: the id of the last event", schema: ""}},
			answers: []answer{
				{http.StatusOK, jsonMedia, Events{}, "events"},
				{http.StatusOK, eventStream, nil, "where Accept prefers it: events as they happen, each with the cursor behind it as its id"},
			},
		},
		{
			method: "GET", path: "/v1/webhooks", id: "webhooks", needs: people.Operate, handle: a.webhooks,
			summary: "List the webhooks, and how far each has come.", answers: []answer{{http.StatusOK, jsonMedia, Webhooks{}, "the webhooks"}},
		},
		{
			method: "POST", path: "/v1/webhooks", id: "addWebhook", needs: people.Operate, handle: a.addWebhook,
			summary: "Have events sent to an address: signed as Standard Webhooks has it, in order, each at least once.",
			body:    []body{{jsonMedia, MaxFacts, WebhookToAdd{}, "the webhook", false}},
			answers: []answer{{http.StatusCreated, jsonMedia, NewWebhook{}, "the webhook with its secret, which is shown this once"}},
		},
		{
			method: "GET", path: "/v1/webhooks/{name}", id: "webhook", needs: people.Operate, handle: a.webhook,
			summary: "A webhook, and how far it has come.", answers: []answer{{http.StatusOK, jsonMedia, Webhook{}, "the webhook"}},
		},
		{
			method: "DELETE", path: "/v1/webhooks/{name}", id: "removeWebhook", needs: people.Operate, handle: a.removeWebhook,
			summary: "Take a webhook away.", answers: []answer{{status: http.StatusNoContent, doc: "it is gone"}},
		},
		{
			method: "POST", path: "/v1/webhooks/{name}/resume", id: "resumeWebhook", needs: people.Operate, handle: a.resumeWebhook,
			summary: "Have a webhook that is stopped, or waits, tried again at once.", answers: []answer{{http.StatusOK, jsonMedia, Webhook{}, "the webhook"}},
		},
		{
			method: "POST", path: "/v1/webhooks/{name}/rotation", id: "rotateWebhook", needs: people.Operate, handle: a.rotateWebhook,
			summary: "Give a webhook another secret. What is sent is signed by the one before, too, for a while.",
			body:    []body{{jsonMedia, MaxFacts, WebhookRotation{}, "for how long", false}},
			answers: []answer{{http.StatusOK, jsonMedia, NewWebhook{}, "the webhook with its new secret, which is shown this once"}},
		},
		{
			method: "GET", path: "/openapi.json", id: "openapi", needs: people.Known, handle: a.openAPI,
			summary: "This description.", answers: []answer{{http.StatusOK, jsonMedia, map[string]any{}, "OpenAPI 3.1"}},
		},
		{
			method: "GET", path: "/healthz", id: "healthy", needs: people.Anybody, handle: a.healthy,
			summary: "Whether the server runs.", answers: []answer{{http.StatusOK, jsonMedia, map[string]string{}, "it does"}},
		},
		{
			method: "GET", path: "/readyz", id: "ready", needs: people.Anybody, handle: a.ready,
			summary: "Whether the server does its work. Who shows a token learns more.",
			answers: []answer{
				{http.StatusOK, jsonMedia, Ready{}, "it does; with a warning where it answers by old rules or takes old tokens"},
				{http.StatusServiceUnavailable, jsonMedia, Ready{}, "nothing can be put on record"},
			},
		},
		{
			method: "GET", path: "/metrics", id: "metrics", needs: people.Operate, handle: a.metrics,
			summary: "Metrics for Prometheus.", answers: []answer{{http.StatusOK, textMedia, nil, "Prometheus text"}},
		},
	}
}

func (a *api) metrics(w http.ResponseWriter, r *http.Request) error {
	if a.options.Metrics == nil {
		return problem.New(http.StatusNotFound, "no_metrics", problem.Text{ZH: "没有开启指标", EN: "there are no metrics"},
			problem.Text{ZH: "由嵌入本接口的程序提供", EN: "the program that embeds the interface has to provide them"})
	}
	a.options.Metrics.ServeHTTP(w, r)
	return nil
}
