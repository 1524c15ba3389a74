// Package people is who may do what: the permissions that routes ask for, the
// roles that people have, and the accounts of a server with their passwords and
// sessions.
package people

import (
	"slices"
	"strings"

	"github.com/servicerules/rulebook/diagnostic"
)

// Permission is something that may be done.
type Permission string

// What may be done.
const (
	Anybody Permission = ""      // needs no credentials: whether the server is well, signing in
	Known   Permission = "known" // whoever is known: the own account

	ReadRules      Permission = "read_rules"
	Ask            Permission = "ask"
	Record         Permission = "record"
	SeeRecords     Permission = "see_records"
	SeePersonal    Permission = "see_personal"
	Note           Permission = "note"
	Decide         Permission = "decide"
	Draft          Permission = "draft"
	Approve        Permission = "approve"
	DecideReadings Permission = "decide_readings"
	Export         Permission = "export"
	Verify         Permission = "verify"
	Erase          Permission = "erase"
	SeeAccess      Permission = "see_access"
	Operate        Permission = "operate"
	ManagePeople   Permission = "manage_people"
)

// Meaning is a permission in words.
type Meaning struct {
	Permission Permission
	Text       diagnostic.Text
}

// Meanings are all permissions that a role may have, in the order in which they
// are shown.
func Meanings() []Meaning {
	return []Meaning{
		{ReadRules, diagnostic.Text{ZH: "阅读规则、问题、条文、读法、日历", EN: "read the rules, questions, articles, readings, the calendar"}},
		{Ask, diagnostic.Text{ZH: "提问、审查一个月的表", EN: "ask, review a month"}},
		{Record, diagnostic.Text{ZH: "把判定记录在案、留存月度的表", EN: "put decisions on record, keep the tables of a month"}},
		{SeeRecords, diagnostic.Text{ZH: "查找、查看在案的记录", EN: "search and see what is on record"}},
		{SeePersonal, diagnostic.Text{ZH: "查看未遮盖的姓名、电话等个人信息", EN: "see names, phones and other personal data unmasked"}},
		{Note, diagnostic.Text{ZH: "记载听取意见、程序事实、异议", EN: "note hearings, facts of the procedure, objections"}},
		{Decide, diagnostic.Text{ZH: "作出决定、更正在案的记录", EN: "decide, correct what is on record"}},
		{Draft, diagnostic.Text{ZH: "起草、检查规则", EN: "draft and check rules"}},
		{Approve, diagnostic.Text{ZH: "批准规则的改动", EN: "approve changes of the rules"}},
		{DecideReadings, diagnostic.Text{ZH: "选定读法", EN: "decide readings"}},
		{Export, diagnostic.Text{ZH: "导出在案的记录", EN: "export what is on record"}},
		{Verify, diagnostic.Text{ZH: "核验在案的记录", EN: "verify what is on record"}},
		{Erase, diagnostic.Text{ZH: "抹去记录和留存的表里关于人的内容", EN: "erase what records and kept tables say of people"}},
		{SeeAccess, diagnostic.Text{ZH: "查看谁看过什么、谁改过账户", EN: "see who looked at what and who changed accounts"}},
		{Operate, diagnostic.Text{ZH: "重新加载规则、查看指标", EN: "reload the rules, read the metrics"}},
		{ManagePeople, diagnostic.Text{ZH: "管理账户", EN: "manage accounts"}},
	}
}

// Words is the permission in words; of Known, that one has to be known.
func (p Permission) Words() diagnostic.Text {
	for _, m := range Meanings() {
		if m.Permission == p {
			return m.Text
		}
	}
	return diagnostic.Text{ZH: "已知是谁", EN: "to be known"}
}

// Set is what somebody may do.
type Set []Permission

// Has reports whether the set has a permission. What anybody may do, is in
// every set; Known is in every set of somebody, also in an empty one.
func (s Set) Has(p Permission) bool { return p == Anybody || p == Known || slices.Contains(s, p) }

// Both is what is in both sets.
func (s Set) Both(other Set) Set {
	return slices.DeleteFunc(slices.Clone(s), func(p Permission) bool { return !slices.Contains(other, p) })
}

func union(sets ...Set) Set {
	all := Set{}
	for _, s := range sets {
		all = append(all, s...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// Everything is what there is to do.
func Everything() Set {
	all := Set{}
	for _, m := range Meanings() {
		all = append(all, m.Permission)
	}
	return all
}

// Role is what somebody is to the office. Who has several, may do what any of
// them may.
type Role struct {
	Name  string
	Title diagnostic.Text
	May   Set
}

// Roles are all of them. This is the one table; docs/operations.md shows it.
func Roles() []Role {
	return []Role{
		{"viewer", diagnostic.Text{ZH: "查阅", EN: "viewer"}, Set{ReadRules, Ask, SeeRecords}},
		{"clerk", diagnostic.Text{ZH: "经办", EN: "clerk"}, Set{ReadRules, Ask, Record, SeeRecords, Note}},
		{"decider", diagnostic.Text{ZH: "决定", EN: "decider"}, Set{ReadRules, Ask, Record, SeeRecords, SeePersonal, Note, Decide, Export}},
		{"editor", diagnostic.Text{ZH: "起草", EN: "editor"}, Set{ReadRules, Ask, SeeRecords, Draft}},
		{"approver", diagnostic.Text{ZH: "批准", EN: "approver"}, Set{ReadRules, Ask, SeeRecords, Approve, DecideReadings}},
		{"auditor", diagnostic.Text{ZH: "审计", EN: "auditor"}, Set{ReadRules, Ask, SeeRecords, SeePersonal, Export, Verify, SeeAccess}},
		{"archivist", diagnostic.Text{ZH: "档案", EN: "archivist"}, Set{ReadRules, Ask, SeeRecords, SeePersonal, Verify, Erase}},
		{"operator", diagnostic.Text{ZH: "运维", EN: "operator"}, Set{ReadRules, Verify, Operate, ManagePeople}},
	}
}

// RoleNames are the names of all roles.
func RoleNames() []string {
	var all []string
	for _, r := range Roles() {
		all = append(all, r.Name)
	}
	return all
}

// RoleOf is the role of a name.
func RoleOf(name string) (Role, bool) {
	for _, r := range Roles() {
		if r.Name == name {
			return r, true
		}
	}
	return Role{}, false
}

// MayOf is what somebody with roles may do; names that are none give nothing.
func MayOf(roles []string) Set {
	all := Set{}
	for _, name := range roles {
		r, _ := RoleOf(name)
		all = union(all, r.May)
	}
	return all
}

// Scopes of a token: what it is for, in the words of the token file. Each gives
// the permissions beside it, and whoever has a token may read the rules. Notes
// and decisions are for who may both read and ask, as a note is taken at what is
// read.
const (
	ScopeRead    = "read"
	ScopeAsk     = "ask"
	ScopeOperate = "operate"
)

// ScopesMay is what a token of scopes may do. Words that are no scopes are
// names of roles; what is neither gives nothing.
func ScopesMay(words []string) Set {
	all := Set{ReadRules}
	for _, word := range words {
		switch word {
		case ScopeRead:
			all = union(all, Set{SeeRecords, SeePersonal, Export, Verify})
		case ScopeAsk:
			all = union(all, Set{Ask, Record, Draft})
		case ScopeOperate:
			all = union(all, Set{Operate})
		}
	}
	if slices.Contains(words, ScopeRead) && slices.Contains(words, ScopeAsk) {
		all = union(all, Set{Note, Decide})
	}
	return union(all, MayOf(words))
}

// ScopeKnown reports whether a word of a token file says what a token is for.
func ScopeKnown(word string) bool {
	_, role := RoleOf(word)
	return role || word == ScopeRead || word == ScopeAsk || word == ScopeOperate
}

// Different reports whether two ids of accounts are known to be of two people.
// Where either is not known it is false: nobody can tell. Whatever takes two
// people – a change of the rules that a second one approves – asks this of the
// ids that door.Caller.Person gives, and not of names of tokens: one person may
// have several tokens.
func Different(a, b string) bool { return a != "" && b != "" && !strings.EqualFold(a, b) }
