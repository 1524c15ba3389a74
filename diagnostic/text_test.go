package diagnostic_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook/diagnostic"
)

func in(wordings map[string]string, languages ...string) diagnostic.Text {
	return diagnostic.TextIn(languages, func(lang string) string { return wordings[lang] })
}

func TestTextInItsLanguages(t *testing.T) {
	all := map[string]string{"zh": "中", "en": "word", "de": "Wort", "fr": "mot", "de-AT": "Wörtchen"}
	for _, x := range []struct {
		text  diagnostic.Text
		asked map[string]string
		json  string
	}{
		{in(all), map[string]string{"en": "", "zh": "", "de": ""}, `{"zh":"","en":""}`},
		{in(all, "zh", "en"), map[string]string{"zh": "中", "zh-CN": "中", "en": "word", "en-GB": "word", "de": "word", "": "word"}, `{"zh":"中","en":"word"}`},
		{in(all, "en", "zh"), map[string]string{"zh": "中", "en": "word"}, `{"zh":"中","en":"word"}`},
		{in(all, "en"), map[string]string{"zh": "word", "en": "word", "de": "word", "": "word"}, `{"en":"word"}`},
		{in(all, "zh"), map[string]string{"zh": "中", "en": "中", "de": "中"}, `{"zh":"中"}`},
		{in(all, "de", "en"), map[string]string{"de": "Wort", "de-AT": "Wort", "DE": "Wort", "de_AT": "Wort", "en": "word", "zh": "Wort", "fr": "Wort"}, `{"de":"Wort","en":"word"}`},
		{in(all, "en", "de"), map[string]string{"de": "Wort", "en": "word", "zh": "word", "fr": "word"}, `{"en":"word","de":"Wort"}`},
		{in(all, "fr", "de", "zh", "en"), map[string]string{"de": "Wort", "fr": "mot", "en": "word", "zh": "中", "it": "mot"}, `{"fr":"mot","de":"Wort","zh":"中","en":"word"}`},
		{in(all, "de", "de-AT"), map[string]string{"de": "Wort", "de-AT": "Wörtchen", "de-CH": "Wort", "en": "Wort"}, `{"de":"Wort","de-AT":"Wörtchen"}`},
	} {
		for lang, want := range x.asked {
			assert.Equal(t, want, x.text.In(lang), "%s of %s", lang, x.json)
		}
		data, err := json.Marshal(x.text)
		require.NoError(t, err)
		assert.Equal(t, x.json, string(data))
		var again diagnostic.Text
		require.NoError(t, json.Unmarshal(data, &again))
		assert.True(t, again == x.text, x.json)
	}
}

func TestTextAsJSON(t *testing.T) {
	// As package json writes structs: the encoder says whether HTML is escaped.
	data, err := json.Marshal(diagnostic.Text{ZH: "a<b\u2028\"\n", EN: "\xff&"})
	require.NoError(t, err)
	assert.Equal(t, `{"zh":"a\u003cb\u2028\"\n","en":"\ufffd\u0026"}`, string(data))
	for _, wrong := range []string{`[]`, `"text"`, `{"en": 1}`, `{"en": ["x"]}`, `7`} {
		var text diagnostic.Text
		assert.Error(t, json.Unmarshal([]byte(wrong), &text), wrong)
	}
	for data, want := range map[string]string{`null`: "", `{}`: "", `{"en": null}`: "", `{"en": "a", "en": "b"}`: "b", `{"d\u0000e": "x\u0000y"}`: "xy"} {
		var text diagnostic.Text
		require.NoError(t, json.Unmarshal([]byte(data), &text), data)
		assert.Equal(t, want, text.In("en"), data)
	}
}

func TestComposed(t *testing.T) {
	label := in(map[string]string{"de": "Frist", "en": "limit"}, "de", "en")
	plain := diagnostic.Text{ZH: "规则", EN: "rule"}
	put := func(of diagnostic.Text) func(lang string) string {
		return func(lang string) string { return plain.In(lang) + " " + of.In(lang) }
	}
	composed := diagnostic.Compose(put(label), plain, label)
	assert.Equal(t, []string{"rule Frist", "rule limit", "规则 Frist", "rule Frist"}, []string{composed.In("de"), composed.In("en"), composed.In("zh"), composed.In("fr")})
	assert.Equal(t, diagnostic.Text{ZH: "规则 规则", EN: "rule rule"}, diagnostic.Compose(put(plain), plain))
	assert.Equal(t, composed, composed.Clip())
	assert.False(t, composed.IsZero())
}

func TestCounted(t *testing.T) {
	for n, want := range map[int]string{-1: "-1 rows", 0: "0 rows", 1: "1 row", 2: "2 rows", 11: "11 rows"} {
		assert.Equal(t, want, diagnostic.Counted(n, "row", "rows"))
	}
}
