package api

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/review"
	"github.com/servicerules/rulebook/internal/table"
	"github.com/servicerules/rulebook/policy"
	"github.com/servicerules/rulebook/server/changing"
	"github.com/servicerules/rulebook/server/internal/spool"
	"github.com/servicerules/rulebook/server/internal/tables"
	"github.com/servicerules/rulebook/server/problem"
	"github.com/servicerules/rulebook/server/record"
	"github.com/servicerules/rulebook/server/service"
)

// problemOf says what an error means to the caller.
func (a *api) problemOf(err error) *problem.Problem {
	var already *problem.Problem
	var question *policy.UnknownQuestionError
	var reading *policy.ReadingError
	var twice *service.SettingTwiceError
	var notDurable *record.NotDurableError
	var findings diagnostic.List
	var future *service.FutureError
	var undecided *service.NotDecidedError
	var disk *spool.DiskError
	var step *service.StepRefusedError
	var change *changing.RefusedError
	var sent *tables.Error
	var row *table.RowError
	var header *tables.HeaderError
	var rows *service.TooManyRowsError
	var unkept *service.KeepRefusedError
	var there *record.ReplacedError
	switch {
	case errors.As(err, &already):
		return already
	case errors.As(err, &unkept):
		return problem.New(http.StatusUnprocessableEntity, unkept.Code, unkept.Message, unkept.Remedy)
	case errors.As(err, &there):
		message, remedy := service.KeptAlready(there)
		p := problem.New(http.StatusConflict, "kept_already", message, remedy)
		p.Parameter = "reason"
		return p
	case errors.As(err, &sent):
		return ofSent(sent)
	case errors.As(err, &row):
		p := ofTable(row.Problem)
		p.Line = row.Line
		return p
	case errors.As(err, &header):
		p := several(header.Problems, ofTable)
		p.Line = header.Line
		return p
	case errors.As(err, &rows):
		return problem.New(http.StatusRequestEntityTooLarge, "too_many_rows", problem.Textf("超过 %d 行，不能一起记录", "more than %d rows cannot be put on record together", rows.Most),
			problem.Text{ZH: "分成几个表，或写 mode=lines 逐行记录", EN: "split the table, or write mode=lines to have its rows recorded one by one"})
	case errors.As(err, &step):
		return ofStep(step)
	case errors.As(err, &change):
		return ofChange(change)
	case errors.Is(err, changing.ErrNotFound):
		return problem.New(http.StatusNotFound, "unknown_change", problem.Text{ZH: "没有这份改动", EN: "there is no such change of the rules"}, problem.Text{ZH: "全部改动见 /v1/changes", EN: "/v1/changes lists them all"})
	case errors.As(err, &undecided):
		return ofUndecided(undecided)
	case len(policy.RefusedFacts(err)) > 0:
		return several(policy.RefusedFacts(err), ofFact)
	case errors.As(err, &question):
		return problem.New(http.StatusNotFound, "unknown_question", problem.Text{ZH: "没有这个问题", EN: "there is no such question"},
			a.nearestQuestion(question.Question))
	case errors.As(err, &reading):
		return ofReading(reading)
	case errors.As(err, &twice):
		return badParameter("reading", problem.Textf("读法 %s 选了两次", "the reading %s is chosen twice", twice.Key), problem.Text{ZH: "只选一次", EN: "choose it once"})
	case errors.Is(err, record.ErrNotFound):
		return problem.New(http.StatusNotFound, "unknown_decision", problem.Text{ZH: "没有这份判定记录", EN: "there is no such decision on record"},
			problem.Text{ZH: "在 /v1/decisions 查找", EN: "look for it at /v1/decisions"})
	case errors.As(err, &future):
		return ofFuture(future)
	case errors.Is(err, record.ErrKeyReused):
		p := problem.New(http.StatusUnprocessableEntity, "key_reused",
			problem.Text{ZH: "这个 Idempotency-Key 已用于另一请求", EN: "the Idempotency-Key belongs to another request"},
			problem.Text{ZH: "每个新请求用一个新的键", EN: "use a new key for a new request"})
		p.Parameter = "Idempotency-Key"
		return p
	case errors.As(err, &notDurable):
		return later("not_on_record", "没有写入记录", "it could not be put on record")
	case errors.Is(err, record.ErrErased):
		return gone()
	case service.LogBusy(err):
		p := later("log_busy", "已抹去，但另一程序正读着记录文件，旧内容还可能留在它的日志里", "it was erased, and may still stand in the log of the file, which another program reads")
		p.Remedy = problem.Text{ZH: "等备份等程序结束，再发一次", EN: "let that program, such as a backup, end, and send it once more"}
		return p
	case errors.Is(err, record.ErrClosed):
		return later("stopping", "服务正在停止", "the server is stopping")
	case errors.Is(err, service.ErrCrowded), errors.Is(err, spool.ErrFull):
		p := problem.New(http.StatusTooManyRequests, "busy", problem.Text{ZH: "同时接收或审查的表太多", EN: "too many tables are being received or reviewed at once"},
			problem.Text{ZH: "稍后再送", EN: "send them again later"})
		p.RetryAfter = crowdedTime
		return p
	case errors.As(err, &disk):
		return later("no_room", "服务器没有存放表的地方", "the server has no room to keep the tables in")
	case errors.Is(err, review.ErrTooLarge):
		return problem.New(http.StatusRequestEntityTooLarge, "too_large",
			problem.Text{ZH: "这些表太大，不能一起审查", EN: "the tables are too large to be reviewed together"},
			problem.Text{ZH: "按月、按部门或按表分批发送；或用命令行 rulebook review", EN: "send them by month, by unit or table by table, or use the command line's rulebook review"})
	case errors.Is(err, service.ErrBusy):
		return later("busy", "同时提问太多", "too much is being asked at once")
	case errors.Is(err, review.ErrNoReview):
		return problem.New(http.StatusUnprocessableEntity, "nothing_to_review", problem.Text{ZH: "规则文件没有说审查什么", EN: "the rules file does not say what to review"},
			problem.Text{ZH: "在规则文件里写上 review 一节", EN: "add a section review to the rules file"})
	case errors.As(err, &findings) && len(findings) > 0:
		d := findings[0]
		p := problem.New(http.StatusUnprocessableEntity, d.Code, d.Message, d.Remedy)
		p.Line, p.Column = d.Span.Start.Line, d.Span.Start.Column
		return p
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return later("cut_short", "请求中断", "the request was cut short")
	case record.Unreachable(err):
		return later("store_unreachable", "现在连不上存放记录的数据库", "the database of what is on record cannot be reached now")
	}
	return problem.New(http.StatusInternalServerError, "internal", problem.Text{ZH: "服务器内部出错", EN: "something went wrong in the server"},
		problem.Text{ZH: "把 request_id 告诉管理员", EN: "tell the operator the request_id"})
}

// crowdedTime is when a review may be tried again.
const crowdedTime = 10 * time.Second

func later(code, zh, en string) *problem.Problem {
	p := problem.New(http.StatusServiceUnavailable, code, problem.Text{ZH: zh, EN: en}, problem.Text{ZH: "稍后再试", EN: "try again later"})
	p.RetryAfter = time.Second
	return p
}

// together is the first of several problems, with all of them.
func together(all []*problem.Problem) *problem.Problem {
	if len(all) > 1 {
		all[0].All = all
	}
	return all[0]
}

// apart are the problems that one of them has together.
func apart(p *problem.Problem) []*problem.Problem {
	if len(p.All) > 0 {
		return p.All
	}
	return []*problem.Problem{p}
}

// several are the problems that errors are, together.
func several[E any](errs []E, of func(E) *problem.Problem) *problem.Problem {
	all := make([]*problem.Problem, len(errs))
	for i, e := range errs {
		all[i] = of(e)
	}
	return together(all)
}

// ofFact is the refusal of a fact, without anything of what was given.
func ofFact(e *policy.FactError) *problem.Problem {
	d := e.Discreet()
	status := http.StatusUnprocessableEntity
	switch d.Code {
	case "json_syntax", "not_utf8", "duplicate_key", "too_deep":
		status = http.StatusBadRequest
	case "too_large":
		status = http.StatusRequestEntityTooLarge
	}
	p := problem.New(status, d.Code, d.Message, d.Remedy)
	p.Fact, p.Line, p.Column = d.Fact, d.Span.Start.Line, d.Span.Start.Column
	return p
}

// ofFuture is the refusal to record what has not happened yet.
func ofFuture(e *service.FutureError) *problem.Problem {
	p := problem.New(http.StatusUnprocessableEntity, "in_future", e.Message(), e.Remedy())
	p.Fact = e.Fact
	return p
}

// ofUndecided is the refusal to put on record what was not decided. The reason
// is the engine's, which names facts and not who they are about.
func ofUndecided(e *service.NotDecidedError) *problem.Problem {
	why := e.Answer.Failure()
	p := problem.New(http.StatusUnprocessableEntity, "not_decided",
		problem.Text{ZH: "没有判定，未作记录：" + why.Message.ZH, EN: "nothing was decided, and nothing is on record: " + why.Message.EN},
		problem.Text{ZH: "改正事实后再记录；不带 record=1 提问可得到完整答案", EN: "correct the facts and record again; asked without record=1, the whole answer comes back"})
	p.Fact = why.Fact
	return p
}

func ofReading(e *policy.ReadingError) *problem.Problem {
	p := problem.New(http.StatusUnprocessableEntity, "unknown_reading", problem.Text{ZH: "没有这个读法或选项", EN: "there is no such reading or option"}, e.Remedy)
	p.Parameter = "reading"
	return p
}

func (a *api) nearestQuestion(id string) problem.Text {
	ids := a.Rules.Current().Book.Rulebook().QuestionIDs()
	remedy := problem.Text{ZH: "全部问题见 /v1/questions", EN: "/v1/questions lists them all"}
	if near := diagnostic.Nearest(id, ids); near != "" {
		remedy = problem.Textf("是否指 %s？全部问题见 /v1/questions", "did you mean %s? /v1/questions lists them all", near)
	}
	return remedy
}

func nearest(word string, known []string) problem.Text {
	list := strings.Join(known, ", ")
	if near := diagnostic.Nearest(word, known); near != "" {
		return problem.Textf("是否指 %s？", "did you mean %s?", near)
	}
	return problem.Textf("可写：%s", "allowed: %s", list)
}

// ofSent is the refusal of files.
func ofSent(e *tables.Error) *problem.Problem {
	status := http.StatusUnprocessableEntity
	if e.Code == "too_large" {
		status = http.StatusRequestEntityTooLarge
	}
	return problem.New(status, e.Code, e.Message, e.Remedy)
}
