package forms

import (
	"github.com/servicerules/rulebook/penalty"
	"github.com/servicerules/rulebook/policy"
)

// wording is a finding and what to do about it.
type wording struct{ message, remedy policy.Text }

// problemWords says in words what is wrong with a ladder or with bands.
var problemWords = map[penalty.Problem]wording{
	penalty.NoTiers:      {text("阶梯没有层级", "the ladder has no tiers"), text("在 tiers 下至少写一个层级", "write at least one tier under tiers")},
	penalty.NoRows:       {text("这个层级没有各档", "the tier has no rows"), text("写 rows: [{from: 1, amount: 金额}]", "write rows: [{from: 1, amount: …}]")},
	penalty.FirstRow:     {text("第一档不是从第 1 次起", "the first row does not begin at the first occurrence"), text("写 from: 1", "write from: 1")},
	penalty.RowOrder:     {text("这一档的起始次数不大于上一档，两档重叠", "the row begins no later than the row before it: the two overlap"), text("各档的 from 逐档增大", "let from ascend from row to row")},
	penalty.AmountBelow0: {text("金额为负", "the amount is below zero"), text("写零或正整数", "write nought or a positive whole number")},
	penalty.AmountFalls:  {text("补收此前各次时，金额不能比上一档小", "where earlier occurrences are priced again, an amount cannot be less than that of the row before"), text("金额逐档增大，或写 repricing: marginal", "let the amounts ascend, or write repricing: marginal")},
	penalty.NotOnScale:   {text("金额不在档位 scale 里", "the amount is not on the scale"), text("把它加进 scale，或改用其中的金额", "add it to scale, or use an amount that is there")},
	penalty.ScaleBelow0:  {text("档位里有负数", "the scale holds an amount below zero"), text("删去负数", "remove it")},
	penalty.ScaleOrder:   {text("档位没有从小到大排列，或有重复", "the scale does not ascend, or holds an amount twice"), text("从小到大各写一次", "write each amount once, in ascending order")},

	penalty.NoBands:       {text("没有情节档次", "there are no bands"), text("在 bands 下至少写一档", "write at least one under bands")},
	penalty.BandRankTwice: {text("两档的轻重相同", "two bands have the same rank"), text("给每档不同的 rank", "give each band a rank of its own")},
	penalty.NoOptions:     {text("这一档没有措施", "the band has no options"), text("在 options 下至少写一种", "write at least one under options")},
	penalty.OptionRank:    {text("两种措施的轻重相同", "two options have the same rank"), text("给每种措施不同的 rank", "give each option a rank of its own")},
}
