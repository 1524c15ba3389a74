package ci

import "github.com/servicerules/rulebook/diagnostic"

// meanings are the codes of findings of gates, and what each means.
var meanings = []struct {
	code  string
	means diagnostic.Text
}{
	{CodeAnswerTurned, diagnostic.Text{
		ZH: "记录在案的事实（records:）答复变了，既没有写明从哪天起，也没有事实完全相同的新用例。改动只用于将来的，写上日期；本来要改的，加一个用例写明新的答复。",
		EN: "Facts on record (records:) are answered differently, neither from a day on nor as a new case of the very same facts says. Where the change is for the future, give it a date; where it is meant, add a case that expects the new answer.",
	}},
	{CodeAskedLess, diagnostic.Text{
		ZH: ".rulebook.yaml 的要求比原版低。改回去；确要降低的，新写一条注释 # accepted: asked_less – 理由，原版已有的理由不算。",
		EN: ".rulebook.yaml asks for less than the earlier version did. Put it back; where that is meant, add a comment # accepted: asked_less – why; a reason that the earlier version had does not count.",
	}},
	{CodeIncomparable, diagnostic.Text{
		ZH: "原版没有可比的：没有这个规则文件，或者规则有错误。规则文件改过名的，用 --base-rules 写明原来的名称；有错误的，与更早的一版相比。",
		EN: "There is nothing to compare with in the earlier version: it does not have the rules file, or its rules have mistakes. Where the file was renamed, name it with --base-rules; where there are mistakes, compare with a version before it.",
	}},
	{CodeCaseFailed, diagnostic.Text{
		ZH: "用例的结论与 expect 不符。规则改错了就改回来；本来要改的，核对条文后改 expect。",
		EN: "A case is not answered as it expects. Where the rules are wrong, correct them; where the change is meant, look at the article and correct expect.",
	}},
	{CodeCaseFlipped, diagnostic.Text{
		ZH: "原来通过的用例不通过了。改动只用于将来的，写上从哪天起；本来要改的，在同一次提交里改这个用例的 expect。",
		EN: "A case that passed before does not any more. Where the change is for the future, say from which day; where it is meant, change what the case expects in the same commit.",
	}},
	{CodeFewerCases, diagnostic.Text{
		ZH: "用例比原版少。把用例放回去；不再适用的，改成新的应得结论。",
		EN: "There are fewer cases than in the earlier version. Put them back; where one no longer fits, have it expect what is right now.",
	}},
	{CodeCoverageLow, diagnostic.Text{
		ZH: "用例经过的规则不够多，低于 .rulebook.yaml 里 coverage 的要求。看缺什么：rulebook coverage --suggest。",
		EN: "Cases come to less of the rules than coverage in .rulebook.yaml asks for. See what is missed: rulebook coverage --suggest.",
	}},
	{CodeMutationLow, diagnostic.Text{
		ZH: "规则被误改时，用例能发觉的不够多，低于 .rulebook.yaml 里 mutation 的要求。逐处看：rulebook mutate。",
		EN: "Cases notice fewer careless changes of the rules than mutation in .rulebook.yaml asks for. See each: rulebook mutate.",
	}},
	{CodeNoCases, diagnostic.Text{
		ZH: "没有用例。放在规则文件旁的 cases 目录里，或在 .rulebook.yaml 里写 cases: 目录。",
		EN: "There are no cases. Put them into the directory cases beside the rules file, or name one in .rulebook.yaml with cases:.",
	}},
	{CodeUnproven, diagnostic.Text{
		ZH: "要求逐项证明（promises: proven），这项承诺只是没有找到反例。把承诺改得更窄，或写 promises: kept。",
		EN: "Proof is asked for (promises: proven), and of this promise only no counterexample was found. Promise less, or write promises: kept.",
	}},
}

// Codes are the codes of findings of gates.
func Codes() []string {
	all := make([]string, len(meanings))
	for i, m := range meanings {
		all[i] = m.code
	}
	return all
}

// Means says what a code of a gate means and what to do. It is false for a code
// that is none.
func Means(code string) (diagnostic.Text, bool) {
	for _, m := range meanings {
		if m.code == code {
			return m.means, true
		}
	}
	return diagnostic.Text{}, false
}
