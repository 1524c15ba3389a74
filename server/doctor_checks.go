package server

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/review"
	"github.com/servicerules/rulebook/server/changing"
	"github.com/servicerules/rulebook/server/door"
	"github.com/servicerules/rulebook/server/internal/postgres"
	"github.com/servicerules/rulebook/server/internal/spool"
	"github.com/servicerules/rulebook/server/internal/tables"
	"github.com/servicerules/rulebook/server/live"
	"github.com/servicerules/rulebook/server/people"
	"github.com/servicerules/rulebook/server/record"
	"github.com/servicerules/rulebook/server/service"
	"github.com/servicerules/rulebook/server/signing"
	"github.com/servicerules/rulebook/server/telemetry"
	"github.com/servicerules/rulebook/server/webhook"
	"github.com/servicerules/rulebook/spreadsheet"
)

// examine looks at everything that the server rests on.
func (c *config) examine(ctx context.Context) []ailment {
	x := &examination{config: c}
	x.flags()
	x.retentionFile()
	book := x.rulesFile(ctx)
	x.directory()
	running := x.recordFile(ctx, book)
	x.signed()
	x.keys(ctx)
	x.port(running)
	x.traces(ctx)
	return x.all
}

func (x *examination) flags() {
	if err := x.check(); err != nil {
		x.bad("flags", diagnostic.Textf("参数不行：%v", "the flags do not go together: %v", err), "照所说的改参数", "change the flags as it says")
	}
}

// retentionFile looks at how long what is said of people stays.
func (x *examination) retentionFile() {
	if x.retention == "" {
		return
	}
	if _, err := service.ReadRetention(x.retention); err != nil {
		x.badRetention(err)
	} else {
		x.fine("retention", "保存期限的文件可用：%s", "the file of --retention can be used: %s", x.retention)
	}
}

func (x *examination) badRetention(err error) {
	x.bad("retention", diagnostic.Textf("保存期限的文件用不了，服务器不会启动：%v", "the file of --retention cannot be used, and the server would not start: %v", err), "照所说的改", "mend it as it says")
}

// changes looks at whether the rules here are those that were published last, and whether
// others want them signed.
func (x *examination) changes(ctx context.Context, s *record.Store) {
	last, signed, err := changing.InForce(ctx, s)
	if err != nil {
		x.bad("record_unreadable", diagnostic.Textf("规则的改动读不出来：%v", "the changes of the rules cannot be read: %v", err), "用备份恢复", "restore a backup")
		return
	}
	if signed && x.signers == "" {
		x.note("signers_missing", diagnostic.Text{ZH: "记录里有签了名的规则，这台服务器却不要求签名", EN: "on record are rules that somebody has signed, and this server takes rules without a signature"},
			"加上 --signers；同一数据库的各台服务器要用同样的名单", "add --signers; give all servers over one database the same file")
	}
	if x.builtIn && last != nil && last.Kind == record.ChangePublished {
		x.note("published_gone", diagnostic.Textf("第 %[1]d 号改动发布的规则文件 %[2]s 不见了，现在按内置规则回答", "the file %[2]s with the rules that change %[1]d has published is gone, and the built-in rules answer", last.Change, x.beside()+published), "把文件放回原处，或用 --rules 指定规则文件；要的就是内置规则，可不管", "put it back, or name a rules file by --rules; where the built-in rules are wanted, leave it")
	}
	if sum := sha256.Sum256(x.text); !s.Shared() || x.text == nil || last == nil || last.Kind != record.ChangePublished || last.Text == hex.EncodeToString(sum[:]) {
		return
	}
	x.note("rules_behind", diagnostic.Textf("规则文件不是最近发布的第 %d 号改动", "the rules file is not that of change %d, which was published last", last.Change),
		"在运行的服务器几秒内会自己改用；改用不了的，原因见日志、各页上方和 /readyz；不想要它，就在“版本”里改回", "a server that runs takes it over within seconds; where it cannot, the log, the head of each page and /readyz say why. Where the change is not wanted, go back under Versions")
}

// retained looks at whether there is what the file of --retention speaks of.
func (x *examination) retained(ctx context.Context, s *record.Store, book *rulebook.Book) {
	if x.retention == "" {
		return
	}
	r, err := service.ReadRetention(x.retention)
	if err != nil {
		return // which was told
	}
	if err := r.Unknown(ctx, s, book.Rulebook()); err != nil {
		x.badRetention(err)
	}
}

// signed looks at whether somebody has signed the rules who may.
func (x *examination) signed() {
	if x.signers == "" {
		return
	}
	signers, err := signing.ReadFile(x.signers)
	if err != nil {
		x.bad("signers", diagnostic.Textf("签名人名单用不了，服务器不会启动：%v", "the file of signers cannot be used, and the server would not start: %v", err), "照所说的改", "mend it as it says")
		return
	}
	if info, err := os.Stat(x.signers); err == nil && writableByOthers(info) {
		x.bad("signers_writable", diagnostic.Textf("别人可以改签名人名单：%s", "others may change the file of signers: %s", x.signers), "chmod 600", "chmod 600")
	}
	if x.text == nil {
		return
	}
	beside, unreadable := live.SignaturesOf(x.file)
	found, err := signers.Signed(x.text, append(x.signatures, beside)...)
	var unsigned *signing.UnsignedError
	switch {
	case err == nil:
		x.fine("rules_signed", "规则由 %s 签名", "the rules are signed by %s", found.Signer)
	case unreadable != nil:
		x.bad("rules_unsigned", diagnostic.Textf("规则文件的签名读不出来：%v", "the signatures beside the rules file cannot be read: %v", unreadable), "照所说的改", "mend it as it says")
	case errors.As(err, &unsigned):
		x.bad("rules_unsigned", unsigned.Message, unsigned.Remedy.ZH, unsigned.Remedy.EN)
	}
}

// rulesFile looks at the rules and the example cases; it gives the book that the
// server would use, nil where there is none.
func (x *examination) rulesFile(ctx context.Context) *rulebook.Book {
	l, err := live.Open(ctx, live.Options{File: x.rules, Published: x.beside() + published, Cases: x.cases, Settle: time.Millisecond})
	if err == nil {
		name := rulebook.DefaultName
		x.file = l.Watched()
		x.builtIn = x.file == ""
		if !x.builtIn {
			name, x.text = x.file, l.Current().Text
		}
		x.fine("rules", "规则可用：%s", "the rules can be used: %s", name)
		if n := len(l.Current().Warnings); n > 0 {
			x.note("rules_warnings", diagnostic.Textf("规则有 %[1]d 处提醒", "the rules have %[2]s", n, diagnostic.Counted(n, "warning", "warnings")), "运行 rulebook check 逐条看", "look at each with rulebook check")
		}
		return l.Current().Book
	}
	var refused *live.RefusedError
	if !errors.As(err, &refused) {
		x.bad("rules", diagnostic.Textf("规则打不开：%v", "the rules cannot be opened: %v", err), "查看 --rules 和 --cases", "look at --rules and --cases")
		return nil
	}
	s := refused.Status
	switch {
	case len(s.Findings) > 0:
		f := s.Findings[0]
		for _, other := range s.Findings {
			if other.Severity == diagnostic.Error {
				f = other
				break
			}
		}
		x.bad("rules_findings", diagnostic.Text{
			ZH: fmt.Sprintf("规则文件有误，先看这一处：%s:%d %s", s.Source, f.Span.Start.Line, f.Message.In("zh")),
			EN: fmt.Sprintf("the rules file is wrong, first here: %s:%d %s", s.Source, f.Span.Start.Line, f.Message.In("en")),
		}, "运行 rulebook check 看全部，改好再用", "see all with rulebook check, and mend them")
	case len(s.Failed) > 0:
		x.bad("cases_failed", diagnostic.Textf("规则没有通过 %[1]d 个例子，先看：%[2]v", "the rules do not pass %[3]s, first: %[2]v", len(s.Failed), s.Failed[0], diagnostic.Counted(len(s.Failed), "example case", "example cases")), "改规则，或改 --cases 里的例子", "mend the rules, or the cases of --cases")
	default:
		x.bad("rules_unreadable", diagnostic.Textf("规则或例子读不出来：%v", "the rules or the cases cannot be read: %v", s.Err), "查看 --rules、--cases 的路径和权限", "look at the paths of --rules and --cases, and at who may read them")
	}
	if book, err := rulebook.Load(x.beside() + lastGood); err == nil {
		x.note("rules_kept", diagnostic.Textf("会以上次所用的规则启动：%s", "the server would start by the rules that were in use last: %s", x.beside()+lastGood), "改好规则文件，即改用新的", "mend the rules file, and it is used")
		return book
	}
	return nil
}

// Room on the disk.
const (
	littleRoom = 1 << 30   // bytes
	noRoom     = 100 << 20 // less than one large review takes
)

// directory looks at where the record is kept.
func (x *examination) directory() {
	dir := filepath.Dir(x.beside())
	info, err := os.Stat(dir)
	if err != nil || !info.IsDir() {
		x.bad("directory", diagnostic.Textf("放记录的目录不存在或打不开：%s", "the directory of the record is not there, or cannot be opened: %s", dir), "建这个目录，或改 --db", "make it, or change --db")
		return
	}
	if f, err := os.CreateTemp(dir, ".rulebook-*.tmp"); err != nil {
		x.bad("directory_read_only", diagnostic.Textf("目录不能写：%s", "the directory cannot be written: %s", dir), "让运行服务的用户可写", "let the user who runs the server write to it")
	} else {
		_ = f.Close()
		_ = os.Remove(f.Name())
	}
	if openToAll(info) {
		x.note("directory_open", diagnostic.Textf("这台机器上谁都可以读这个目录，记录里可能有人名：%s", "everybody on this machine may read this directory, and records may name people: %s", dir), "chmod 700，归运行服务的用户", "chmod 700, owned by the user who runs the server")
	}
	free, known := freeBytes(dir)
	switch {
	case !known:
	case free < noRoom:
		x.bad("disk", diagnostic.Textf("磁盘只剩 %d MB", "the disk has only %d MB left", free>>20), "腾出地方，至少 1 GB", "make room, 1 GB at least")
	case free < littleRoom:
		x.note("disk", diagnostic.Textf("磁盘只剩 %d MB", "the disk has only %d MB left", free>>20), "腾出地方；一百万份记录约 4 GB", "make room; a million records are some 4 GB")
	default:
		x.fine("disk", "磁盘剩 %d GB", "the disk has %d GB left", free>>30)
	}
}

// recordFile looks at the file of the record, and reports whether a server has
// it.
func (x *examination) recordFile(ctx context.Context, book *rulebook.Book) (running bool) {
	if postgres.Named(x.db) {
		x.database(ctx, book)
		return false
	}
	if _, err := os.Stat(x.db); errors.Is(err, fs.ErrNotExist) {
		x.fine("record", "还没有记录文件，启动时会建：%s", "there is no file of the record yet; it is made at the start: %s", x.db)
		return false
	}
	who, running := record.Holder(x.db)
	if running {
		x.fine("record_in_use", "服务正在使用这个记录文件 %s", "a server is using the file of the record %s", strings.TrimSpace(who))
	}
	version, err := record.Version(ctx, x.db)
	if err != nil {
		x.bad("record_unreadable", diagnostic.Textf("记录文件打不开：%v", "the file of the record cannot be opened: %v", err), "查看 --db 的路径和权限；坏了的用备份恢复", "look at the path of --db and at who may read it; one that is damaged is restored from a backup")
		return running
	}
	switch current := record.CurrentVersion; {
	case version > current:
		x.bad("record_newer", diagnostic.Textf("记录文件是较新的程序写的：第 %d 版，这个程序只认到第 %d 版", "the file of the record is of a newer program: version %d, this one knows %d", version, current), "换用较新的程序", "use the newer program")
		return running
	case version < current:
		x.note("record_older", diagnostic.Textf("记录文件是第 %d 版，启动时会改成第 %d 版，旧程序便打不开了", "the file of the record is of version %d; the start makes it version %d, which earlier programs do not open", version, current), "先用 backup 备份", "make a copy with backup first")
	}
	s, err := record.Open(ctx, x.db, record.Options{ReadOnly: true})
	if err != nil {
		x.bad("record_unreadable", diagnostic.Textf("记录文件打不开：%v", "the file of the record cannot be opened: %v", err), "查看 --db 的路径和权限；坏了的用备份恢复", "look at the path of --db and at who may read it; one that is damaged is restored from a backup")
		return running
	}
	defer func() { _ = s.Close() }()
	x.store(ctx, s, book)
	return running
}

// database looks at a record in PostgreSQL.
func (x *examination) database(ctx context.Context, book *rulebook.Book) {
	name := postgres.Told(x.db)
	s, err := record.Open(ctx, x.db, record.Options{ReadOnly: true})
	switch {
	case errors.Is(err, postgres.ErrNone):
		x.fine("record", "数据库可用，还没有记录；启动时会建：%s", "the database can be used, and has nothing on record yet; it is made at the start: %s", name)
		return
	case record.Unreachable(err):
		x.bad("database_unreachable", diagnostic.Textf("连不上数据库：%v", "the database cannot be reached: %v", err), "看数据库是否在运行、--db 的地址和端口", "look whether it is running, and at the address and port of --db")
		return
	case err != nil:
		x.bad("record_unreadable", diagnostic.Textf("数据库里的记录打不开：%v", "the record in the database cannot be opened: %v", err), "看 --db 的用户、口令（PGPASSFILE）、数据库名和权限", "look at the user of --db, the password (PGPASSFILE), the name of the database and what the user may do")
		return
	}
	defer func() { _ = s.Close() }()
	if lax := s.Lax(ctx); lax != "" {
		x.bad("database_not_durable", diagnostic.Textf("数据库的设置 %s：断电会丢记录", "by the database's setting %s records are lost with the power", lax), "在 postgresql.conf 里改为 on", "set it to on in postgresql.conf")
	}
	x.store(ctx, s, book)
}

// store looks at what is on record.
func (x *examination) store(ctx context.Context, s *record.Store, book *rulebook.Book) {
	head := s.Head().Seq
	const lately = 200
	report, err := s.Verify(ctx, record.Stretch{From: max(1, head-lately+1)}) // with all steps
	switch {
	case err != nil:
		x.bad("record_unreadable", diagnostic.Textf("记录读不出来：%v", "the record cannot be read: %v", err), "用备份恢复", "restore a backup")
	case !report.OK():
		x.bad("record_damaged", diagnostic.Textf("最近的记录里有 %[1]d 处与当初不符，先看：%[2]s %[3]s", "the latest records are not as they were made in %[4]s, first: %[2]s %[3]s", len(report.Damage), report.Damage[0].ID, report.Damage[0].Detail, diagnostic.Counted(len(report.Damage), "place", "places")), "用 verify 看全部", "see all with verify")
	case head == 0:
		x.fine("record", "记录文件可用，还没有记录", "the file of the record is in order, and has no record yet")
	default:
		x.fine("record", "记录文件可用：%[1]d 份，最近 %[2]d 份核验无误", "the file of the record is in order: %[3]s, the latest %[2]d verified", head, report.Records, diagnostic.Counted(int(head), "record", "records"))
	}
	x.clock(ctx, s)
	x.webhooksOf(ctx, s)
	x.changes(ctx, s)
	if book != nil {
		x.kept(ctx, s, book)
		x.retained(ctx, s, book)
		sum := sha256.Sum256(x.text)
		if x.signatures, err = s.Signatures(ctx, hex.EncodeToString(sum[:])); err != nil {
			x.bad("record_unreadable", diagnostic.Textf("记录里的签名读不出来：%v", "the signatures on record cannot be read: %v", err), "用备份恢复", "restore a backup")
		}
	}
}

// clock compares the machine's clock with what is on record.
func (x *examination) clock(ctx context.Context, s *record.Store) {
	found, err := s.Search(ctx, record.Query{Limit: 1})
	now := time.Now()
	if err == nil && len(found.Entries) > 0 && found.Entries[0].RecordedAt.After(now.Add(time.Minute)) {
		x.bad("clock", diagnostic.Textf("机器的钟慢了：现在是 %s，最近一份记录却是 %s 的", "the clock is behind: it says %s, and the latest record was made at %s", now.UTC().Format(time.RFC3339), found.Entries[0].RecordedAt.Format(time.RFC3339)), "用 NTP 对时", "set it, by NTP")
		return
	}
	if synchronized, known := clockSynchronized(); known && !synchronized {
		x.note("clock_alone", diagnostic.Text{ZH: "机器的钟没有对时：记录的时间以它为准", EN: "the clock is not synchronised: times of recording are by it"}, "开启 NTP", "turn NTP on")
		return
	}
	x.fine("clock", "机器的钟：%s", "the clock says %s", now.UTC().Format(time.RFC3339))
}

// keptLately is how many of the months that are kept are looked at.
const keptLately = 24

// kept looks for tables among those that are kept which nothing in the rules
// reads.
func (x *examination) kept(ctx context.Context, s *record.Store, book *rulebook.Book) {
	all, err := s.Imports(ctx)
	if err != nil {
		x.bad("kept_unreadable", diagnostic.Textf("留存的表读不出来：%v", "the tables that are kept cannot be read: %v", err), "用 verify 核验记录文件", "verify the file of the record")
		return
	}
	all = slices.DeleteFunc(all, func(i record.Import) bool { return !i.Last })
	wrong := false
	for _, i := range all[:min(len(all), keptLately)] {
		report, err := x.reviewed(ctx, s, i.ID, i.Month, book)
		if err != nil {
			wrong = true
			x.bad("kept_unreadable", diagnostic.Textf("留存的 %s %s 的表看不了：%v", "the tables kept of %s %s cannot be looked at: %v", i.Month, i.Source, err), "重新上传并写明更正的原因", "send them again, and say why")
			continue
		}
		for _, f := range report.Findings {
			if f.Code == "unknown_table" {
				wrong = true
				x.note("kept_unread", diagnostic.Textf("留存的 %s %s 里，没有规则读这个表：%s", "of the tables kept of %s %s no rule reads %s", i.Month, i.Source, f.File), "改表名，或在规则文件的 review 一节加上读它的部分", "name the table as a section of review in the rules file says, or add one that reads it")
			}
		}
	}
	if len(all) > 0 && !wrong {
		x.fine("kept", "留存的 %d 份表都有规则读", "the sets of tables that are kept (%d of them looked at) are all read by rules", min(len(all), keptLately))
	}
}

func (x *examination) reviewed(ctx context.Context, s *record.Store, id int64, month string, book *rulebook.Book) (*review.Report, error) {
	i, err := s.Import(ctx, id)
	if err != nil {
		return nil, err
	}
	const most = 1 << 30
	files, err := tables.New(spool.NewRoom(os.TempDir(), most))
	if err != nil {
		return nil, err
	}
	defer func() { _ = files.Close() }()
	for _, f := range i.Files {
		if err := files.Put(f.Name, func(w io.Writer) error { return s.WriteImported(ctx, id, f, w) }); err != nil {
			return nil, err
		}
	}
	return review.Run(ctx, book, files, review.Options{Month: month, Brief: true, Tables: spreadsheet.Sources})
}

// soonOver is how long before its end a certificate is told of.
const soonOver = 30 * 24 * time.Hour

// keys looks at the files of credentials and keys.
func (x *examination) keys(ctx context.Context) {
	if x.tokenFile != "" {
		if _, err := door.ReadTokens(x.tokenFile, x.rate); err != nil {
			x.bad("tokens", diagnostic.Textf("令牌文件不行：%v", "the token file is wrong: %v", err), "用命令 token 做每一行", "make each line with the command token")
		} else if info, err := os.Stat(x.tokenFile); err == nil && writableByOthers(info) {
			x.bad("tokens_writable", diagnostic.Textf("别人可以改令牌文件：%s", "others may change the token file: %s", x.tokenFile), "chmod 600", "chmod 600")
		} else {
			x.fine("tokens", "令牌文件可用", "the token file is in order")
		}
	}
	x.people(ctx)
	x.providerOf(ctx)
	if x.tlsCert == "" || x.tlsKey == "" {
		return
	}
	if info, err := os.Stat(x.tlsKey); err == nil && readableByOthers(info) {
		x.bad("key_open", diagnostic.Textf("别人可以读证书的私钥：%s", "others may read the key of the certificate: %s", x.tlsKey), "chmod 600，归运行服务的用户", "chmod 600, owned by the user who runs the server")
	}
	pair, err := tls.LoadX509KeyPair(x.tlsCert, x.tlsKey)
	if err != nil {
		x.bad("certificate", diagnostic.Textf("证书和私钥用不了：%v", "the certificate and its key cannot be used: %v", err), "查看 --tls-cert、--tls-key，两者须是一对", "look at --tls-cert and --tls-key, which belong together")
		return
	}
	now := time.Now()
	switch leaf := pair.Leaf; {
	case leaf == nil:
	case now.After(leaf.NotAfter):
		x.bad("certificate_over", diagnostic.Textf("证书已于 %s 过期", "the certificate ended on %s", leaf.NotAfter.Format(time.DateOnly)), "换新证书；在运行的服务会自己换用", "renew it; a server that runs takes it by itself")
	case now.Before(leaf.NotBefore):
		x.bad("certificate_early", diagnostic.Textf("证书从 %s 起才有效", "the certificate holds from %s only", leaf.NotBefore.Format(time.DateOnly)), "看机器的钟，或换证书", "look at the clock, or use another one")
	case leaf.NotAfter.Sub(now) < soonOver:
		x.note("certificate_soon_over", diagnostic.Textf("证书 %s 过期", "the certificate ends on %s", leaf.NotAfter.Format(time.DateOnly)), "换新证书；在运行的服务会自己换用", "renew it; a server that runs takes it by itself")
	default:
		x.fine("certificate", "证书有效到 %s", "the certificate holds until %s", leaf.NotAfter.Format(time.DateOnly))
	}
}

// people looks at the accounts.
func (x *examination) people(ctx context.Context) {
	file := people.FileOf(x.db)
	there, err := people.Exists(x.db)
	switch {
	case record.Unreachable(err): // that is told already
		return
	case err == nil && there && !x.accounts:
		x.bad("accounts_unused", diagnostic.Textf("%s 有账户，但没有 --accounts：服务不会启动", "there are accounts in %s but no --accounts: the server does not start", postgres.Told(file)), "加上 --accounts，或移走这个文件", "add --accounts, or move the file away")
		return
	case err == nil && !there && x.accounts:
		x.fine("accounts", "还没有账户：服务启动时打印建立第一个账户的链接", "there are no accounts yet: the server prints a link to make the first one when it starts")
		return
	case err == nil && !there:
		return
	}
	if info, err := os.Stat(file); err == nil && (readableByOthers(info) || writableByOthers(info)) {
		x.bad("accounts_open", diagnostic.Textf("别人可以读或改账户文件：%s", "others may read or change the file of accounts: %s", file), "chmod 600，归运行服务的用户", "chmod 600, owned by the user who runs the server")
	}
	s, err := people.Open(ctx, file, people.Options{AsItIs: true})
	if err != nil {
		x.bad("accounts", diagnostic.Textf("账户读不出来：%v", "the accounts cannot be read: %v", err), "恢复备份", "restore the backup")
		return
	}
	defer func() { _ = s.Close() }()
	unmanaged, err := s.Unmanaged(ctx)
	switch {
	case err != nil:
		x.bad("accounts", diagnostic.Textf("账户读不出来：%v", "the accounts cannot be read: %v", err), "恢复备份", "restore the backup")
	case unmanaged:
		x.note("accounts_unmanaged", diagnostic.Text{ZH: "没有能登录并管理账户的人", EN: "nobody can sign in and manage accounts"}, "打开服务启动时打印的链接，或用命令 people first、people link", "open the link that the server prints when it starts, or use the command people first or people link")
	default:
		x.fine("accounts", "账户可用", "the accounts are in order")
	}
}

// traces looks at what the environment says of traces, and whether they are taken.
func (x *examination) traces(ctx context.Context) {
	settings, err := telemetry.Read(os.Getenv)
	var fault *telemetry.Fault
	switch {
	case errors.As(err, &fault):
		x.bad("telemetry", diagnostic.Text{ZH: "环境变量 " + fault.Message.ZH + "；服务照常运行，但不发送跟踪", EN: "of the environment, " + fault.Message.EN + "; the server works, and sends no traces"}, fault.Remedy.ZH, fault.Remedy.EN)
		return
	case settings == nil:
		return
	}
	const wait = 15 * time.Second
	ctx, done := context.WithTimeout(ctx, wait)
	defer done()
	if err := telemetry.Try(ctx); err != nil {
		x.note("telemetry_unreachable", diagnostic.Textf("跟踪发不出去，服务照常运行：%v", "traces cannot be sent; the server works without them: %v", err),
			"看接收方是否在运行，以及 OTEL_EXPORTER_OTLP_ENDPOINT 的地址和端口（HTTP 一般是 4318）", "look whether the receiver runs, and at the address and port of OTEL_EXPORTER_OTLP_ENDPOINT (4318, as a rule, for HTTP)")
		return
	}
	x.fine("telemetry", "跟踪发到 %s", "traces are sent to %s", settings.Endpoint)
}

// port looks whether the address can be listened to.
func (x *examination) port(running bool) {
	l, err := net.Listen("tcp", x.addr)
	switch {
	case err == nil:
		_ = l.Close()
		x.fine("port", "可以监听 %s", "%s can be listened to", x.addr)
	case running && addressInUse(err):
		x.fine("port", "%s 正被使用，应是正在运行的服务", "%s is in use, it seems by the server that runs", x.addr)
	case addressInUse(err):
		x.bad("port_taken", diagnostic.Textf("%s 已被别的程序占用", "another program listens to %s", x.addr), "停掉它，或用 --addr 换一个端口", "end it, or choose another port with --addr")
	default:
		x.bad("port", diagnostic.Textf("不能监听 %s：%v", "%s cannot be listened to: %v", x.addr, err), "用 --addr 换一个地址；1024 以下的端口要特权", "choose another address with --addr; ports below 1024 need a privilege")
	}
}

// webhooksOf looks at the addresses that events are sent to.
func (x *examination) webhooksOf(ctx context.Context, s *record.Store) {
	if x.webhooks != "" {
		if _, err := webhook.ReadFile(x.webhooks, x.webhooksPrivate); err != nil {
			x.bad("webhooks_file", diagnostic.Textf("回调文件用不了：%v", "the file of webhooks cannot be used: %v", err), "照所说的改", "mend it as it says")
		}
		if info, err := os.Stat(x.webhooks); err == nil && info.Mode().Perm()&0o077 != 0 && runtime.GOOS != "windows" {
			x.note("webhooks_readable", diagnostic.Textf("别人也能读回调文件，里面有密钥：%s", "others can read the file of webhooks, which has secrets: %s", x.webhooks), "chmod 600", "chmod 600")
		}
	}
	all, err := s.Webhooks(ctx)
	if err != nil {
		x.bad("webhooks", diagnostic.Textf("回调读不出来：%v", "the webhooks cannot be read: %v", err), "用备份恢复", "restore a backup")
		return
	}
	stuck := 0
	for _, h := range all {
		switch {
		case !h.Stopped.IsZero():
			stuck++
			x.bad("webhook_stopped", diagnostic.Textf("回调 %[1]s 已停：从 %[2]s 起没有收下事件（%[3]s）", "the webhook %[1]s is stopped: since %[2]s it has taken no event (%[3]s)", h.Name, h.Failing.Format(time.RFC3339), h.Problem),
				"修好对方，再 POST /v1/webhooks/"+h.Name+"/resume", "mend the receiver, then POST /v1/webhooks/"+h.Name+"/resume")
		case !h.Failing.IsZero():
			stuck++
			x.note("webhook_failing", diagnostic.Textf("回调 %[1]s 从 %[2]s 起没有收下事件，试了 %[4]d 次（%[3]s）", "the webhook %[1]s has taken no event since %[2]s, tried %[4]d times (%[3]s)", h.Name, h.Failing.Format(time.RFC3339), h.Problem, h.Tries),
				"查看对方；会接着试", "look at the receiver; it is tried again")
		}
	}
	if len(all) > 0 && stuck == 0 {
		x.fine("webhooks", "%d 个回调都在收事件", "all %d webhooks take events", len(all))
	}
}
