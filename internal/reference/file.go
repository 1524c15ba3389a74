package reference

import (
	"fmt"
	"strings"

	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/policy"
)

// Part is a kind of map in a rules file that is not a rule: where it stands
// and which keys it may have.
type Part struct {
	Path string // words for names in <…>
	Doc  policy.Text
	Keys []Key
}

// Key is a key of a Part.
type Key struct {
	Name     string
	Required bool
	Doc      policy.Text
}

func doc(zh, en string) policy.Text { return policy.Text{ZH: zh, EN: en} }

var label = []Key{
	{"zh", true, doc("中文名称", "Chinese label")},
	{"en", true, doc("英文名称", "English label")},
}

var remark = Key{"note", false, doc("说明 {zh, en}，不参与判定", "a remark {zh, en}; decides nothing")}

func labelled(keys ...Key) []Key { return append(append([]Key{}, label...), keys...) }

// TopLevel are the keys at the top of a rules file.
func TopLevel() []Key {
	return []Key{
		{"rulebook", false, doc("书名与通则", "the head of the file")},
		{"include", false, doc("并入的其他文件", "other files that belong to the book")},
		{"extends", false, doc("以哪一部规则书为基础", "the book that this one builds on")},
		{"calendars", false, doc("工作日历", "calendars of working days")},
		{"words", false, doc("词表", "closed lists of words")},
		{"facts", false, doc("事实：提问时提供的内容", "facts: what is given when a question is asked")},
		{"must", false, doc("事实须满足的条件", "conditions that facts cannot break")},
		{"readings", false, doc("读法：条文可作不同理解之处", "readings: where the text can be read in several ways")},
		{"regulations", false, doc("制度、条款和规则", "regulations, their articles and rules")},
		{"questions", false, doc("能问的问题", "questions that can be asked")},
		{"promises", false, doc("承诺：不论事实如何，答复都须做到的", "what must hold of every answer, whatever the facts")},
		{"review", false, doc("月度审查", "the monthly review")},
	}
}

// Flags are the keys outside of rules whose value is true or false.
func Flags() []string {
	return []string{"event", "ordered", "personal", "several", "any_year", "keyed", "no_holidays", "replaces"}
}

// Parts are the parts of a rules file, in the order of the file.
func Parts() []Part {
	return []Part{
		{"rulebook", doc("书名与通则", "the head of the file"), []Key{
			{"id", true, doc("编号，小写英文", "the id, in lower case")},
			{"title", true, doc("书名 {zh, en}", "the title {zh, en}")},
			{"languages", false, doc("文字的语言，如 [zh, en]、[en]、[de, en]；不写即 [zh, en]。各处的名称和文字须有且只有这些语言；只有一种语言时，{en: …} 可直接写文字", "the languages of its wording: [zh, en], [en], [de, en]; [zh, en] if left out. Labels and wordings are needed in exactly these; in a rulebook of one language the text alone may stand for {en: …}")},
			{"zone", true, doc("时区，如 Asia/Shanghai：一天何时开始", "the time zone, such as Asia/Shanghai: when a day begins")},
			{"currency", false, doc("货币，ISO 4217 代码，如 CNY；类型 money 的事实以它计。用整数计金额的规则仅供说明", "the currency, a code of ISO 4217 such as GBP: facts of type money are of it; for information where amounts are whole numbers")},
			{"in_force", true, doc("生效 {from: 日期, to: 日期}，两端均含，to 可不写", "in force {from: date, to: date}, both included; to may be left out")},
			{"calendar", false, doc("缺省日历，可用 by：calendars 下的名称，或 china（随库提供的国务院放假安排）；数工作日或营业时间时必须写", "the calendar by default, may be chosen with by: a name under calendars, or china, the one that comes with the library; needed where working days or opening hours are counted")},
			remark,
		}},
		{"calendars.<name>", doc("工作日历；没写的从 base 继承", "a calendar of working days; what it leaves out it has from its base"), labelled(
			remark,
			Key{"base", false, doc("基础日历：china（国务院安排）或另一日历的名称", "the calendar to build on: china (the State Council's notices) or another name")},
			Key{"weekend", false, doc("周末，如 [friday, saturday]；[] 为每天都上班", "the weekend, such as [friday, saturday]; [] for a seven-day week")},
			Key{"zone", false, doc("这个日历的时区（IANA 名称）：日子何时起止、钟点怎么读，按它计时的时刻怎么写；不写则用 base 的，再则规则书的", "the zone of the calendar (an IANA name): when its days begin and end, what its times of day mean, and how the moments of a clock that counts by it are written; by default that of its base, else the rulebook's")},
			Key{"any_year", false, doc("true：没有安排的年份按普通周计，不报错", "true: years without a listing are plain weeks, and no error")},
			Key{"holidays", false, doc("ignored：不扣放假日", "ignored: listed days off are ordinary days")},
			Key{"makeup", false, doc("ignored：不计调休上班日", "ignored: make-up days are not worked")},
			Key{"closures", false, doc("自定停业日，如 [2025-07-01, 2025-08-01..2025-08-05]", "days off of one's own, such as [2025-07-01, 2025-08-01..2025-08-05]")},
			Key{"hours", false, doc("营业时段，如 [09:00-12:00, 14:00-18:00]；过夜写 [22:00-06:00]，整班算在开始的那一天", "opening hours, such as [09:00-12:00, 14:00-18:00]; past midnight [22:00-06:00], a shift that belongs to the day on which it begins")},
			Key{"weekday_hours", false, doc("某个星期几的营业时段，如 {saturday: [09:00-12:00]}；[] 为不营业，但仍是工作日", "the hours of a weekday, such as {saturday: [09:00-12:00]}; [] is closed, yet a working day")},
			Key{"day_hours", false, doc("某一天的营业时段，如 {2025-12-31: [09:00-12:00]}", "the hours of one day, such as {2025-12-31: [09:00-12:00]}")},
			Key{"yearly", false, doc("每年都有的日子，写法见下；不必逐年列出", "days that come back every year, see below; they need no listing by year")},
			Key{"years", false, doc("各年安排，如 {2027: {rest: [01-01..01-03], work: [01-09]}}；确知没有假日的年份写 no_holidays: true；要代替基础日历里同一年的安排，写 replaces: true。日子也可写成 {on: 01-01, zh: 元旦}；known_on: 公布的日期，之前提问的不按它计", "listings by year, such as {2027: {rest: [01-01..01-03], work: [01-09]}}; no_holidays: true of a year that is known to have none; replaces: true in place of the base's listing of the year. A day may be {on: 01-01, en: New Year's Day}; known_on: the day of the notice; what is asked as of an earlier moment is not counted by it")},
			Key{"changes", false, doc("在已有安排上增改的日子，如 {2026: {rest: [09-03..09-04], work: [09-06]}}；一年改了几次就写成列表，各有 known_on", "days changed on top of a listing, such as {2026: {rest: [09-03..09-04], work: [09-06]}}; a list, each with known_on, where a year was changed several times")},
		)},
		{"calendars.<name>.yearly", doc("每年都有的日子", "days that come back every year"), []Key{
			{"from", false, doc("从哪一年起，这些日子就是全部放假日，不必再列；不写，则加在 base、years 已有的年份上", "the year from which these are all the days off, so that none are listed; without it they are added to the years of base and years")},
			{"until", false, doc("到哪一年为止；不写到 2100", "the last such year; 2100 if left out")},
			{"days", true, doc("各个日子", "the days")},
			remark,
		}},
		{"calendars.<name>.yearly.days", doc("每年的一个日子", "one of them"), []Key{
			{"on", true, doc("哪一天：12-25、easter+1、orthodox easter-2、last monday of may、wednesday before 11-23；或 复活节+1、5月最后一个星期一、11-23之前的星期三", "which day: 12-25, easter+1, orthodox easter-2, last monday of may, wednesday before 11-23")},
			{"zh", false, doc("中文名称", "what it is called in Chinese")},
			{"en", false, doc("英文名称", "what it is called in English")},
			{"from", false, doc("第一年", "the first year")},
			{"until", false, doc("最后一年", "the last year")},
			{"except", false, doc("不放的年份，如 [2021]", "years without it, such as [2021]")},
			{"moved", false, doc("改在别的日子的年份，如 {2022: 06-02}", "years in which it is on another day, such as {2022: 06-02}")},
			{"substitute", false, doc("逢周末补休：next 顺延到下一个工作日，nearest 周六补在前一天、周日补在后一天，sunday_next 只有周日顺延", "where it falls on the weekend, off as well: next, the next working day; nearest, the day before a Saturday, the day after a Sunday; sunday_next, after a Sunday alone")},
			{"hours", false, doc("不放假而缩短：当天的营业时段，如 [09:00-12:00]", "no day off but a short one: its opening hours, such as [09:00-12:00]")},
			remark,
		}},
		{"words.<list>.<word>", doc("词表里的一个词", "a word of a closed list"), label},
		{"must.<name>", doc("事实须满足的条件：明知不满足的，拒收并说明，各处一样", "a condition on facts: facts that are known to break it are refused, with these words, wherever they come in"), labelled(
			remark,
			Key{"that", true, doc("须成立的条件，只用事实，如 outage.to >= outage.from、all(outages, .to >= .from)。用到未知或没有的事实时不算违反", "what must hold, of facts alone: outage.to >= outage.from, all(outages, .to >= .from). It is not broken where a fact in it is unknown or known not to exist")},
		)},
		{"facts.<name>", doc("提问时要提供的一项；记录的 fields 里也这样写", "what is asked for; also within the fields of a record"), labelled(
			remark,
			Key{"type", true, doc("类型，见下表", "its type, see below")},
			Key{"unit", false, doc("单位 {zh, en}", "its unit {zh, en}")},
			Key{"currency", false, doc("type: money 的货币，写 ISO 4217 代码；不写即 rulebook 的 currency", "for type: money, its currency, a code of ISO 4217; by default that of rulebook")},
			Key{"words", false, doc("type: word 的词表：名称，或直接写 {词: {zh, en}}", "for type: word, the list: its name, or {word: {zh, en}} itself")},
			Key{"of", false, doc("type: list 的每一项：{type: …}", "for type: list, each item: {type: …}")},
			Key{"fields", false, doc("type: record 的各栏", "for type: record, its fields")},
			Key{"ordered", false, doc("type: list：true 表示次序有意义", "for type: list, true where the order means something")},
			Key{"personal", false, doc("type: name 或 text：true 可能写人的姓名、电话，服务器只给有权的人看；不写即 true，营业部、工单号之类写 false", "for type: name or text, true where it may name a person or hold a phone, so that the server shows it to those alone who may see personal data. It is so by default: write false for a hall or the number of a ticket")},
			Key{"event", false, doc("type: moment、date、month、year：true 是已发生的事，不得晚于提问时刻，即那一刻、那一天、那个月、那一年", "for type: moment, date, month or year. true: it has happened, so it cannot be later than the moment of asking, or than its day, month or year")},
			Key{"not_before", false, doc("type: moment 或 date：不会早于哪些事实，写同一记录的字段名或全路径；早了就不予判定（events_out_of_order）。同一刻、同一天不算早", "for type: moment or date, the facts that it cannot lie before: fields of the same record, or whole paths. Where it does, nothing is judged (events_out_of_order). The same moment, and the same day, are in order")},
			Key{"if_absent", false, doc("没填是什么意思：none 没有，unknown 不知道，empty 空列表，或一个缺省值", "what absence means: none, unknown, empty for a list, or a value")},
			Key{"if_null", false, doc("写 null 是什么意思，若与没填不同：none 或 unknown", "what null means, if not the same: none or unknown")},
		)},
		{"readings.<key>", doc("读法", "a reading"), []Key{
			{"article", true, doc("条款，如 lending/2", "the article, such as lending/2")},
			{"asks", true, doc("问的是什么 {zh, en}", "the question {zh, en}")},
			{"options", true, doc("选项 {名称: {zh, en, parameter}}，写法见下", "the options {name: {zh, en, parameter}}, see below")},
			{"several", false, doc("true：可选几项", "true: several may be chosen")},
			{"chosen", true, doc("所选，如 third、days:5、[a, b] 或 {by: date, …}", "what is chosen, such as third, days:5, [a, b] or {by: date, …}")},
			{"why", false, doc("理由 {zh, en}", "the reason {zh, en}")},
			{"decided", false, doc("谁在何日决定 {by: …, on: 日期}", "who decided it and when {by: …, on: date}")},
		}},
		{"readings.<key>.options.<option>", doc("读法的一个选项", "an option of a reading"), labelled(
			Key{"parameter", false, doc("选项带的数的种类："+strings.Join(checked.ParameterKinds(), "、")+"。在表达式里 `parameter` 就是它，percent 是比（25 即 25/100），其余是数或时长", "what kind of parameter it has: "+strings.Join(checked.ParameterKinds(), ", ")+". In expressions `parameter` is it: of percent the ratio (25 is 25/100), of the others a number or, of clock_time, a duration")},
		)},
		{"regulations.<id>", doc("一部制度", "a regulation"), labelled(
			remark,
			Key{"source", false, doc("条文的出处，各条没有另写的都是它；写法见下", "where its text is to be read, which all articles have that say nothing else: see below")},
			Key{"last_article", false, doc("最后一条的条号，如 \"11\"；写了，末尾少抄一条时 check 会提醒", "the number of its last article, as \"11\"; with it, check warns where an article is missing at the end")},
			Key{"articles", true, doc("各条 {\"条号\": {…}}；每一条都写上，没有规则的也写", "its articles {\"number\": {…}}; every article stands here, also one without rules")},
		)},
		{`regulations.<id>.articles."6"`, doc("一条（“6”）或一项（“6.1”）；规则写在各种规则的段落里，如 duties", "an article (“6”) or an item (“6.1”); its rules stand under the sections of the forms, such as duties"), []Key{
			{"nature", true, doc("purpose、principle、scope、definition、authority、duty、procedure、threshold、deadline、presumption、permission、sanction、factor 或 right", "purpose, principle, scope, definition, authority, duty, procedure, threshold, deadline, presumption, permission, sanction, factor or right")},
			{"title", true, doc("标题 {zh, en}", "the title {zh, en}")},
			{"text", true, doc("条文 {zh, en}", "the text {zh, en}")},
			{"source", false, doc("条文的出处：文号或网址，如 source: 国办发〔2011〕5号；或 {id, address, version, page}", "where its text is to be read: the official identifier or the address, such as source: https://example.org/act; or {id, address, version, page}")},
			remark,
			{"decides_nothing", false, doc("没有规则时，为什么 {zh, en}", "where it has no rules, why {zh, en}")},
		}},
		{"source", doc("出处，写在一条或整部制度下；没有 id 和 address 的，是整部制度那份文件的某一页", "a source, of an article or a regulation; without id and address, a page of the regulation's own document"), []Key{
			{"id", false, doc("文号或其他正式编号", "the official identifier")},
			{"address", false, doc("网址，以 https:// 或 http:// 开头", "the address, which begins with https:// or http://")},
			{"version", false, doc("版本，照文件自己的叫法", "the version, as the document calls it")},
			{"page", false, doc("页码，如 3；几页写 3-5", "the page, such as 3; of several 3-5")},
		}},
		{"questions.<id>", doc("能问的一个问题；其规则不得让答复太慢（question_too_costly）：不要对列表的每一项再处理另一个列表", "a question that can be asked; its rules must not make it slow to answer (question_too_costly): do not go through another list for every item of a list"), labelled(
			remark,
			Key{"facts", true, doc("收取的事实；改名写成 {外部名: 事实名}", "the facts it takes; {outer name: fact} to rename one")},
			Key{"governed_by", false, doc("适用哪一天的版本：时刻、日期或月份；不写即提问时刻。不知道或没有，而各版答复不同时，不予判定，并指出缺这个事实；要按提问时刻的，写明 x == null ? as_of : x", "which day's edition applies: a moment, date or month; without it, the moment of asking. Where it is not known, or there is none, and the editions answer differently, the answer is undetermined and names the fact as missing; to take the moment of asking then, write x == null ? as_of : x")},
			Key{"scope", false, doc("适用范围（scopes）；不成立即“不适用”", "the scopes that must hold, else the regulation does not apply")},
			Key{"rules", true, doc("参与答复的规则或组；只有列出的才报违反、责任人、须决定的事", "the rules or groups that answer; only those listed report breaches, who is liable, and decisions")},
			Key{"verdict", true, doc("结论 {is: 表达式, words: 词表, if_none: 词}，写法见下", "the verdict {is: expression, words: list, if_none: word}, see below")},
			Key{"values", true, doc("取值 {名称: {…}}", "the values {name: {…}}")},
		)},
		{"questions.<id>.verdict", doc("答复的结论", "the verdict of the answer"), []Key{
			{"is", true, doc("得出结论的表达式", "the expression that gives it")},
			{"words", false, doc("词表，或直接写 {词: {zh, en}}；只需写它自己的词：规则和事实的词（如计时的 on_time）不写也可用", "the list: its name, or {word: {zh, en}} itself. It need only hold its own words: those of rules and facts, such as on_time of a clock, may be used without")},
			{"if_none", false, doc("没有结论时的词", "the word where there is none")},
		}},
		{"questions.<id>.values.<name>", doc("答复里的一个取值", "a value of the answer"), []Key{
			{"zh", false, doc("中文名称；只取一项事实或规则的一个输出时可不写，即用它的名称", "Chinese label; may be left out where it shows a single fact or output of a rule, and is called as that")},
			{"en", false, doc("英文名称，同上", "English label, likewise")},
			remark,
			{"is", false, doc("表达式；与 fields 择一", "an expression; this or fields")},
			{"unit", false, doc("数的单位；缺省为所取事实的单位", "of a number: its unit; by default that of the fact which it is")},
			{"words", false, doc("词的词表；规则自己的词（如 late）可不在其中", "the list that its words are from; the words of rules, such as late, need not be in it")},
			{"keyed", false, doc("true：两栏的记录写成 {第一栏: 第二栏}", "true: records of two fields are written as {first: second}")},
			{"columns", false, doc("记录各栏的名称 {栏: {zh, en}}", "labels for the fields of records {field: {zh, en}}")},
			{"when", false, doc("何时有此取值", "when there is such a value")},
			{"fields", false, doc("若干取值合成的记录", "values that make up a record")},
		}},
		{"promises.<name>", doc("承诺：不论事实如何，答复都须做到的；rulebook promises 逐项证明，或举出反例", "a promise: what holds of every answer, whatever the facts. rulebook promises proves it, or shows facts that break it"), labelled(
			remark,
			Key{"article", true, doc("出自哪一条", "the article that it comes from")},
			Key{"question", true, doc("关于哪个问题的答复", "the question whose answers it is about")},
			Key{"when", false, doc("前提，用事实和答复写的条件；没有即总是", "of which facts and answers it is: a condition; without it, of all")},
			Key{"then", false, doc("须成立的条件；answer.verdict 是答复的结论，answer.取值 是它的取值。没有的（null）不等于 0", "what must hold: answer.verdict is what is answered, answer.NAME a value of it. One that does not exist (null) is not 0")},
			Key{"as_rises", false, doc("不写 then 时：随着这一个事实增大（变多、变晚、否变是、词按词表往后），其余事实不变", "instead of then: as this one fact rises (more, later, from no to yes, a word further on in its list), all others being as they are")},
			Key{"never_falls", false, doc("这个取值不会变小；两次答复同属一个版本，不知道、没有的不比较", "this value does not fall. Both answers are of one edition; what is unknown or does not exist is not compared")},
			Key{"never_rises", false, doc("这个取值不会变大", "this value does not rise")},
			Key{"order", false, doc("取值是词时，从低到高的次序，如 [late, on_time]；没列的不比较。缺省按词表的次序", "where the value is a word, the words from low to high: [late, on_time]; others are not compared. By default the order of its list")},
		)},
		{"review.sections.<name>", doc("月度审查的一部分", "a section of the monthly review"), labelled(
			remark,
			Key{"question", true, doc("问哪个问题", "which question is asked")},
			Key{"table", true, doc("哪张表的每一行", "of each row of which table")},
			Key{"month", false, doc("决定属于哪个月的事实", "the fact that places a row in a month")},
			Key{"until", false, doc("在此之前也算以后各月的事实", "the fact until which it belongs to later months, too")},
			Key{"list", false, doc("要逐条列出的结论", "the verdicts that are listed one by one")},
			Key{"columns", false, doc("各栏 {名称: {zh, en, show, sum}}；show 写取值，或 facts.事实", "the columns {name: {zh, en, show, sum}}; show names values, or facts.<fact>")},
			Key{"with", false, doc("对同一记录另问的问题 {名称: {question, table, for, show}}", "another question about the same row {name: {question, table, for, show}}")},
		)},
	}
}

// factTypes are the types of facts: how they are written, and what absence
// means unless the fact says otherwise.
var factTypes = [][3]string{
	{"moment", "`2025-06-09T10:00:00+08:00`", "none / 没有发生"},
	{"date", "`2025-06-09`", "none / 没有发生"},
	{"month, year", "`2025-06`, `2025`", "unknown / 不知道"},
	{"word", "a word of its list / 词表里的一个词", "unknown / 不知道"},
	{"name", "an id, never interpreted / 编号，不作解释", "unknown / 不知道"},
	{"text", "free text; blank counts as none / 任意文字，空白算没有", "unknown / 不知道"},
	{"article", "`lending/2`", "unknown / 不知道"},
	{"yes_no", "`true`, `false`", "unknown / 不知道"},
	{"count", "a whole number from 0 / 非负整数", "unknown / 不知道"},
	{"number", "a whole number, may be below 0 / 整数，可为负", "unknown / 不知道"},
	{"money", "`9.98`, `9.98 GBP`; of the rulebook's currency, or of its own `currency:` / 金额，货币为 rulebook 的，或 `currency:` 另写的", "unknown / 不知道"},
	{"list", "`[…]` of one type / 同一类型的列表", "unknown / 不知道"},
	{"record", "`{field: value}`", "unknown / 不知道"},
}

// FactTypes are the types of facts.
func FactTypes() []string {
	var all []string
	for _, t := range factTypes {
		all = append(all, strings.Split(t[0], ", ")...)
	}
	return all
}

func parts(b *strings.Builder) {
	var top []string
	for _, k := range TopLevel() {
		top = append(top, "`"+k.Name+"`")
	}
	b.WriteString("\n## The file / 文件\n\nTop level / 顶层：" + strings.Join(top, ", ") + ".\n\n" +
		"`include: [words.yaml, regulations/time_limit.yaml]` takes in files of the same folder or below it, by their paths from there. Each has some of the sections, without `rulebook`, `include` and `review` twice; what they define belongs to the book as if it stood in the main file, and the hash of the book covers all of them. What stands in two files is an error.\n\n" +
		"`include: [words.yaml, regulations/time_limit.yaml]` 并入同一文件夹及其下的文件，写从那里起的路径。每个文件写若干节；所写的都属于这部规则书，如同写在主文件里，规则书的哈希包括全部文件。同一名称在两个文件里都有，是错误。\n\n" +
		"`extends: province.yaml` makes a book on top of another one, such as a branch's on that of its province: it has all of that, adds rules, articles, facts, words, readings and questions, and says otherwise only what the other book marks in place: `may_change: [within]` in a rule, `may_change: [chosen, decided]` in a reading, likewise in `rulebook`, calendars, facts, `must`, regulations, articles, questions, promises and sections of the review. Its own are `rulebook.id`, `title` and `note`. `rulebook deviations` lists what it changes and adds.\n\n" +
		"`extends: province.yaml` 以另一部规则书为基础，如分公司以省里的为基础：它包含那一部的全部，可以增加规则、条款、事实、词、读法、问题，能改的只有那一部就地标明的：规则里写 `may_change: [within]`，读法里写 `may_change: [chosen, decided]`，`rulebook`、日历、事实、`must`、制度、条款、问题、承诺、审查的各部分也一样。自己写的有 `rulebook.id`、`title`、`note`。`rulebook deviations` 列出它改了什么、加了什么。\n")
	for _, p := range Parts() {
		fmt.Fprintf(b, "\n### `%s`\n\n%s / %s\n\n| key | needed | |\n|---|---|---|\n", p.Path, p.Doc.EN, p.Doc.ZH)
		for _, k := range p.Keys {
			needed := ""
			if k.Required {
				needed = "yes / 必填"
			}
			fmt.Fprintf(b, "| `%s` | %s | %s<br>%s |\n", k.Name, needed, k.Doc.EN, k.Doc.ZH)
		}
		if p.Path == "words.<list>.<word>" {
			engineWords(b)
		}
		if p.Path == "facts.<name>" {
			b.WriteString("\n| type | written / 写法 | if absent / 没填 |\n|---|---|---|\n")
			for _, t := range factTypes {
				fmt.Fprintf(b, "| `%s` | %s | %s |\n", strings.ReplaceAll(t[0], ", ", "`, `"), t[1], t[2])
			}
		}
	}
}

// engineWords lists the words that kinds of rule have of their own.
func engineWords(b *strings.Builder) {
	b.WriteString("\nWords that kinds of rule have of their own need not stand here: they have the labels below. " +
		"To call them otherwise, write a list of that name with those that read otherwise, or a list of any name with all of them.\n\n" +
		"规则自己的词不必写在这里：它们有下表的名称。要换叫法，写一个同名的词表，只列换了叫法的词；或写一个含全部这些词的词表，名称随意。\n\n" +
		"| list / 词表 | word / 词 | label / 名称 |\n|---|---|---|\n")
	for _, list := range checked.EngineWords() {
		for _, w := range list.Words {
			fmt.Fprintf(b, "| `%s` | `%s` | %s<br>%s |\n", list.Name, w, list.Labels[w].EN, list.Labels[w].ZH)
		}
	}
}
