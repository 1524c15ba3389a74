package server

import (
	"bufio"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/servicerules/rulebook/internal/testsize"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var shots = flag.String("shots", "", "directory to write pictures of the pages to")

// patience is how long a page may take to show something, on a machine that
// has other things to do.
const patience = 2 * time.Minute

// chromium is the browser's command. Where there is none the test is skipped,
// unless RULEBOOK_BROWSER=required.
func chromium(t *testing.T) string {
	t.Helper()
	testsize.NotAtTheDesk(t)
	names := []string{"chromium-headless-shell", "chromium", "chromium-browser", "google-chrome"} // the first needs half the time
	if own := os.Getenv("CHROMIUM"); own != "" {
		names = []string{own}
	}
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	const how = "no browser was found; install the Debian packages chromium-headless-shell and fonts-noto-cjk, or set CHROMIUM to the command of one"
	if os.Getenv("RULEBOOK_BROWSER") == "required" {
		t.Fatal(how)
	}
	t.Skip(how)
	return ""
}

// window is the browser that all tests share; each tab has cookies of its own.
var window struct {
	once sync.Once
	ctx  context.Context
	err  error
	stop func()
}

// browser is a browser without a window that knows nothing of other sessions.
func browser(t *testing.T) context.Context {
	t.Helper()
	command := chromium(t)
	window.once.Do(func() {
		profile, err := os.MkdirTemp("", "browser")
		if err != nil {
			window.err = err
			return
		}
		options := append(chromedp.DefaultExecAllocatorOptions[:len(chromedp.DefaultExecAllocatorOptions):len(chromedp.DefaultExecAllocatorOptions)],
			chromedp.ExecPath(command), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.UserDataDir(profile), chromedp.WSURLReadTimeout(patience),
			// A third of the work of the browser is processes: none for graphics, and none in advance.
			chromedp.Flag("in-process-gpu", true), chromedp.Flag("disable-features", "site-per-process,Translate,BlinkGenPropertyTrees,PaintHolding,SpareRendererForSitePerProcess,ProcessPerSiteUpToMainFrameThreshold,RenderDocument"),
			chromedp.Flag("disable-quic", true), chromedp.Flag("disable-back-forward-cache", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("hide-scrollbars", true),
		)
		allocator, stop := chromedp.NewExecAllocator(context.Background(), options...)
		ctx, cancel := chromedp.NewContext(allocator)
		window.ctx, window.stop = ctx, func() {
			_ = chromedp.Cancel(ctx)
			cancel()
			stop()
			_ = os.RemoveAll(profile) // the last of the browser may still be writing
		}
		window.err = chromedp.Do(ctx)
	})
	require.NoError(t, window.err)
	return window.ctx
}

func TestMain(m *testing.M) {
	code := m.Run()
	if window.stop != nil {
		window.stop()
	}
	os.Exit(code)
}

// started is a server of the command's own, on a port of its own.
func started(t *testing.T, args ...string) (origin string) {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	out, in := io.Pipe()
	args = append([]string{"--addr", "127.0.0.1:0", "--db", filepath.Join(t.TempDir(), "rulebook.db"), "--watch", "50ms"}, args...)
	ended := make(chan int, 1)
	var said syncBuffer
	go func() {
		ended <- run(ctx, args, in, &said, nil)
		_ = in.Close()
	}()
	line, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err, "%s", said.String())
	t.Cleanup(func() {
		stop()
		assert.Zero(t, <-ended, "%s", said.String())
	})
	at := strings.Fields(line)
	u, err := url.Parse(at[len(at)-1])
	require.NoError(t, err)
	return "http://" + u.Host
}

type syncBuffer struct {
	mu sync.Mutex
	b  strings.Builder
}

func (s *syncBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *syncBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// look is how a person looks at the pages.
type look struct {
	lang  string
	width int64
	theme string
}

func (l look) String() string { return fmt.Sprintf("%s-%d-%s", l.lang, l.width, l.theme) }

// looks are all languages, widths and themes in the longest run, else each of
// them once.
func looks() []look {
	if testsize.Pick(true, true, false) {
		return []look{{"zh", 1280, "light"}, {"en", 390, "dark"}}
	}
	var all []look
	for _, lang := range []string{"zh", "en"} {
		for _, width := range []int64{1280, 390} {
			for _, theme := range []string{"light", "dark"} {
				all = append(all, look{lang, width, theme})
			}
		}
	}
	return all
}

// t is wording in the language of the look.
func (l look) t(zh, en string) string {
	if l.lang == "zh" {
		return zh
	}
	return en
}

// tab is a page that somebody looks at. Whatever the browser finds wrong is a
// failure of the test.
type tab struct {
	*testing.T
	look
	ctx    context.Context
	origin string

	scriptless bool // see scripts

	mu        sync.Mutex
	faults    []string
	elsewhere string // another server that pages lead to; "" for none
}

// open opens a tab with cookies of its own.
func open(t *testing.T, browser context.Context, origin string, l look) *tab {
	t.Helper()
	b := &tab{T: t, look: l, origin: origin}
	ctx, cancel := chromedp.NewContext(browser, chromedp.WithNewBrowserContext(), chromedp.WithListener(b.heard))
	t.Cleanup(cancel)
	b.ctx = ctx
	require.NoError(t, chromedp.Do(ctx))
	screen := emulation.SetDeviceMetricsOverrideParams{Width: l.width, Height: 900, DeviceScaleFactor: 1, Mobile: l.width < 600}
	headers := network.Headers{"Accept-Language": map[string]string{"zh": "zh-CN,zh;q=0.9", "en": "en-GB,en;q=0.9"}[l.lang]}
	call(b, network.Enable, network.EnableParams{})
	call(b, log.Enable, cdp.Empty{})
	call(b, emulation.SetDeviceMetricsOverride, screen)
	call(b, emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true}) // whichever tab is in front
	call(b, network.SetExtraHTTPHeaders, network.SetExtraHTTPHeadersParams{Headers: headers})
	b.media("")
	t.Cleanup(func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		assert.Empty(t, b.faults, "what the browser found wrong")
	})
	return b
}

// call runs a command of the browser's protocol.
func call[P, R any](b *tab, command cdp.Command[P, R], params P) {
	b.Helper()
	b.run(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, command, params)
		return err
	}))
}

// media is what the page is shown on: the screen or paper.
func (b *tab) media(of string) {
	call(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Media: of, Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: b.theme}, {Name: "prefers-reduced-motion", Value: "reduce"}},
	})
}

func (b *tab) fault(format string, args ...any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.faults = append(b.faults, fmt.Sprintf(format, args...))
}

// heard notes errors of the console, and requests to anybody else.
func (b *tab) heard(event any) {
	switch e := event.(type) {
	case *runtime.EventConsoleAPICalled:
		if e.Type == "error" || e.Type == "warning" || e.Type == "assert" {
			var text []string
			for _, a := range e.Args {
				text = append(text, string(a.Value)+a.Description)
			}
			b.fault("console %s: %s", e.Type, strings.Join(text, " "))
		}
	case *runtime.EventExceptionThrown:
		b.fault("exception: %s at %s:%d", e.ExceptionDetails.Text, e.ExceptionDetails.URL, e.ExceptionDetails.LineNumber+1)
	case *log.EventEntryAdded:
		// A page may ask for its banner while somebody signs out of it.
		signedOut := strings.HasSuffix(e.Entry.URL, "/banner") && strings.Contains(e.Entry.Text, "401")
		if (e.Entry.Level == "error" || e.Entry.Level == "warning") && !signedOut {
			b.fault("log %s: %s %s", e.Entry.Level, e.Entry.Text, e.Entry.URL)
		}
	case *network.EventRequestWillBeSent:
		u, err := url.Parse(e.Request.URL)
		b.mu.Lock()
		known := b.elsewhere != "" && strings.HasPrefix(e.Request.URL, b.elsewhere+"/")
		b.mu.Unlock()
		if err == nil && known {
			return
		}
		if err != nil || !strings.HasPrefix(e.Request.URL, b.origin+"/") && u.Scheme != "data" && u.Scheme != "blob" && u.Scheme != "about" {
			b.fault("request to somebody else: %s", e.Request.URL)
		}
	}
}

func (b *tab) run(steps ...chromedp.Action[chromedp.Void]) {
	b.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		b.failed(err)
	}
}

func (b *tab) failed(err error) {
	b.Helper()
	b.shoot("failed")
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	says, _ := chromedp.Run(ctx, chromedp.Evaluate[string](`document.body ? location.href + "\n" + (document.querySelector("#result") ?? document.body).innerText.slice(0, 1500) : ""`))
	require.NoError(b, err, "on a page that says: %s", says)
}

func (b *tab) visit(path string) {
	b.Helper()
	b.run(chromedp.Navigate(b.origin + path))
}

// until waits until an expression of JavaScript is true, also of another page
// than the one that is there now. The page itself looks again and again, for
// asking it takes a hundred times as long; not where it may run no scripts.
func (b *tab) until(expression string) {
	b.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	const every, most = 4 * time.Millisecond, time.Second
	is := "!!(" + expression + ")"
	look := chromedp.Evaluate[bool](fmt.Sprintf(`new Promise(done => {
		const until = performance.now() + %d;
		const look = () => {
			let is = false;
			try { is = %s; } catch {}
			is || performance.now() > until ? done(is) : setTimeout(look, %d);
		};
		look();
	})`, most.Milliseconds(), is, every.Milliseconds()), chromedp.EvalAwaitPromise)
	if b.scriptless {
		look = chromedp.Evaluate[bool](is)
	}
	for ctx.Err() == nil {
		if is, err := chromedp.Run(ctx, look); err == nil && is {
			return
		}
		time.Sleep(2 * every)
	}
	b.failed(fmt.Errorf("%s: %w", expression, ctx.Err()))
}

// scripts has the pages run scripts, or not.
func (b *tab) scripts(run bool) {
	b.Helper()
	call(b, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: !run})
	b.scriptless = !run
}

// value is the value of an expression.
func value[T any](b *tab, expression string) T {
	b.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		b.failed(fmt.Errorf("%s: %w", expression, err))
	}
	return v
}

func (b *tab) text(selector string) string {
	b.Helper()
	return value[string](b, fmt.Sprintf(`(document.querySelector(%q)?.innerText ?? "")`, selector))
}

// untilText waits until an element says something.
func (b *tab) untilText(selector, text string) {
	b.Helper()
	b.until(fmt.Sprintf(`(document.querySelector(%q)?.innerText ?? "").toLowerCase().includes(%q)`, selector, strings.ToLower(text)))
}

// settled waits until the answer is the one to what the form says.
func (b *tab) settled() {
	b.Helper()
	b.until(`!document.querySelector("#answer[aria-busy]")`)
}

// set fills in a field as a person does who types or chooses.
func (b *tab) set(id, text string) {
	b.Helper()
	b.js(fmt.Sprintf(`(() => { const e = document.getElementById(%q); e.value = %q;
		e.dispatchEvent(new Event("input", {bubbles: true})); e.dispatchEvent(new Event("change", {bubbles: true})); })()`, id, text))
}

// rewrites puts other words for the first of some in a field.
func (b *tab) rewrites(id, old, now string) {
	b.Helper()
	text := value[string](b, fmt.Sprintf(`document.getElementById(%q).value`, id))
	require.Contains(b, text, old)
	b.set(id, strings.Replace(text, old, now, 1))
}

func (b *tab) js(code string) {
	b.Helper()
	b.run(chromedp.Evaluate[chromedp.Void](code))
}

func (b *tab) center(selector string) {
	b.Helper()
	b.js(fmt.Sprintf(`document.querySelector(%q).scrollIntoView({block: "center"})`, selector))
}

func (b *tab) click(selector string) {
	b.Helper()
	b.center(selector)
	b.run(chromedp.Click(chromedp.CSS(selector)))
}

// follow goes where a click leads, and waits until the page is there. It is the
// element that is clicked, once nothing covers it, and not a place of the screen:
// what is found out meanwhile may have moved it away from there.
func (b *tab) follow(selector string) {
	b.Helper()
	b.until(fmt.Sprintf(`(window.follows = () => {
		const e = document.querySelector(%q);
		e.scrollIntoView({block: "center"});
		const r = e.getClientRects()[0];
		return e.contains(document.elementFromPoint((r.left + r.right) / 2, (r.top + r.bottom) / 2)) && e;
	})()`, selector))
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	click := chromedp.Evaluate[chromedp.Void](`{ const e = window.follows(); e.focus({preventScroll: true}); e.dispatchEvent(new MouseEvent("click", {bubbles: true, cancelable: true, view: window})); }`)
	if _, err := chromedp.RunResponse(ctx, click); err != nil {
		b.failed(fmt.Errorf("following %s: %w", selector, err))
	}
}

// shoot takes a picture of the whole page, where pictures are wanted.
func (b *tab) shoot(name string) {
	if *shots == "" {
		return
	}
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	if picture, err := chromedp.Run(ctx, chromedp.FullScreenshot(100)); err == nil {
		_ = os.MkdirAll(*shots, 0o755)
		assert.NoError(b, os.WriteFile(filepath.Join(*shots, name+"-"+b.look.String()+".png"), picture, 0o644))
	}
}

// accessible has axe-core look at the page.
func (b *tab) accessible(name string) {
	b.Helper()
	script, err := os.ReadFile("testdata/axe/axe.min.js")
	require.NoError(b, err)
	b.js(string(script))
	found := value[string](b, `axe.run(document, {resultTypes: ["violations"], preload: location.protocol !== "file:", runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]})
		.then(r => JSON.stringify(r.violations.map(v => ({id: v.id, impact: v.impact, help: v.help, nodes: v.nodes.slice(0, 3).map(n => n.html.slice(0, 200) + " | " + (n.any[0]?.message ?? n.failureSummary))}))))`)
	var violations []struct {
		ID, Impact, Help string
		Nodes            []string
	}
	require.NoError(b, json.Unmarshal([]byte(found), &violations))
	for _, v := range violations {
		assert.Failf(b, "not accessible", "%s: %s (%s): %s\n%s", name, v.ID, v.Impact, v.Help, strings.Join(v.Nodes, "\n"))
	}
}

// fits checks that nothing is wider than the screen.
func (b *tab) fits(name string) {
	b.Helper()
	over := value[string](b, `(() => { const w = document.documentElement.clientWidth; if (document.documentElement.scrollWidth <= w) return "";
		return [...document.querySelectorAll("main *")].filter(e => e.getBoundingClientRect().right > w + 1 && !e.closest(".scroll, pre, .sr")).slice(0, 3).map(e => e.outerHTML.slice(0, 160)).join("\n") || "something"; })()`)
	assert.Empty(b, over, "%s is wider than %d", name, b.width)
}

// seen has a page looked at: its picture, its width, axe-core.
func (b *tab) seen(name string) {
	b.Helper()
	b.shoot(name)
	b.fits(name)
	b.accessible(name)
}

// seenLong is seen for pages with thousands of elements, which axe-core takes
// seconds for: light and dark once each, on a wide and on a narrow screen.
func (b *tab) seenLong(name string) {
	b.Helper()
	b.shoot(name)
	b.fits(name)
	if b.look == (look{"zh", 1280, "light"}) || b.look == (look{"en", 390, "dark"}) {
		b.accessible(name)
	}
}

// printed is the page as it is printed. Of what looks the same on paper
// whatever the screen, the browser makes one PDF in each language.
func (b *tab) printed(name string) {
	b.Helper()
	b.media("print")
	assert.Equal(b, "none", value[string](b, `getComputedStyle(document.querySelector(".top")).display`), "the menu is not printed")
	b.shoot(name + "-print")
	if b.width > 600 && b.theme == "light" {
		ctx, cancel := context.WithTimeout(b.ctx, patience)
		defer cancel()
		pdf, err := chromedp.Run(ctx, chromedp.PrintToPDF(chromedp.PDFPrintBackground(), chromedp.PDFPreferCSSPageSize()))
		require.NoError(b, err)
		assert.True(b, strings.HasPrefix(string(pdf), "%PDF-"))
		if name == "decision" {
			assert.Contains(b, string(pdf), "/Count 1", "what is due when, and why, is one page")
		}
	}
	b.media("")
}
