package policy

import (
	"strings"
	"unicode/utf8"

	"github.com/servicerules/rulebook/diagnostic"
)

// OneOf says what to write in the place of a text that is none of the words:
// the word that is meant, which people may have named by its label, and all of
// them, each with its label.
func (w *WordList) OneOf(text string) Text {
	if len(w.Words) == 0 {
		return diagnostic.OneOf(text, nil)
	}
	return Text{ZH: w.oneOf(text, "zh"), EN: w.oneOf(text, "en")}
}

func (w *WordList) oneOf(text, lang string) string {
	told := make([]string, 0, len(w.Words))
	for _, word := range w.Words[:min(len(w.Words), diagnostic.MaxListed)] {
		told = append(told, w.told(word, lang))
	}
	allowed := strings.Join(told, Text{ZH: "、", EN: ", "}.In(lang))
	if len(w.Words) > diagnostic.MaxListed {
		allowed += Text{ZH: "……", EN: ", …"}.In(lang)
	}
	if near := w.Nearest(text); near != "" {
		near = w.told(near, lang)
		return diagnostic.Textf("是否指 %[1]s？可写：%[2]s", "did you mean %[1]s? Allowed: %[2]s", near, allowed).In(lang)
	}
	return diagnostic.Textf("可写：%s", "allowed: %s", allowed).In(lang)
}

// told is a word with its label, unless they are the same.
func (w *WordList) told(word, lang string) string {
	switch label := w.Labels[word].In(lang); label {
	case "", word, strings.ReplaceAll(word, "_", " "):
		return word
	default:
		return word + Text{ZH: "（" + label + "）", EN: " (" + label + ")"}.In(lang)
	}
}

// Nearest is the word that a text is meant for: the one whose label it is in
// either language, else the one that is nearest to it, by itself, as a part of one label alone, or by
// a label.
func (w *WordList) Nearest(text string) string {
	var labels []string
	of := map[string]string{}
	for _, word := range w.Words {
		for _, lang := range w.Labels[word].Languages() {
			label := w.Labels[word].In(lang)
			if strings.EqualFold(strings.TrimSpace(text), label) {
				return word
			}
			if _, twice := of[label]; label != "" && !twice {
				labels, of[label] = append(labels, label), word
			}
		}
	}
	if near := diagnostic.Nearest(text, w.Words); near != "" {
		return near
	}
	if only := partOf(strings.TrimSpace(text), labels); only != "" {
		return of[only]
	}
	return of[diagnostic.Nearest(text, labels)]
}

// partOf is the only one of some labels that has a text in it: 安装 stands for
// 安装开通 where nothing else is installed. It is "" where none or several have it,
// and of a single sign, which says too little.
func partOf(text string, labels []string) string {
	if utf8.RuneCountInString(text) < 2 {
		return ""
	}
	only := ""
	for _, label := range labels {
		if strings.Contains(strings.ToLower(label), strings.ToLower(text)) {
			if only != "" {
				return ""
			}
			only = label
		}
	}
	return only
}
