//go:build js && wasm

// Command rulebook-wasm is the library for JavaScript, compiled to WebAssembly.
// It registers a global object "rulebook", whose functions are those of package
// internal/bridge: they take and give texts and numbers. The package in js/ makes
// promises and objects of them.
package main

import (
	"runtime/debug"
	"syscall/js"
	_ "time/tzdata" // zones by name: a browser gives none to WebAssembly

	"github.com/servicerules/rulebook/internal/bridge"
)

func main() {
	// Whoever opens a page waits until its rulebook is loaded, by one thread that
	// collects garbage, too: collecting less often saves about a tenth of that time.
	debug.SetGCPercent(400)
	b := bridge.New()
	api := map[string]any{}
	for name, call := range functions(b) {
		api[name] = js.FuncOf(func(_ js.Value, args []js.Value) any {
			r := safely(call, args)
			return map[string]any{"ok": r.OK, "text": r.Text}
		})
	}
	js.Global().Set("rulebook", api)
	select {} // the functions are called from now on
}

type function func(a *arguments) bridge.Reply

func functions(b *bridge.Bridge) map[string]function {
	return map[string]function{
		"load":        func(a *arguments) bridge.Reply { return b.Load(a.files(0), a.text(1)) },
		"check":       func(a *arguments) bridge.Reply { return b.Check(a.files(0), a.text(1)) },
		"free":        func(a *arguments) bridge.Reply { return b.Free(a.number(0)) },
		"questions":   func(a *arguments) bridge.Reply { return b.Questions(a.number(0)) },
		"question":    func(a *arguments) bridge.Reply { return b.Question(a.number(0), a.text(1)) },
		"schema":      func(a *arguments) bridge.Reply { return b.Schema(a.number(0), a.text(1)) },
		"readings":    func(a *arguments) bridge.Reply { return b.Readings(a.number(0)) },
		"articles":    func(a *arguments) bridge.Reply { return b.Articles(a.number(0)) },
		"ask":         func(a *arguments) bridge.Reply { return b.Ask(a.asking()) },
		"show":        func(a *arguments) bridge.Reply { return b.Show(a.asking(), a.text(4)) },
		"why":         func(a *arguments) bridge.Reply { return b.Why(a.asking(), a.text(4)) },
		"allReadings": func(a *arguments) bridge.Reply { return b.AllReadings(a.asking()) },
		"flips":       func(a *arguments) bridge.Reply { return b.Flips(a.asking()) },
		"next":        func(a *arguments) bridge.Reply { return b.Next(a.asking()) },
		"cases":       func(a *arguments) bridge.Reply { return b.Cases(a.number(0), a.text(1), a.bytes(2)) },
		"examples":    func(a *arguments) bridge.Reply { return b.Examples(a.number(0), a.text(1), a.bytes(2)) },
		"moment":      func(a *arguments) bridge.Reply { return b.Moment(a.number(0), a.text(1)) },
		"localTime":   func(a *arguments) bridge.Reply { return b.LocalTime(a.number(0), a.text(1)) },
	}
}

// safely calls a function. What it panics with becomes a problem: nothing may
// reach JavaScript that would leave the engine half way through a call.
func safely(call function, args []js.Value) (r bridge.Reply) {
	defer func() {
		if broken := recover(); broken != nil {
			r = bridge.Broken(broken)
		}
	}()
	return call(&arguments{args})
}

// arguments are those of a call. What is not of the right type is a panic with a
// *bridge.Problem, which is caught in safely.
type arguments struct{ args []js.Value }

func (a *arguments) at(i int) js.Value {
	if i < len(a.args) {
		return a.args[i]
	}
	return js.Undefined()
}

func (a *arguments) text(i int) string {
	if a.at(i).Type() != js.TypeString {
		panic(bridge.WrongCall(i, "a string", a.at(i).Type().String()))
	}
	return a.at(i).String()
}

func (a *arguments) number(i int) int {
	if a.at(i).Type() != js.TypeNumber {
		panic(bridge.WrongCall(i, "a number", a.at(i).Type().String()))
	}
	return a.at(i).Int()
}

// bytes are those of a text, or of a Uint8Array, which need not be UTF-8.
func (a *arguments) bytes(i int) []byte { return bytesOf(i, a.at(i)) }

func bytesOf(i int, v js.Value) []byte {
	if v.Type() == js.TypeString {
		return []byte(v.String())
	}
	if !v.InstanceOf(js.Global().Get("Uint8Array")) {
		panic(bridge.WrongCall(i, "a string or a Uint8Array", v.Type().String()))
	}
	data := make([]byte, v.Length())
	js.CopyBytesToGo(data, v)
	return data
}

// files are texts by their names.
func (a *arguments) files(i int) map[string][]byte {
	v := a.at(i)
	if v.Type() != js.TypeObject {
		panic(bridge.WrongCall(i, "an object of files by name", v.Type().String()))
	}
	names := js.Global().Get("Object").Call("keys", v)
	files := map[string][]byte{}
	for n := range names.Length() {
		name := names.Index(n).String()
		files[name] = bytesOf(i, v.Get(name))
	}
	return files
}

func (a *arguments) asking() bridge.Asking {
	return bridge.Asking{Book: a.number(0), Question: a.text(1), Facts: a.text(2), Options: a.text(3)}
}
