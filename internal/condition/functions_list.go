package condition

import "github.com/servicerules/rulebook/diagnostic"

var noneIsEmpty = diagnostic.Text{ZH: "没有的列表视为空", EN: "a list that is none counts as empty"}

// listFunctions ask for the elements of lists and make other lists of them.
var listFunctions = []Function{
	{Name: "any", Signature: "any(list, condition)", Example: "any([1, 2, 3], # > 2)", Result: "true", loop: true, None: noneIsEmpty,
		Means: diagnostic.Text{ZH: "是否有一项符合；条件里 # 为该项，.字段 为其字段", EN: "whether one element satisfies the condition, in which # is the element and .field a field of it"}},
	{Name: "all", Signature: "all(list, condition)", Example: "all([1, 2, 3], # > 2)", Result: "false", loop: true, None: noneIsEmpty,
		Means: diagnostic.Text{ZH: "是否每一项都符合", EN: "whether every element does"}},
	{Name: "none", Signature: "none(list, condition)", Example: "none([1, 2, 3], # > 3)", Result: "true", loop: true, None: noneIsEmpty,
		Means: diagnostic.Text{ZH: "是否没有一项符合", EN: "whether no element does"}},
	{Name: "one", Signature: "one(list, condition)", Example: "one([1, 2, 3], # > 2)", Result: "true", loop: true, None: noneIsEmpty,
		Means: diagnostic.Text{ZH: "是否恰有一项符合", EN: "whether exactly one element does"}},
	{Name: "count", Signature: "count(list, condition)", Example: "count([1, 2, 3], # > 1)", Result: "2", loop: true, None: noneIsEmpty,
		Means: diagnostic.Text{ZH: "有几项符合", EN: "how many elements do"}},
	{Name: "filter", Signature: "filter(list, condition)", Example: "filter([1, 2, 3], # > 1)", Result: "[2, 3]", loop: true,
		Means: diagnostic.Text{ZH: "符合的各项", EN: "the elements that do"}},
	{Name: "map", Signature: "map(list, value)", Example: "map([1, 2, 3], # * 2)", Result: "[2, 4, 6]", loop: true,
		Means: diagnostic.Text{ZH: "由每一项算出的值", EN: "a value computed from each element"}},
	{Name: "len", Signature: "len(list)", Example: `len(["a", "b"])`, Result: "2", None: noneIsEmpty,
		Means: diagnostic.Text{ZH: "项数", EN: "how many elements a list has"}},
	{Name: "sum", Signature: "sum(list) or sum(list, value)", Example: "sum([1.50 GBP, 2 GBP])", Result: "3.50 GBP",
		Means:   diagnostic.Text{ZH: "整数、比率、时长或金额之和；写了 value 则为各项算出的值之和", EN: "the sum of whole numbers, ratios, durations or amounts; with a value, of what is computed from each element"},
		None:    diagnostic.Text{ZH: "没有的列表视为空；有一项没有，则结果也没有", EN: "a list that is none counts as empty; none where an element is none"},
		ToldAll: diagnostic.Text{ZH: "%s 之和", EN: "the sum of %s"}},
	{Name: "without", Signature: "without(list, list)", Example: "without([1, 2, 3], [2])", Result: "[1, 3]", None: noneIsEmpty,
		Means: diagnostic.Text{ZH: "前者中不在后者里的各项", EN: "the elements of the first that are not in the second"}},
	{Name: "both", Signature: "both(list, list)", Example: "both([1, 2, 3], [2, 3, 4])", Result: "[2, 3]", None: noneIsEmpty,
		Means: diagnostic.Text{ZH: "前者中也在后者里的各项", EN: "the elements of the first that are in the second too"}},
	{Name: "joined", Signature: "joined(list, list, …) or joined(list of lists)", Example: "joined([1, 2], [2, 3])", Result: "[1, 2, 3]", None: noneIsEmpty,
		Means: diagnostic.Text{ZH: "合并的各项，每项一次", EN: "the elements of all, each once"}},
	{Name: "distinct", Signature: "distinct(list)", Example: "distinct([1, 2, 1])", Result: "[1, 2]", None: noneIsEmpty,
		Means: diagnostic.Text{ZH: "不重复的各项", EN: "the elements, each once"}},
	mostWithin,
	{Name: "months_where", Signature: "months_where(year, list of words, word)", Example: `months_where(2026, ["met", "missed", "met"], "met")`, Result: "[2026-01, 2026-03]",
		Means: diagnostic.Text{ZH: "一年中，列表里相应位置为该词的月份", EN: "the months of a year whose place in the list holds the word"}},
}

// textFunctions ask about texts.
var textFunctions = []Function{
	{Name: "starts_with", Signature: `starts_with(name, "prefix")`, Example: `starts_with("H-17", "H-")`, Result: "true",
		Means: diagnostic.Text{ZH: "名称是否以此开头", EN: "whether a name begins with a text"}},
}
