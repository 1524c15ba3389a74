package wording

import (
	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/policy"
)

// reasons say in a few words what the codes mean that a row or an answer may
// have instead of a verdict; their own messages say it of the value at hand.
// Programs read the codes, in JSON.
var reasons = map[string]diagnostic.Text{
	// why nothing could be computed
	policy.CodeNotInForce:     {ZH: "制度当日尚未施行或已失效", EN: "the regulations are not in force on the day"},
	policy.CodeEventAfterAsOf: {ZH: "晚于判断时间", EN: "later than the moment of asking"},
	policy.CodeOutOfOrder:     {ZH: "事件先后矛盾", EN: "two events contradict each other"},
	policy.CodeYearMissing:    {ZH: "日历没有该年", EN: "the calendar lacks the year"},
	policy.CodeOverflow:       {ZH: "计算超出整数范围", EN: "the calculation leaves the range of whole numbers"},
	policy.CodeNotComputable:  {ZH: "按这些事实无法计算", EN: "these facts cannot be computed with"},

	// why a fact was refused
	"facts_impossible": {ZH: "事实不可能如此", EN: "facts that cannot be"},
	"as_of_twice":      {ZH: "判断时间给了两次且不同", EN: "two different moments of asking"},
	"bad_value":        {ZH: "值有误", EN: "a wrong value"},
	"clock_changed":    {ZH: "当地时间因调钟而不存在或有两个", EN: "a local time that a change of clocks skips or repeats"},
	"contradiction":    {ZH: "两列互相矛盾", EN: "two columns contradict each other"},
	"duplicate_key":    {ZH: "同一项写了两次", EN: "the same stands twice"},
	"empty_name":       {ZH: "名称是空的", EN: "an empty name"},
	"json_syntax":      {ZH: "JSON 写法有误", EN: "not valid JSON"},
	"name_too_long":    {ZH: "名称过长", EN: "a name that is too long"},
	"no_rulebook":      {ZH: "没有规则书", EN: "no rulebook"},
	"not_bound":        {ZH: "尚未绑定问题", EN: "nothing is bound"},
	"not_converted":    {ZH: "值无法转换", EN: "a value that could not be converted"},
	"not_a_value":      {ZH: "单元格里只有横线", EN: "a cell that holds a dash alone"},
	"other_separator":  {ZH: "列表各项不是用分号分隔", EN: "a list that is not parted by semicolons"},
	"not_utf8":         {ZH: "不是 UTF-8 文本", EN: "not UTF-8 text"},
	"nothing_given":    {ZH: "没有给出事实", EN: "no facts were given"},
	"null_item":        {ZH: "列表里有空项", EN: "an empty item in a list"},
	"other_question":   {ZH: "事实是为别的问题核对的", EN: "facts of another question"},
	"other_rulebook":   {ZH: "事实是为别的规则书核对的", EN: "facts of another rulebook"},
	"too_deep":         {ZH: "嵌套过深", EN: "nested too deep"},
	"too_large":        {ZH: "内容过长", EN: "too large"},
	"too_many_errors":  {ZH: "错误过多", EN: "too many errors"},
	"too_many_items":   {ZH: "列表过长", EN: "a list that is too long"},
	"unknown_article":  {ZH: "没有这一条款", EN: "no such article"},
	"unknown_question": {ZH: "没有这个问题", EN: "no such question"},
	"unknown_reading":  {ZH: "没有这个读法或选项", EN: "no such reading or option"},
	"unknown_fact":     {ZH: "没有这项事实", EN: "no such fact"},
	"unknown_word":     {ZH: "不是词表中的词", EN: "none of the words"},
	"unreadable":       {ZH: "无法读取", EN: "cannot be read"},
	"not_money":        {ZH: "不是金额", EN: "not an amount of money"},
	"wrong_currency":   {ZH: "另一种货币的金额", EN: "an amount of another currency"},
	"wrong_type":       {ZH: "值的种类不对", EN: "another kind of value"},

	source.CodeNotAnInteger: {ZH: "不是整数", EN: "not a whole number"},
	source.CodeNotABoolean:  {ZH: "不是 true 或 false", EN: "neither true nor false"},
	source.CodeNotADate:     {ZH: "不是日期", EN: "not a date"},
	source.CodeNotAMonth:    {ZH: "不是月份", EN: "not a month"},
	source.CodeNotATime:     {ZH: "不是钟点", EN: "not a time of day"},
	source.CodeNotAMoment:   {ZH: "不是时刻", EN: "not a moment"},
	source.CodeNotAPercent:  {ZH: "不是百分数", EN: "not a percentage"},
	source.CodeNotAQuantity: {ZH: "不是数量", EN: "not a quantity"},
	source.CodeUnitMissing:  {ZH: "没有单位", EN: "no unit"},
	source.CodeUnknownUnit:  {ZH: "没有这个单位", EN: "no such unit"},
	source.CodeOutOfRange:   {ZH: "超出范围", EN: "out of range"},

	// why a row was refused
	"bad_id":                {ZH: "编号有误", EN: "a wrong id"},
	"cell_too_large":        {ZH: "单元格过长", EN: "a cell that is too long"},
	"column_without_name":   {ZH: "没有列名的列里有内容", EN: "something in a column without a name"},
	"control_character":     {ZH: "含控制字符", EN: "a control character"},
	"csv_syntax":            {ZH: "CSV 写法有误", EN: "not valid CSV"},
	"duplicate_record":      {ZH: "编号重复", EN: "an id that stands twice"},
	"similar_record":        {ZH: "编号与另一表里的只差写法", EN: "an id that another table writes otherwise"},
	"empty_table":           {ZH: "表是空的", EN: "an empty table"},
	"duplicate_column":      {ZH: "一列出现两次", EN: "a column that stands twice"},
	"not_csv":               {ZH: "不是 CSV", EN: "not CSV"},
	"row_too_long":          {ZH: "行过长", EN: "a row that is too long"},
	"too_many_columns":      {ZH: "列过多", EN: "too many columns"},
	"unknown_column":        {ZH: "列不是这里收取的事实", EN: "a column that is no fact"},
	"uncertain_date":        {ZH: "日期有两种读法", EN: "a date that may be two"},
	"uncertain_time":        {ZH: "时间有两种读法", EN: "a time that may be two"},
	"ambiguous_column":      {ZH: "列名是几个事实的标签", EN: "a column called like several facts"},
	"header_again":          {ZH: "表头又出现一次", EN: "the header once more"},
	"another_table":         {ZH: "下面是另一个表", EN: "another table below"},
	"totals_row":            {ZH: "合计行", EN: "a row of totals"},
	"note_row":              {ZH: "表下的说明", EN: "a note below the table"},
	"row_without_facts":     {ZH: "只有编号的行", EN: "a row with nothing but an id"},
	"unknown_encoding":      {ZH: "认不出编码", EN: "an unknown encoding"},
	"merged_cell":           {ZH: "合并的单元格", EN: "merged cells"},
	"merged_headings":       {ZH: "表头有合并的单元格", EN: "a header with merged cells"},
	"formula_without_value": {ZH: "公式没有算出的值", EN: "a formula that was not computed"},
	"formula_error":         {ZH: "公式出错", EN: "a formula with an error"},
	"digits_lost":           {ZH: "数字的末几位丢了", EN: "a number that lost its last digits"},
	"wrong_line_ends":       {ZH: "行末有误", EN: "wrong ends of lines"},
	"wrong_number_of_cells": {ZH: "格数与表头不符", EN: "another number of cells than the header"},
	"wrong_separator":       {ZH: "列之间不是逗号", EN: "columns not separated by commas"},
}

// Reason says what a code means that stands where a verdict would: why nothing
// could be computed, or why facts or a row were refused; the code itself where
// it is none of these.
func (w Words) Reason(code string) string {
	if t, ok := reasons[code]; ok {
		return t.In(w.Lang)
	}
	return code
}
