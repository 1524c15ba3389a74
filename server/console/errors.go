package console

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"

	"github.com/servicerules/rulebook/policy"
	"github.com/servicerules/rulebook/server/changing"
	"github.com/servicerules/rulebook/server/door"
	"github.com/servicerules/rulebook/server/internal/spool"
	"github.com/servicerules/rulebook/server/problem"
	"github.com/servicerules/rulebook/server/record"
	"github.com/servicerules/rulebook/server/service"
)

// message is a page that says what went wrong and what to do.
type message struct{ Text, Remedy string }

// refused is a message of the door.
type refused struct {
	message
	Request string // names the request in the log
	Again   bool   // the same address may work in a moment
	SignIn  bool   // a form was sent after the session was over: signed in elsewhere, it can be sent again
}

// failed turns the page into one that tells of an error. What an error says
// itself may hold facts and is not shown; what nobody foresaw is logged by its
// kind.
func (c *Console) failed(r *http.Request, p *page, err error) int {
	status, m := p.failure(err)
	if status == http.StatusInternalServerError {
		c.log.Error("page failed", "route", r.Pattern, "err", kindOf(err))
	}
	p.Name, p.Title, p.Form, p.Data = "message.html", m.Text, "", m
	return status
}

func (p *page) failure(err error) (int, message) {
	var question *policy.UnknownQuestionError
	var reading *policy.ReadingError
	var large *http.MaxBytesError
	var durable *record.NotDurableError
	var future *service.FutureError
	var disk *spool.DiskError
	var refusal *problem.Problem
	switch {
	case errors.As(err, &refusal):
		return refusal.Status, message{sentence(refusal.Title.In(p.Lang)), sentence(refusal.Remedy.In(p.Lang))}
	case errors.As(err, &question):
		return http.StatusNotFound, message{p.pick("没有这个问题", "there is no such question"), question.Remedy.In(p.Lang)}
	case errors.Is(err, changing.ErrNotFound):
		return http.StatusNotFound, message{p.pick("没有这份改动或这个版本", "there is no such change, or no such version of the rules"), p.pick("从“规则”页继续", "go on from the page of the rules")}
	case errors.As(err, &reading):
		return http.StatusUnprocessableEntity, message{p.pick("没有这种读法", "there is no such reading"), reading.Remedy.In(p.Lang)}
	case errors.As(err, &future):
		return http.StatusUnprocessableEntity, message{future.Message().In(p.Lang), future.Remedy().In(p.Lang)}
	case errors.Is(err, service.ErrCrowded), errors.Is(err, spool.ErrFull):
		return http.StatusTooManyRequests, message{p.pick("同时接收或审查的表太多", "too many tables are being received or reviewed at once"), p.pick("稍后再上传", "upload them again in a moment")}
	case errors.As(err, &disk):
		return http.StatusServiceUnavailable, message{p.pick("服务器没有存放表的地方", "the server has no room to keep the tables in"), p.pick("稍后再试，或告诉管理员", "try again later, or tell the operator")}
	case errors.Is(err, door.ErrCrowded):
		crowded := door.Crowded()
		return crowded.Status, message{crowded.Title.In(p.Lang), crowded.Remedy.In(p.Lang)}
	case errors.Is(err, os.ErrDeadlineExceeded):
		slow := door.TooSlow()
		return slow.Status, message{slow.Title.In(p.Lang), slow.Remedy.In(p.Lang)}
	case errors.Is(err, io.ErrUnexpectedEOF):
		return http.StatusBadRequest, message{p.pick("没有收完请求内容", "what was sent did not arrive completely"), p.pick("重新发送", "send it again")}
	case errors.As(err, &large):
		return http.StatusRequestEntityTooLarge, message{p.pick("提交的内容太大", "what was sent is too large"), p.pick("删减内容后再提交", "send less")}
	case errors.As(err, &durable):
		return http.StatusServiceUnavailable, message{
			p.pick("没有记录下来：现在写不进去", "it is not on record: nothing can be written now"),
			p.pick("没有任何东西记录在案；稍后重试，或告诉管理员", "nothing was recorded; try again later, or tell the operator"),
		}
	case errors.Is(err, record.ErrErased):
		return http.StatusGone, message{p.pick("内容已被抹去", "it was erased"), p.pick("何时、为何抹去，见记录和留存的月份", "when and why stands with the record, or with the months that are kept")}
	case service.LogBusy(err):
		return http.StatusServiceUnavailable, message{p.pick("已抹去，但另一程序正读着记录文件，旧内容还可能留在它的日志里", "it was erased, and may still stand in the log of the file, which another program reads"), p.pick("等备份等程序结束，再抹去一次", "let that program, such as a backup, end, and erase it once more")}
	case errors.Is(err, record.ErrNotFound):
		return http.StatusNotFound, message{p.pick("没有这份记录", "there is no such record"), p.pick("在“在案”里查找", "look for it under On record")}
	case errors.Is(err, service.ErrBusy), errors.Is(err, record.ErrClosed):
		return http.StatusServiceUnavailable, message{p.pick("服务器正忙", "the server is busy"), p.pick("稍后再试", "try again in a moment")}
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return http.StatusServiceUnavailable, message{p.pick("请求没有完成", "the request was not finished"), p.pick("再试一次", "try again")}
	case record.Unreachable(err):
		return http.StatusServiceUnavailable, message{p.pick("现在连不上存放记录的数据库", "the database of what is on record cannot be reached now"), p.pick("稍后再试，或告诉管理员", "try again later, or tell the operator")}
	case errors.Is(err, http.ErrNotMultipart), errors.Is(err, errNoForm):
		return http.StatusUnsupportedMediaType, message{p.pick("收到的不是表单", "what was sent is no form"), p.pick("从本页面提交；程序用 /openapi.json 所列的接口", "send it from the page; programs use what /openapi.json lists")}
	case errors.Is(err, errBadForm):
		return http.StatusBadRequest, message{p.pick("表单无法读取", "the form cannot be read"), p.pick("重新填写后提交", "fill it in and send it again")}
	}
	return http.StatusInternalServerError, message{p.pick("服务器内部出错", "something went wrong in the server"), p.pick("告诉管理员发生的时间", "tell the operator when it happened")}
}

// Problem shows, as a page, why the door did not let a request in: in the
// reader's language, with what to do. To whom nobody knows it tells nothing of
// the rules.
func (c *Console) Problem(w http.ResponseWriter, r *http.Request, problem *problem.Problem) {
	p := c.newPage(r)
	if problem.Status == http.StatusUnauthorized && problem.Challenge == "" && c.people != nil && navigates(r) {
		http.Redirect(w, r, "/sign-in?next="+url.QueryEscape(p.Path), http.StatusSeeOther)
		return
	}
	if door.CallerOf(r.Context()) == nil {
		p.Book, p.SHA256, p.Banner = "", "", nil
	}
	p.Name, p.Title = "refused.html", sentence(problem.Title.In(p.Lang))
	x := refused{
		message: message{p.Title, sentence(problem.Remedy.In(p.Lang))}, Request: w.Header().Get("Request-Id"),
		Again: problem.Status == http.StatusTooManyRequests && r.Method == http.MethodGet,
	}
	if problem.Status == http.StatusUnauthorized && problem.Challenge == "" && c.people != nil && r.Method == http.MethodPost {
		// What somebody wrote for an hour is still in his browser: loaded again,
		// this page sends it again.
		x.SignIn = true
		p.Title = p.pick("登录已结束，刚才送出的没有收下", "You are signed in no more: what you sent was not taken")
		x.Text, x.Remedy = p.Title, p.pick("在新窗口登录，再回到本页，刷新并允许重新发送：所写的都还在", "Sign in in a new window, come back to this page, load it again and let it be sent again: all that you wrote is still there")
	}
	p.Data = x
	problem.Headers(w.Header())
	c.render(w, p, problem.Status)
}

// navigates reports whether a person goes to a page, and no script asks for it.
func navigates(r *http.Request) bool {
	mode := r.Header.Get("Sec-Fetch-Mode")
	return (r.Method == http.MethodGet || r.Method == http.MethodHead) && (mode == "" || mode == "navigate")
}

var (
	errBadForm = errors.New("the form cannot be read")
	errNoForm  = errors.New("what was sent is no form")
)

// noPage is the refusal of an address at which there is nothing.
func noPage() *problem.Problem {
	return problem.New(http.StatusNotFound, "unknown_path", problem.Text{ZH: "没有这个页面", EN: "there is no such page"},
		problem.Text{ZH: "从上面的菜单继续", EN: "go on from the menu above"})
}

func (c *Console) notFound(_ *http.Request, p *page) (int, error) {
	says := noPage()
	p.Name, p.Title = "message.html", sentence(says.Title.In(p.Lang))
	p.Data = message{p.Title, says.Remedy.In(p.Lang)}
	return says.Status, nil
}

// kindOf tells the type of an error only: its text may hold what was sent.
func kindOf(err error) string {
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			return fmt.Sprintf("%T", err)
		}
		err = inner
	}
}
