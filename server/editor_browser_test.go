package server

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const ctrl = 2 // as the protocol has it

// pressed presses a key with others held.
func (b *tab) pressed(key, code string, number int64, held int64) {
	b.Helper()
	for _, kind := range []input.DispatchKeyEventType{"rawKeyDown", "keyUp"} {
		call(b, input.DispatchKeyEvent, input.DispatchKeyEventParams{Type: kind, Key: key, Code: code, WindowsVirtualKeyCode: number, Modifiers: held})
	}
}

// writes types text as a person does.
func (b *tab) writes(text string) {
	b.Helper()
	b.run(chromedp.KeyEvent(text))
}

// looked waits until the editor knows of the text as it is.
func (b *tab) looked(said string) {
	b.Helper()
	b.until(fmt.Sprintf(`!document.querySelector(".editing[aria-busy]") && document.querySelector("[data-part=state]").textContent.includes(%q)`, said))
}

// narrow has the page on a screen of another width.
func (b *tab) narrow(width int64) {
	b.Helper()
	call(b, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: width, Height: 900, DeviceScaleFactor: 1, Mobile: width < 600})
}

// TestEditor writes in the editor of rules as a person does: what is wrong is marked
// at the word while he types, told with what to write where he points, mended by a
// click, and found from the list; keys lead in and out; without scripts it is a field.
func TestEditor(t *testing.T) {
	t.Parallel()
	window := browser(t)
	for _, l := range looks() {
		t.Run(l.String(), func(t *testing.T) {
			t.Parallel()
			rules := filepath.Join(t.TempDir(), "rules.yaml")
			text, err := os.ReadFile("../rules.yaml")
			require.NoError(t, err)
			require.NoError(t, os.WriteFile(rules, text, 0o600))
			c := &census{tab: open(t, window, started(t, "--rules", rules), l)}
			nothing := l.t("没有发现问题", "nothing is wrong")
			c.visit("/rules/changes/new")
			c.looked(nothing)
			c.seen("editor")

			// typed at a place that is found by its words
			c.js(`document.querySelector(".cm-content").focus()`)
			c.pressed("f", "KeyF", 'F', ctrl)
			c.until(`document.activeElement?.matches(".cm-search [name=search]")`)
			c.writes("within: 5 working days")
			c.shoot("editor-search")
			c.fits("editor-search")
			c.run(chromedp.KeyEvent("\r"))
			c.pressed("Escape", "Escape", 27, 0)
			c.until(`!document.querySelector(".cm-search")`)
			assert.Contains(c, c.text("[data-part=law]"), l.t("第", "article"), "the article of the rule stands beside it")
			law := c.text("[data-part=law]")
			c.writes("wthin: 5 working days")
			c.looked(l.t("错误：1", "errors: 1"))
			c.until(`document.querySelector(".cm-lintRange-error")?.textContent === "wthin"`)
			assert.Equal(c, law, c.text("[data-part=law]"))
			c.seen("editor-wrong")

			// pointed at, where there is a mouse, and mended by a click
			if l.width > 600 {
				point := func() {
					at := value[[]float64](c.tab, `(r => [r.x + r.width / 2, r.y + r.height / 2])(document.querySelector(".cm-lintRange-error").getBoundingClientRect())`)
					for _, off := range []float64{40, 3, 0} {
						call(c.tab, input.DispatchMouseEvent, input.DispatchMouseEventParams{Type: "mouseMoved", X: at[0] - off, Y: at[1] + off})
					}
				}
				point()
				c.until(`document.querySelector(".cm-tooltip .choices button") && document.querySelector(".cm-tooltip .remedy").textContent.includes("within")`)
				c.shoot("editor-pointed-at")
				c.accessible("editor-pointed-at")
				point()                                                                                         // a picture of the whole page may take the mouse away
				c.until(`(b => b && (b.click(), true))(document.querySelector(".cm-tooltip .choices button"))`) // as soon as it is there
				c.looked(nothing)
				assert.Equal(c, string(text), value[string](c.tab, `document.getElementById("text").value`), "mended, it is as it was")
				c.pressed("z", "KeyZ", 'Z', ctrl)
				c.looked(l.t("错误：1", "errors: 1"))
			}

			// from the list to the word, and mended there
			c.js(`document.querySelector(".cm-scroller").scrollTop = 0`)
			c.click("[data-part=list] button.place")
			c.until(`getSelection().toString() === "wthin" && document.activeElement?.matches(".cm-content")`)
			c.click("[data-part=list] .choices button")
			c.until(`document.querySelector("[data-part=list] .choices button")?.textContent.includes("within")`)
			c.shoot("editor-mending")
			c.fits("editor-mending")
			c.click("[data-part=list] .choices button")
			c.looked(nothing)
			c.proves(".editing button", "[data-part=list] button")

			// completion: what may stand there, from the rulebook
			c.js(`document.querySelector(".cm-content").focus()`)
			c.pressed("End", "End", 35, 0)
			c.pressed("Enter", "Enter", 13, 0)
			c.writes("wit")
			c.until(`document.querySelector(".cm-tooltip-autocomplete li")`)
			c.shoot("editor-completion")
			c.fits("editor-completion")
			c.pressed("Escape", "Escape", 27, 0)
			c.pressed("z", "KeyZ", 'Z', ctrl)

			// Tab indents, and is no trap: Escape, then Tab leads on
			before := value[string](c.tab, `document.activeElement.className`)
			c.pressed("Tab", "Tab", 9, 0)
			assert.Equal(c, before, value[string](c.tab, `document.activeElement.className`))
			c.pressed("Escape", "Escape", 27, 0)
			c.pressed("Tab", "Tab", 9, 0)
			c.until(`!document.activeElement.closest(".cm-editor")`)

			// a look that takes long is told, and why the server cannot be asked; who comes
			// back is looked after again
			c.js(`window.real = fetch; window.asked = []; window.fetch = () => new Promise((done) => asked.push(done))`)
			c.js(`document.querySelector(".cm-content").focus()`)
			c.writes("x:")
			c.until(fmt.Sprintf(`asked.length && document.querySelector("[data-part=state]").textContent === %q`, l.t("正在检查……", "looking at it…")))
			c.js(`window.refused = () => new Response("", { status: 401 }); window.fetch = async () => refused(); asked.forEach((done) => done(refused()))`) // those to come, too
			c.until(fmt.Sprintf(`document.querySelector("[data-part=state]").textContent.includes(%q)`, l.t("在另一个标签页登录", "sign in on another tab")))
			c.shoot("editor-signed-out")
			c.js(`window.fetch = real; dispatchEvent(new Event("focus"))`)
			c.looked(l.t("错误：1", "errors: 1"))

			// the language is switched without a loss; so is the theme
			c.set("text", strings.Replace(string(text), "within: 5 working days", "within: 4 working days", 1))
			c.follow(`button[name="lang"]`)
			c.until(`document.querySelector(".cm-content")`)
			c.follow(`button[name="lang"]`)
			c.looked(nothing)
			assert.Contains(c, value[string](c.tab, `document.getElementById("text").value`), "within: 4 working days")

			// a line of the file that is not the first that shows, and what is wrong twice
			c.set("text", "rulebook: {id: x}\nregulatons: {}\nфакты: 1\n")
			c.looked(l.t("错误", "errors"))
			c.seen("editor-all-wrong")

			for _, w := range []int64{320, max(320, l.width/2)} { // and at 200 %
				c.narrow(w)
				c.fits(fmt.Sprintf("editor at %d", w))
				c.shoot(fmt.Sprintf("editor-%d", w))
			}

			c.scripts(false)
			c.visit("/rules/changes/new")
			assert.True(c, value[bool](c.tab, `getComputedStyle(document.getElementById("text")).display !== "none" && !document.querySelector(".cm-editor")`))
			c.shoot("editor-scriptless")
		})
	}
}
