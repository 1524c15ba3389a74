package forms

import (
	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/condition"
	"github.com/servicerules/rulebook/internal/form"
	"github.com/servicerules/rulebook/internal/value"
	"github.com/servicerules/rulebook/penalty"
	"github.com/servicerules/rulebook/policy"
)

func measureForm() *form.Form {
	return &form.Form{Form: policy.Form{
		Name: "measure", Section: "measures",
		Doc: text("处理措施：按认定的情节给出可选措施", "measures other than money, by the band that a person found"),
		Fields: []policy.Field{
			{Name: "band", Kind: policy.Expression, Wants: policy.KindWord, Required: true, Doc: text("认定的情节", "the band found")},
			{Name: "bands", Kind: policy.StructMap, Required: true, Doc: text("各情节：{代码: {…}}", "the bands by code"), Fields: []policy.Field{
				{Name: "rank", Kind: policy.Number, Required: true, Doc: text("轻重，大者重", "how severe; higher is more severe")},
				{Name: "mode", Kind: policy.Option, Required: true, Words: []string{string(penalty.AnyOf), string(penalty.AllOf), string(penalty.OneOf)}, Doc: text("任选、全部还是其一", "any, all or one of the options")},
				{Name: "options", Kind: policy.StructMap, Required: true, Doc: text("措施：{代码: {rank: 轻重}}", "the options with their rank"), Fields: []policy.Field{
					{Name: "rank", Kind: policy.Number, Required: true, Doc: text("轻重，大者重", "how severe; higher is more severe")},
				}},
			}},
			{Name: "steps", Kind: policy.Expression, Wants: policy.KindCount, Doc: text("净升降档数", "the net steps")},
			{Name: "exempt", Kind: policy.Expression, Wants: policy.KindYesNo, Doc: text("是否免予", "whether exempt")},
			{Name: "effect", Kind: policy.Option, Words: []string{string(penalty.WithinBand), string(penalty.BandStep), string(penalty.ManualBands)}, Doc: text("情节对措施的作用", "what steps do to the measure")},
		},
		Outputs: []policy.Output{
			{Name: "mode", Label: text("如何选", "how many apply"), Type: "any_of, all_of, one_of, none", Doc: text("如何选", "how many of the options apply")},
			{Name: "options", Label: text("可选措施", "options"), Type: "list of words", Doc: text("可选措施，由轻到重", "the options, lightest first")},
			{Name: "advised", Label: text("建议的措施", "advised"), Type: "word", Doc: text("建议的一种", "the one advised")},
			{Name: "band", Label: text("适用的情节", "band"), Type: "word", Doc: text("适用的情节", "the band that applies")},
			{Name: "band_changed", Label: text("是否换了档", "band changed"), Type: "yes/no", Doc: text("是否换了档", "whether it is not the band found")},
		},
	}, Build: buildMeasure}
}

var modeType = form.EngineWords("mode", string(penalty.AnyOf), string(penalty.AllOf), string(penalty.OneOf), string(penalty.NoMeasure))

type measureUnit struct {
	option                                              *value.Type // of the options
	part                                                *form.Part
	rule                                                penalty.MeasureRule
	band, steps, exempt                                 *condition.Program
	modeAt, optionsAt, advisedAt, bandAt, bandChangedAt int
	manual                                              form.Mark
}

func buildMeasure(b *form.Builder) form.Evaluator {
	p := b.Parts[0]
	u := &measureUnit{part: p, band: p.Expr("band"), steps: p.Expr("steps"), exempt: p.Expr("exempt"), rule: penalty.MeasureRule{Effect: penalty.MeasureEffect(p.Option("effect"))}}
	bands, options := &value.Words{Name: b.Name + ".band"}, &value.Words{Name: b.Name + ".option"}
	parts := p.StructMap("bands")
	for _, x := range parts {
		band := penalty.Band{Code: x.Name, Rank: whole(x.Int("rank", 0)), Mode: penalty.Mode(x.Option("mode"))}
		for _, o := range x.StructMap("options") {
			band.Options = append(band.Options, penalty.Option{Code: o.Name, Rank: whole(o.Int("rank", 0))})
			if options.Index(o.Name) < 0 {
				options.Each = append(options.Each, o.Name)
			}
		}
		u.rule.Bands = append(u.rule.Bands, band)
		bands.Each = append(bands.Each, x.Name)
	}
	p.CheckWords("bands", bands.Each, form.WordsOf(u.band))
	for _, x := range u.rule.Problems() {
		failMeasure(p, parts, x)
	}
	u.manual = p.Decision("measure", text("情节如何影响措施", "what the circumstances do to the measure"))
	u.option = form.WordType(options)
	u.modeAt = b.Output("mode", modeType)
	u.optionsAt, u.advisedAt = b.Output("options", checked.ListOf(u.option)), b.Output("advised", u.option)
	u.bandAt, u.bandChangedAt = b.Output("band", form.WordType(bands)), b.Output("band_changed", typeYesNo)
	return u
}

// failMeasure points a problem of the bands at the rank or options it is about.
func failMeasure(p *form.Part, bands []form.NamedPart, x *penalty.MeasureError) {
	words := problemWords[x.Problem]
	const code = "measure_bands"
	switch {
	case x.Band < 0 || x.Band >= len(bands):
		p.Fail("bands", code, words.message, words.remedy)
	case x.Problem == penalty.NoOptions:
		bands[x.Band].Fail("options", code, words.message, words.remedy)
	case x.Option < 0:
		bands[x.Band].Fail("rank", code, words.message, words.remedy)
	default:
		if options := bands[x.Band].StructMap("options"); x.Option < len(options) {
			options[x.Option].Fail("rank", code, words.message, words.remedy)
		}
	}
}

func (u *measureUnit) Evaluate(r *form.Run) {
	band, found := r.Word(u.band)
	steps, known := number(r, u.steps, 0)
	exempt, decided := holds(r, u.exempt, false)
	if found == value.Unknown || !known || !decided {
		r.Undetermined(u.part)
		u.set(r, value.Unknown, penalty.Measure{})
		return
	}
	r.Applied(u.part)
	if found == value.None && !exempt {
		u.set(r, value.None, penalty.Measure{})
		return
	}
	m := u.rule.Choose(band, whole(steps), exempt)
	u.set(r, value.Known, m)
	if m.NeedsDecision {
		r.Mark(u.manual)
	}
}

func (u *measureUnit) set(r *form.Run, s value.State, m penalty.Measure) {
	word := func(w string) value.Value {
		switch {
		case s != value.Known:
			return value.In(value.Word, s)
		case w == "":
			return value.NoneOf(value.Word)
		}
		return value.WordOf(w)
	}
	mode := value.In(value.Word, s)
	if s == value.Known {
		mode = value.WordOf(string(m.Mode))
	}
	r.Set(u.modeAt, mode)
	r.Set(u.optionsAt, words(s, m.Options))
	r.Set(u.advisedAt, word(m.Advised))
	r.Set(u.bandAt, word(m.Band))
	r.Set(u.bandChangedAt, yes(s, m.BandChanged))
}

func (u *measureUnit) Explain(r *form.Run, s *form.Story) {
	mode := r.Slots[u.modeAt]
	if !r.DidApply(u.part) || !mode.IsKnown() {
		return
	}
	s.Tellf(u.part, "%s：%s", "%s: %s", s.ShowAs(mode, modeType), s.ShowAs(r.Slots[u.optionsAt], checked.ListOf(u.option)))
	if a := r.Slots[u.advisedAt]; a.IsKnown() {
		s.Tellf(u.part, "建议 %s", "advised: %s", s.ShowAs(a, u.option))
	}
}
