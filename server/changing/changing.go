// Package changing is how the rules of a server are changed by people: one drafts
// a change, proposes it, another one approves it, and it is put in force, at once
// or at a moment. What was done, by whom and when stands in the file of the
// record, and nothing of it is deleted.
//
// The way of a change:
//
//	draft → proposed → approved → published → superseded
//	           ↓  ↖       ↓ ↑         ↑
//	        refused → (revised)  scheduled
//
// A change that is revised is a draft again, whatever it was: what was approved is
// one text, named by its SHA-256. It is put in force only where the rules that it
// changes are in force, and only where check and cases find no fault with it.
package changing

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/server/live"
	"github.com/servicerules/rulebook/server/people"
	"github.com/servicerules/rulebook/server/record"
	"github.com/servicerules/rulebook/server/signing"
)

// Bounds of what is said of a change, in characters, and of its text in bytes.
const (
	longestTitle = 200
	longestWhy   = 4000
	largestText  = 4 << 20
)

// Changes are the changes of the rules of a server.
type Changes struct {
	rules *live.Rules
	store *record.Store
	log   *slog.Logger
	// try checks a text and tries it on the cases that rules must pass.
	try func(ctx context.Context, text []byte) (*live.Trial, error)
	// approves tells whether somebody may approve changes now.
	approves func(ctx context.Context, who people.Who) (bool, error)
	// signers are those who may sign rules; nil where rules need no signature.
	signers *signing.Signers
	// apart tells whether two accounts are known to be of two people.
	apart func(ctx context.Context, a, b string) (bool, error)

	publishing sync.Mutex // one at a time
	taken      takeover   // of who publishes alone
	behind     atomic.Pointer[Behind]
	alarm      alarm
	studies    studies
	shadows    shadows
}

// Options fit changes into a server.
type Options struct {
	Try func(ctx context.Context, text []byte) (*live.Trial, error) // nil for live.Rules.Try
}

// New makes the changes of rules that are kept in a store.
func New(rules *live.Rules, store *record.Store, o Options) *Changes {
	c := &Changes{rules: rules, store: store, log: slog.New(slog.DiscardHandler), try: o.Try}
	c.approves = func(context.Context, people.Who) (bool, error) { return true, nil }
	c.apart = func(context.Context, string, string) (bool, error) { return true, nil }
	if c.try == nil {
		c.try = func(ctx context.Context, text []byte) (*live.Trial, error) {
			t := rules.Try(ctx, text, nil)
			return t, ctx.Err()
		}
	}
	c.studies.turn = make(chan struct{}, 1)
	c.studies.life, c.studies.end = context.WithCancel(context.Background())
	return c
}

// LogTo has what is done without anybody waiting for it logged. It is called before
// anything else.
func (c *Changes) LogTo(log *slog.Logger) { c.log = log }

// AskAccounts has changes that are due published only where the accounts let those
// who approved them, and set their moment, do so still, and approved only by who is
// another person as far as they tell. It is called before anything else.
func (c *Changes) AskAccounts(accounts *people.Store) {
	c.approves = func(ctx context.Context, who people.Who) (bool, error) {
		return accounts.MayStill(ctx, who, people.Approve)
	}
	c.apart = accounts.Apart
}

// AskSigners has changes published only where one of some signers has signed their
// text. It is called before anything else.
func (c *Changes) AskSigners(s *signing.Signers) { c.signers = s }

// Signing reports whether rules need a signature.
func (c *Changes) Signing() bool { return c.signers != nil }

// Signed is by which signature rules are signed by somebody who may: one that is given
// or else one that some step has, or that stands beside the rules file. The error of
// rules that nobody has signed who may is a *signing.UnsignedError.
func (c *Changes) Signed(ctx context.Context, sha256 string, given string) (*signing.Signature, error) {
	text, err := c.Text(ctx, sha256)
	if err != nil {
		return nil, err
	}
	if given != "" {
		return c.signers.Signed(text, []byte(given))
	}
	all, err := c.store.Signatures(ctx, sha256)
	if err != nil {
		return nil, err
	}
	beside := c.rules.Beside()
	if found, err := c.signers.Signed(text, beside); err == nil {
		return found, nil
	}
	return c.signers.Signed(text, all...)
}

// All are all changes, in the order of their numbers.
func (c *Changes) All(ctx context.Context) ([]*Change, error) {
	steps, err := c.store.ChangeSteps(ctx)
	return changesOf(steps), err
}

// Versions are the rules that were in force, in their order, as far as that was
// recorded.
func (c *Changes) Versions(ctx context.Context) ([]Version, error) {
	steps, err := c.store.ChangeSteps(ctx)
	return versionsOf(steps), err
}

// Change is the one of a number; the error of an unknown one is ErrNotFound.
func (c *Changes) Change(ctx context.Context, number int64) (*Change, error) {
	all, err := c.All(ctx)
	if err != nil {
		return nil, err
	}
	for _, x := range all {
		if x.Number == number {
			return x, nil
		}
	}
	return nil, ErrNotFound
}

// Text is the text of rules that some step speaks of; the error of an unknown one
// is record.ErrNotFound.
func (c *Changes) Text(ctx context.Context, sha256 string) ([]byte, error) {
	if now := c.rules.Current(); now.SHA256 == sha256 {
		return now.Text, nil
	}
	sum, err := record.ParseHash(sha256)
	if err != nil {
		return nil, record.ErrNotFound
	}
	return c.store.ChangeText(ctx, sum)
}

// Based reports whether the rules in force are those that a change is one of.
func (c *Changes) Based(x *Change) bool { return c.rules.Current().SHA256 == x.Base }

// Do is a step that somebody wants to take about a change.
type Do struct {
	Kind string // one of record.ChangeKinds
	By   people.Who
	// Seen is the latest step that whoever takes this one knew of; 0 where it
	// does not matter.
	Seen   int64
	SHA256 string // of the text that he looked at; needed to propose, approve and publish
	Reason string

	Title, Why string
	Base       string // of drafted and revised: the rules that the text is a change of; "" for those that it was one of, or those in force
	Text       []byte // likewise; nil for as it was

	From *time.Time // of scheduled

	// Signature of the text, as ssh-keygen writes it; of approved, scheduled and
	// published, where rules need one.
	Signature string
	signer    string // whose it is

	Retry *record.BodyRetry // nil where the caller gave no key
}

// Needs is what whoever takes a step of a kind must be allowed to do.
func Needs(kind string) people.Permission {
	switch kind {
	case record.ChangeDrafted, record.ChangeRevised, record.ChangeProposed, record.ChangeWithdrawn, record.ChangeShadowed, record.ChangeUnshadowed:
		return people.Draft
	}
	return people.Approve
}

// Take takes a step about a change, of which the number is 0 where it begins. It is
// the change with it; again reports that an earlier request with the same key took
// the step. Errors: ErrNotFound, a *RefusedError, and those of
// record.Store.TakeChange.
func (c *Changes) Take(ctx context.Context, number int64, d Do) (change *Change, again bool, err error) {
	if d.Retry != nil {
		switch step, err := c.store.FindChange(ctx, *d.Retry); {
		case err == nil:
			change, err = c.Change(ctx, step.Change)
			return change, true, err
		case !errors.Is(err, record.ErrNotFound):
			return nil, false, err
		}
	}
	d.Signature = strings.TrimSpace(d.Signature)
	d.Title, d.Why, d.Reason = strings.Join(strings.Fields(d.Title), " "), strings.TrimSpace(d.Why), strings.TrimSpace(d.Reason)
	if err := d.incomplete(); err != nil {
		return nil, false, err
	}
	var now *Change
	if d.Kind != record.ChangeDrafted {
		if now, err = c.Change(ctx, number); err != nil {
			return nil, false, err
		}
		if err := c.signed(ctx, now, &d); err != nil {
			return nil, false, err
		}
		if err := c.fits(ctx, now, &d); err != nil { // before anything that takes long; asked again when it is taken
			return nil, false, err
		}
	}
	switch d.Kind {
	case record.ChangeDrafted, record.ChangeRevised:
		number, again, err = c.write(ctx, now, d)
	case record.ChangePublished:
		again, err = c.publish(ctx, now, d)
	case record.ChangeProposed:
		if err = c.fit(ctx, now); err == nil {
			again, err = c.take(ctx, number, d, record.ChangeStepBody{Text: now.Text, Base: now.Base})
		}
	case record.ChangeApproved:
		again, err = c.take(ctx, number, d, record.ChangeStepBody{Text: now.Text, Base: now.Base, Alone: !d.By.Known()})
	case record.ChangeScheduled:
		again, err = c.take(ctx, number, d, record.ChangeStepBody{Text: now.Text, From: d.From})
	case record.ChangeShadowed:
		if err = c.loads(ctx, now); err == nil {
			again, err = c.take(ctx, number, d, record.ChangeStepBody{Text: now.Text, Base: now.Base})
		}
	default:
		again, err = c.take(ctx, number, d, record.ChangeStepBody{Text: now.Text})
	}
	if err != nil {
		return nil, false, err
	}
	change, err = c.Change(ctx, number)
	return change, again, err
}

// laterKinds are the kinds of steps that may be taken about a change that there is.
var laterKinds = slices.DeleteFunc(slices.Clone(record.ChangeKinds), func(kind string) bool { return kind == record.ChangeDrafted })

// incomplete says what is wrong with a step by itself.
func (d *Do) incomplete() error {
	var all []*RefusedError
	need := func(text, member, zh, en string) {
		if text == "" {
			all = append(all, refuse(CodeNeeded, member, "没有写"+zh, en+" is not said", "写上"+zh, "say "+en))
		}
	}
	switch d.Kind {
	case record.ChangeDrafted:
		need(d.Title, "title", "改什么", "what is changed")
		if len(d.Text) == 0 {
			need("", "text", "规则全文", "the text of the rules")
		}
	case record.ChangeRevised:
		need(d.Title, "title", "改什么", "what is changed")
	case record.ChangeProposed, record.ChangeApproved, record.ChangePublished, record.ChangeShadowed:
		need(d.SHA256, "sha256", "所看文本的 SHA-256", "the SHA-256 of the text that was looked at")
	case record.ChangeScheduled:
		need(d.SHA256, "sha256", "所看文本的 SHA-256", "the SHA-256 of the text that was looked at")
		if d.From == nil {
			need("", "from", "何时发布", "the moment to publish at")
		}
	case record.ChangeRefused, record.ChangeWithdrawn:
		need(d.Reason, "reason", "理由", "the reason")
	case record.ChangeUnscheduled, record.ChangeUnshadowed:
	default:
		return refuse(CodeKind, "kind", "没有这种步骤", "there is no step of this kind", "可写："+strings.Join(laterKinds, "、"), "write one of: "+strings.Join(laterKinds, ", "))
	}
	for _, x := range []struct {
		text, member, zh, en string
		most                 int
	}{{d.Title, "title", "“改什么”", "what is changed", longestTitle}, {d.Why, "why", "“为什么”", "the why", longestWhy}, {d.Reason, "reason", "理由", "the reason", longestWhy}} {
		switch {
		case utf8.RuneCountInString(x.text) > x.most:
			all = append(all, tooLong(x.member, x.zh, x.en, x.most, "字", "characters"))
		case !utf8.ValidString(x.text):
			all = append(all, refuse(CodeNeeded, x.member, x.zh+"不是 UTF-8 文字", x.en+" is no text in UTF-8", "以 UTF-8 书写", "write it in UTF-8"))
		}
	}
	if len(d.Signature) > signing.MostSignatures {
		long := tooLong("signature", "签名", "the signature", signing.MostSignatures, "字节", "bytes")
		long.Remedy = diagnostic.Text{ZH: "只写 ssh-keygen 写出的 .sig 文件的内容", EN: "write what ssh-keygen wrote to the file .sig, and nothing else"}
		all = append(all, long)
	}
	if len(d.Text) > largestText {
		all = append(all, tooLong("text", "规则全文", "the text of the rules", largestText, "字节", "bytes"))
	}
	if len(all) == 0 {
		return nil
	}
	all[0].Others = all[1:]
	return all[0]
}

// tooLong refuses what has more than so many of something, both in words.
func tooLong(member, zh, en string, most int, ofZH, ofEN string) *RefusedError {
	return &RefusedError{
		Code: CodeTooLong, Member: member, Message: diagnostic.Textf("%[2]s超过 %[1]d %[4]s", "%[3]s has more than %[1]d %[5]s", most, zh, en, ofZH, ofEN),
		Remedy: diagnostic.Textf("至多 %[1]d %[2]s", "at most %[1]d %[3]s", most, ofZH, ofEN),
	}
}

// ways are the states in which a change may be, so that a step of a kind may be
// taken.
var ways = map[string][]State{
	record.ChangeRevised:     {Draft, Proposed, Refused, Approved, Scheduled},
	record.ChangeProposed:    {Draft},
	record.ChangeApproved:    {Proposed},
	record.ChangeRefused:     {Proposed, Approved, Scheduled},
	record.ChangeScheduled:   {Approved, Scheduled},
	record.ChangeUnscheduled: {Scheduled},
	record.ChangePublishing:  {Approved, Scheduled},
	record.ChangePublished:   {Approved, Scheduled},
	record.ChangeWithdrawn:   {Draft, Proposed, Refused, Approved, Scheduled},
	record.ChangeShadowed:    {Draft, Proposed, Approved, Scheduled},
	record.ChangeUnshadowed:  {Draft, Proposed, Approved, Scheduled},
}

// May reports whether the state of a change allows a step of a kind.
func (s State) May(kind string) bool { return slices.Contains(ways[kind], s) }

// fits refuses a step that does not go with the change as it is.
func (c *Changes) fits(ctx context.Context, now *Change, d *Do) error {
	if now == nil {
		return ErrNotFound
	}
	switch {
	case d.Seen < 0 || d.Seen > now.Seen():
		return refuse(CodeUnseen, "seen", "seen 不是这份改动的任何一步", "seen is no step about the change", "写这份改动的 latest", "send latest of the change")
	case d.Seen != 0 && d.Seen != now.Seen():
		return unseen()
	}
	if !now.State.May(d.Kind) {
		return &RefusedError{
			Code: CodeNotNow, Member: "kind", Message: diagnostic.Textf("这份改动现在是“%[1]s”，不能这样做", "the change is %[2]s: this cannot be done now", now.State.Text().ZH, now.State.Text().EN),
			Remedy: diagnostic.Text{ZH: "看它现在到了哪一步", EN: "look at how far it has come"},
		}
	}
	if d.SHA256 != "" && d.SHA256 != now.Text {
		return refuse(CodeOtherText, "sha256", "所看的不是这份改动现在的文本", "what was looked at is not the text of the change", "重新打开，看过再定", "look at it again, and decide then")
	}
	switch d.Kind {
	case record.ChangeProposed, record.ChangeApproved, record.ChangeScheduled, record.ChangePublished:
		if !c.Based(now) {
			return c.otherBase()
		}
	}
	switch d.Kind {
	case record.ChangeProposed:
		if now.Why == "" {
			return refuse(CodeNeeded, "why", "没有写为什么改", "why it is changed is not said", "在草稿里写上理由", "say it in the draft")
		}
		if now.Text == now.Base {
			return refuse(CodeNothing, "text", "与现行规则一字不差", "the text is that of the rules in force", "改了再提交", "change something first")
		}
		if d.By.Known() && d.By.Person == "" {
			return refuse(CodeUnknown, "", "令牌没有写明是谁，别人就无从批准", "the token does not say whose it is, so that nobody could approve the change", "在令牌文件这一行加上 person=账户", "add person=ID of an account to its line of the token file")
		}
	case record.ChangeShadowed:
		if now.Shadow.Runs() {
			return refuse(CodeNotNow, "kind", "这份改动已经在影子运行", "the change is in shadow already", "看它与现行规则有哪些不同；要重新开始，先结束", "look at what differs; to begin anew, end it first")
		}
		return c.roomForShadow(ctx)
	case record.ChangeUnshadowed:
		if !now.Shadow.Runs() {
			return refuse(CodeNotNow, "kind", "这份改动没有在影子运行", "the change is not in shadow", "重新打开，看它现在怎样", "look at it again")
		}
	case record.ChangeApproved:
		return c.Approvable(ctx, now, d.By)
	case record.ChangeScheduled:
		if d.From.Before(c.store.Now()) {
			return refuse(CodePast, "from", "这个时刻已经过去", "the moment is over", "写将来的时刻；要马上发布就直接发布", "give a moment to come, or publish it now")
		}
	}
	return nil
}

// signed finds out who signed what is to be signed, and refuses what is not.
func (c *Changes) signed(ctx context.Context, now *Change, d *Do) error {
	needs := d.Kind == record.ChangeScheduled || d.Kind == record.ChangePublished
	switch {
	case c.signers == nil && d.Signature != "":
		return refuse(CodeUnsigned, "signature", "服务器没有签名人名单，签名无从核对", "the server has no file of signers, and the signature cannot be checked", "去掉签名；或请管理服务器的人加 --signers 启动", "leave it out, or have the operator start the server with --signers")
	case c.signers == nil, d.Signature == "" && !needs:
		return nil
	case d.Signature != "" && !needs && d.Kind != record.ChangeApproved:
		return refuse(CodeUnsigned, "signature", "这一步不收签名", "this step takes no signature", "批准或发布时给出", "give it when the change is approved or published")
	}
	found, err := c.Signed(ctx, now.Text, d.Signature)
	var unsigned *signing.UnsignedError
	if errors.As(err, &unsigned) {
		return &RefusedError{Code: CodeUnsigned, Member: "signature", Message: unsigned.Message, Remedy: unsigned.Remedy}
	}
	if err == nil { // nothing but the signature is kept of what was given
		d.Signature, d.signer = string(found.Text), found.Signer
	}
	return err
}

func unseen() *RefusedError {
	return refuse(CodeUnseen, "seen", "此前又有人动过这份改动", "somebody did something about the change meanwhile", "重新打开，看过再定；用接口的，seen 写改动的 latest", "look at it again, and decide then; programs send latest of the change as seen")
}

func otherBase() *RefusedError {
	return refuse(CodeOtherBase, "base", "现行规则已不是它所依据的那一版", "other rules are in force than those that the change was made of", "在这份改动的页面上改到现行规则上，再提交批准", "carry it over to the rules in force, at its page, and propose it again")
}

// otherBase is otherBase, where this server takes part in what others publish: else
// carrying the change over leads nowhere.
func (c *Changes) otherBase() *RefusedError {
	if b := c.Behind(); b != nil {
		return &RefusedError{Code: CodeOtherBase, Member: "base", Message: b.Message, Remedy: b.Remedy}
	}
	return otherBase()
}

// another refuses an approval by who had a hand in the change, or by whom nobody
// can tell from those who had. Where nobody is asked who he is, there is one person
// only: he may approve what he proposed, and the record says so.
func another(c *Change, by people.Who) error {
	if !by.Known() {
		return nil
	}
	proposer, _ := c.Proposer()
	for _, a := range c.authors() {
		if a.Person != "" && strings.EqualFold(a.Person, by.Person) || a.Known() && a.Name == by.Name && a.How == by.How {
			return refuse(CodeSamePerson, "", "起草或提交的人不能批准", "who drafted or proposed the change does not approve it", "请另一个人批准", "have another person approve it")
		}
	}
	if !people.Different(proposer.Person, by.Person) {
		return refuse(CodeUnknown, "", "看不出批准的和提交的是不是两个人", "nobody can tell whether who approves is another person than who proposed",
			"两个人都用账户登录，或用写明 person=账户 的令牌；改动重新提交一次", "both sign in with their accounts, or use tokens whose lines say person=ID; then propose the change again")
	}
	return nil
}

// Approvable is the *RefusedError for which somebody does not approve a change as
// it stands, whatever its state; nil where he may. Another error is of the accounts.
func (c *Changes) Approvable(ctx context.Context, x *Change, by people.Who) error {
	if err := another(x, by); err != nil || by.Person == "" {
		return err
	}
	for _, a := range x.authors() {
		if a.Person == "" {
			continue
		}
		apart, err := c.apart(ctx, a.Person, by.Person)
		if err != nil {
			return err
		}
		if !apart {
			return refuse(CodeUnknown, "", "看不出账户 "+a.Person+" 和 "+by.Person+" 是不是两个人的：同一个统一认证身份先后属于过两者，或者一个由统一认证自动建立而另一个没有那里的身份", "nobody can tell whether the accounts "+a.Person+" and "+by.Person+" are of two people: they have had the same identity at the provider, or one was made by itself there and the other has no identity there",
				"请另一个人批准；若是没有身份，也可请管理账户的人签发一次性链接，由本人打开后用统一认证登录", "have another person approve it; where it is for want of an identity, have who manages accounts make a one-time link for that account, and its person open it and sign in at the provider")
		}
	}
	return nil
}

// Book is a version of the rules, loaded. The error of an unknown one is
// ErrNotFound; another one is that this program refuses its text.
func (c *Changes) Book(ctx context.Context, sha256 string) (*rulebook.Book, error) {
	if now := c.rules.Current(); now.SHA256 == sha256 {
		return now.Book, nil
	}
	text, err := c.Text(ctx, sha256)
	if errors.Is(err, record.ErrNotFound) {
		return nil, ErrNotFound
	} else if err != nil {
		return nil, err
	}
	return rulebook.Parse("rules.yaml", text)
}

// write begins a change, or gives it another text.
func (c *Changes) write(ctx context.Context, now *Change, d Do) (number int64, again bool, err error) {
	rules := c.rules.Current()
	b := record.ChangeStepBody{Title: d.Title, Why: d.Why, Base: rules.SHA256}
	texts := record.Texts{}
	if d.Base != "" {
		b.Base = d.Base
	} else if now != nil {
		b.Base = now.Base
	}
	switch {
	case b.Base == rules.SHA256:
		texts = append(texts, rules.Text)
	case now == nil:
		// Others came into force while somebody wrote: it is kept as the change of
		// those before that it is, to be carried over.
		if was, err := c.wasInForce(ctx, b.Base); err != nil {
			return 0, false, err
		} else if !was {
			return 0, false, otherBase()
		}
	case b.Base != now.Base: // a text that was begun with is kept with its change
		return 0, false, otherBase()
	}
	if now != nil {
		number, b.Text = now.Number, now.Text
	} else if err := c.begun(ctx); err != nil {
		return 0, false, err
	}
	if d.Text != nil {
		of, err := c.Text(ctx, b.Base)
		if err != nil {
			return 0, false, err
		}
		text := live.WholeOf(d.Text, of)
		b.Text = hashOf(text)
		texts = append(texts, text)
	}
	step, err := c.store.TakeChange(ctx, d.body(number, b), texts, func(already []*record.ChangeStep) error {
		if now == nil {
			return nil
		}
		return c.fits(ctx, changeOf(already), &d)
	})
	if err != nil {
		return 0, false, err
	}
	return step.Change, step.Again, nil
}

// wasInForce reports whether it is on record that rules were in force once.
func (c *Changes) wasInForce(ctx context.Context, sha256 string) (bool, error) {
	versions, err := c.Versions(ctx)
	return slices.ContainsFunc(versions, func(v Version) bool { return v.SHA256 == sha256 }), err
}

// begun notes the rules that were in force before the first change.
func (c *Changes) begun(ctx context.Context) error {
	c.publishing.Lock()
	defer c.publishing.Unlock()
	return c.note(ctx, true)
}

func hashOf(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// body completes a step with what is the same of all.
func (d *Do) body(number int64, b record.ChangeStepBody) record.ChangeStepBody {
	b.Kind, b.Change, b.Reason, b.Retry = d.Kind, number, d.Reason, d.Retry
	b.Caller, b.How, b.Person = d.By.Name, d.By.How, d.By.Person
	if d.signer != "" {
		b.Signature, b.Signer = d.Signature, d.signer
	}
	return b
}

// take puts a step on record that changes no text.
func (c *Changes) take(ctx context.Context, number int64, d Do, b record.ChangeStepBody) (again bool, err error) {
	step, err := c.store.TakeChange(ctx, d.body(number, b), nil, func(already []*record.ChangeStep) error {
		now := changeOf(already)
		if err := c.fits(ctx, now, &d); err != nil {
			return err
		}
		if now.Text != b.Text { // what was checked is not what is there
			return unseen()
		}
		return nil
	})
	c.alarm.ring()
	if err != nil {
		return false, err
	}
	return step.Again, nil
}

// fit refuses a change whose text check or the cases find fault with, or that could
// not be put in force.
func (c *Changes) fit(ctx context.Context, now *Change) error {
	text, err := c.Text(ctx, now.Text)
	if err != nil {
		return err
	}
	switch err := c.rules.Publishable(text); {
	case errors.Is(err, live.ErrNowhere):
		return refuse(CodeNotWritten, "", "服务器没有可以写规则的文件", "the server has no file that rules could be written to", "请管理服务器的人给它一个（--rules）", "have the operator give it one (--rules)")
	case errors.Is(err, live.ErrSeveralFiles):
		return refuse(CodeNotWritten, "text", "改动涉及规则的几个文件，不能一步换掉", "the change alters several files of the rules, which cannot be exchanged in one step", "分成几份改动，每份只改一个文件", "make several changes, each of one file")
	case errors.Is(err, live.ErrFileThere):
		return refuse(CodeNotWritten, "text", "要新写的文件已经存在，却不属于现行规则", "a file to be written is there already, and is no part of the rules in force", "给新文件另起一个名字", "name the new file otherwise")
	case err != nil:
		return refuse(CodeNotWritten, "text", "这样的文件写不了："+withoutPath(err), "files like these cannot be written: "+withoutPath(err), "改正以后再提交", "mend it, and propose it again")
	}
	trial, err := c.try(ctx, text)
	if err != nil {
		return err
	}
	if trial.OK() {
		return nil
	}
	return unfit(trial)
}

// unfit is the refusal of a text that did not pass a trial.
func unfit(t *live.Trial) *RefusedError {
	e := refuse(CodeNotFit, "text", "", "", "改正以后再提交；规则编辑页逐处列出", "mend it, and propose it again; the page of the change lists every place")
	e.Trial = t
	switch {
	case t.Findings.Failed():
		n := 0
		for _, f := range t.Findings {
			if f.Severity == diagnostic.Error {
				n++
			}
		}
		e.Message = diagnostic.Textf("检查不通过：%[1]d 处错误", "check finds %[2]s", n, diagnostic.Counted(n, "error", "errors"))
	case t.Err != nil:
		e.Message = diagnostic.Text{ZH: "用例试不成，能否采用不知道", EN: "the example cases could not be tried: whether it can be used is not known"}
		e.Remedy = diagnostic.Text{ZH: "请管理服务器的人看日志", EN: "have the operator look at the log"}
	default:
		e.Message = diagnostic.Textf("%[1]d 个用例不通过", "%[2]s", len(t.Failed), diagnostic.Counted(len(t.Failed), "example case fails", "example cases fail"))
	}
	return e
}

// what names a change in the log.
func what(x *Change) slog.Attr { return slog.String("change", fmt.Sprint(x.Number)) }
