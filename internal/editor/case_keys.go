package editor

import (
	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/reference"
)

// caseKeys are the keys that may stand below a path of a file of cases and are
// the same whatever the rulebook.
func caseKeys(path []string) []reference.Key {
	switch {
	case len(path) == 0:
		return caseFileKeys
	case path[0] != "cases" && path[0] != "steps" || len(path) < 2 || path[1] != "[]":
		return nil
	case len(path) == 2:
		return keysOfCase
	case len(path) == 3 && path[2] == "expect":
		return keysOfExpect
	case len(path) == 3 && path[2] == "table":
		return keysOfTable
	}
	return nil
}

func keyOf(name string, required bool, zh, en string) reference.Key {
	return reference.Key{Name: name, Required: required, Doc: diagnostic.Text{ZH: zh, EN: en}}
}

var caseFileKeys = []reference.Key{
	keyOf("cases", true, "用例：一个列表", "the cases: a list"),
	keyOf("scenario", false, "一件事从头到尾的名称；各步写在 steps 下", "the name of a matter from its start to its end; what happens stands under steps"),
	keyOf("steps", false, "一件事的各步，每步同一个用例", "the steps of a matter, each written as a case"),
	keyOf("changes", false, "跑用例之前先这样改规则书：路径: 值", "how the rulebook is changed before the cases are run: path: value"),
	keyOf("note", false, "备注", "a remark"),
}

var keysOfCase = []reference.Key{
	keyOf("name", true, "名称：说明试的是什么；同一文件里不重复", "a name that says what is tried; each stands once in a file"),
	keyOf("question", true, "问哪个问题", "the question that is asked"),
	keyOf("facts", false, "事实：问题所取的各个", "the facts that the question takes"),
	keyOf("expect", true, "应得的答复：写了的才比较；没写 breaches 就不许有违反", "what the answer must have: what is named is compared; without breaches there may be none"),
	keyOf("readings", false, "按哪些读法问：读法: 选项；没写的照规则书所选", "the readings under which it is asked: reading: option; others as the rulebook chooses"),
	keyOf("as_of", false, "提问的时刻，如 '2026-01-06T09:00:00+08:00'", "the moment of asking, such as '2026-01-06T09:00:00+08:00'"),
	keyOf("table", false, "几个用例写成一张表：列名、各行", "several cases as a table: columns and rows"),
	keyOf("note", false, "备注", "a remark"),
}

var keysOfExpect = []reference.Key{
	keyOf("verdict", false, "结论", "the verdict"),
	keyOf("breaches", false, "全部违反，写成 条款#代码；不写即没有", "all breaches, as article#code; left out, there are none"),
	keyOf("cites", false, "须引用的条款，多引的不管", "articles that the answer relies on, whatever others"),
	keyOf("cites_only", false, "引用的全部条款", "all articles that the answer relies on"),
	keyOf("rules", false, "须用到的规则，写成 制度.规则", "rules that the answer goes through, as regulation.rule"),
	keyOf("rules_only", false, "用到的全部规则", "all rules that the answer goes through"),
	keyOf("missing_facts", false, "缺少的全部事实", "all facts that are missing"),
	keyOf("needs_decision", false, "是否要由人决定", "whether a person must decide"),
	keyOf("decisions", false, "要由人作的全部决定", "all decisions that a person must take"),
	keyOf("provisional", false, "随时间推移还会变吗", "whether the passing of time could change the answer"),
	keyOf("liable", false, "承担责任的全部角色", "all roles that are liable"),
	keyOf("readings", false, "答复用到的读法和所选", "readings that the answer used, and what was chosen"),
	keyOf("error", false, "出错的代码：不能答复时", "the code of an error: where there is no answer"),
}

var keysOfTable = []reference.Key{
	keyOf("facts", false, "各列的事实", "the facts of columns"),
	keyOf("readings", false, "各列的读法", "the readings of columns"),
	keyOf("expect", false, "各列应得的答复", "what the answers must have, by columns"),
	keyOf("rows", true, "各行：依次写 facts、readings、expect 各列的值，没有的写 _", "the rows: a cell for each column of facts, readings and expect, in that order; _ for none"),
}
