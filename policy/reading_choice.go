package policy

import (
	"fmt"
	"slices"
	"strings"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/source"
)

// Choice is the option taken of a reading: one option, with its argument
// where the option has one, or a set of options.
type Choice struct {
	Option    string
	Parameter string   // "18:00" of "business_close:18:00"
	Set       []string // of a reading that chooses several
}

// String is the choice as rules.yaml and answers write it.
func (c Choice) String() string {
	switch {
	case c.Set != nil:
		return strings.Join(c.Set, ",")
	case c.Parameter != "":
		return c.Option + ":" + c.Parameter
	}
	return c.Option
}

// Same reports whether two choices are the same.
func (c Choice) Same(other Choice) bool {
	return c.Option == other.Option && c.Parameter == other.Parameter && slices.Equal(c.Set, other.Set)
}

// ChoiceError says why a text chooses nothing of a reading.
type ChoiceError struct {
	Message, Remedy Text
	Item            int // which of several, else 0
}

// Error is the message in English.
func (e *ChoiceError) Error() string {
	if e == nil {
		return "<nil>"
	}
	return e.Message.EN
}

// called is the option that a text is the label of, in any language, or else the
// only one whose label begins with it; nil where there is none.
func (r *Reading) called(text string) *ReadingOption {
	var begun []*ReadingOption
	for i := range r.Options {
		o := &r.Options[i]
		begins := false
		for _, lang := range o.Label.Languages() {
			label := o.Label.In(lang)
			if text != "" && strings.EqualFold(label, text) {
				return o
			}
			begins = begins || text != "" && strings.HasPrefix(label, text)
		}
		if begins {
			begun = append(begun, o)
		}
	}
	if len(begun) != 1 {
		return nil
	}
	return begun[0]
}

func (r *Reading) noOption(text string, item int) error {
	remedy := r.Allowed(text)
	if o := r.called(text); o != nil {
		remedy = diagnostic.Textf("写 %[1]s（%[2]s）", "write %[1]s, which is %[3]s", o.written(), o.Label.In("zh"), o.Label.In("en"))
	}
	if name, argument, wide := strings.Cut(text, "："); wide {
		meant := name + ":" + argument
		if _, err := r.ParseChoice(meant); err == nil && !r.Several {
			remedy = diagnostic.Textf("冒号改用半角：%s", "write an ASCII colon: %s", meant)
		}
	}
	return &ChoiceError{Message: diagnostic.Textf("没有选项 %q", "there is no option %q", text), Remedy: remedy, Item: item}
}

// ParseChoice reads an option as it is written for this reading: "gt3",
// "business_close:18:00" or, where several may be chosen, "a,b".
func (r *Reading) ParseChoice(text string) (Choice, error) {
	if r.Several {
		return r.ParseSet(strings.Split(text, ","))
	}
	name, parameter, has := strings.Cut(text, ":")
	o := r.Option(name)
	switch {
	case o == nil:
		return Choice{}, r.noOption(text, 0)
	case has && o.Parameter == "":
		return Choice{}, &ChoiceError{
			Message: diagnostic.Textf("选项 %s 不带参数", "option %s takes no argument", name), Remedy: diagnostic.Textf("只写 %s", "write %s alone", name),
		}
	case !has && o.Parameter != "":
		return Choice{}, &ChoiceError{
			Message: diagnostic.Textf("选项 %s 须带参数", "option %s needs an argument", name),
			Remedy:  o.argumentForm(),
		}
	case has:
		if err := o.argument(parameter); err != nil {
			return Choice{}, &ChoiceError{
				Message: diagnostic.Textf("%[2]q 不能作选项 %[1]s 的参数", "%[2]q cannot be the argument of option %[1]s", name, parameter),
				Remedy:  o.argumentForm(),
			}
		}
	}
	return Choice{Option: name, Parameter: parameter}, nil
}

// ParseSet reads several options.
func (r *Reading) ParseSet(words []string) (Choice, error) {
	set := make([]string, 0, len(words))
	for _, o := range r.Options {
		if slices.Contains(words, o.Name) {
			set = append(set, o.Name)
		}
	}
	for i, w := range words {
		if r.Option(w) == nil {
			return Choice{}, &ChoiceError{
				Message: diagnostic.Textf("没有选项 %q", "there is no option %q", w), Item: i,
				Remedy: diagnostic.OneOf(w, slices.DeleteFunc(r.OptionNames(), func(o string) bool { return slices.Contains(words, o) })),
			}
		}
		if slices.Contains(words[:i], w) {
			return Choice{}, &ChoiceError{
				Message: diagnostic.Textf("%q 选了两次", "%q is named twice", w), Remedy: diagnostic.Textf("删去一个", "remove one"), Item: i,
			}
		}
	}
	return Choice{Set: set}, nil
}

// Allowed is the remedy that names the options as they are chosen, that which
// is probably meant first.
func (r *Reading) Allowed(text string) Text {
	name, argument := strings.TrimSpace(text), ""
	if i := strings.IndexAny(text, ":：= "); i >= 0 {
		name, argument = text[:i], strings.TrimLeft(text[i:], ":：= ")
	}
	near := diagnostic.Nearest(name, r.OptionNames())
	written := make([]string, len(r.Options))
	for i := range r.Options {
		written[i] = r.Options[i].written()
	}
	if o := r.Option(near); o != nil {
		near = o.written()
		if written := o.Name + ":" + argument; argument != "" && written != text {
			if _, err := r.ParseChoice(written); err == nil {
				near = written
			}
		}
	}
	return diagnostic.OneOfNear(near, written)
}

// written is the option as it is chosen, with a blank for its argument.
func (o *ReadingOption) written() string {
	switch o.Parameter {
	case "":
		return o.Name
	case "clock_time":
		return o.Name + ":HH:MM"
	default:
		return o.Name + ":N"
	}
}

// argumentForm says what the argument of an option looks like.
func (o *ReadingOption) argumentForm() Text {
	if o.Parameter == "clock_time" {
		return diagnostic.Textf("写成 %s，从 00:00 到 24:00", "write it as %s, from 00:00 to 24:00", o.written())
	}
	return diagnostic.Textf("写成 %s，N 为零到一百万的整数", "write it as %s, N being a whole number from 0 to a million", o.written())
}

// argument reports whether the text can be the argument of the option.
func (o *ReadingOption) argument(text string) error {
	if o.Parameter == "clock_time" {
		_, err := source.ClockTime(text)
		return err
	}
	n, err := source.Integer(text)
	if err == nil && (n < 0 || n > maxArgument) {
		err = fmt.Errorf("%d is not within 0 and %d", n, maxArgument)
	}
	return err
}

// maxArgument is the greatest number that an option may be given.
const maxArgument = 1_000_000

// Sample is the choice of an option, with some argument where it takes one.
func (o *ReadingOption) Sample() Choice {
	c := Choice{Option: o.Name}
	if o.Parameter != "" {
		c.Parameter = sampleParameter(o.Parameter)
	}
	return c
}

func sampleParameter(kind string) string {
	switch kind {
	case "clock_time":
		return "18:00"
	case "percent":
		return "50"
	default:
		return "2"
	}
}
