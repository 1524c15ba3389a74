package proptest_test

import (
	"context"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"log/slog"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/servicerules/rulebook/internal/intake"
	"github.com/servicerules/rulebook/internal/memory"
	"github.com/servicerules/rulebook/internal/run"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/kpi"
	"github.com/servicerules/rulebook/penalty"
	"github.com/servicerules/rulebook/policy"
	"github.com/servicerules/rulebook/sla"
	"github.com/servicerules/rulebook/sla/workday"
)

// shown are the methods by which packages fmt, log/slog and json show a value.
var shown = []string{"Error", "Format", "GoString", "LogValue", "MarshalJSON", "MarshalText", "String", "Unwrap"}

// zeroes are the exported types that have any of them, each by its zero.
var zeroes = map[string]any{
	"policy.Answer": policy.Answer{}, "policy.AnswerError": policy.AnswerError{}, "policy.BindError": policy.BindError{}, "policy.Breach": policy.Breach{},
	"policy.Choice": policy.Choice{}, "policy.ChoiceError": policy.ChoiceError{}, "policy.Decision": policy.Decision{}, "policy.FactError": policy.FactError{}, "policy.FactErrors": policy.FactErrors{},
	"policy.Explanation": policy.Explanation{}, "policy.Facts": policy.Facts{}, "policy.FieldError": policy.FieldError{}, "policy.Known": policy.Known[int]{}, "policy.MissingFact": policy.MissingFact{},
	"policy.Month": policy.Month{},
	"policy.Money": policy.Money{}, "policy.Ratio": policy.Ratio{}, "policy.ReadingError": policy.ReadingError{}, "policy.RowError": policy.RowError{}, "policy.State": policy.State(0),
	"policy.TwoRulesError": policy.TwoRulesError{}, "policy.UnknownQuestionError": policy.UnknownQuestionError{}, "policy.UnknownValueError": policy.UnknownValueError{}, "policy.Value": policy.Value{},
	"diagnostic.Diagnostic": diagnostic.Diagnostic{}, "diagnostic.List": diagnostic.List{}, "diagnostic.Span": diagnostic.Span{}, "diagnostic.Text": diagnostic.Text{},
	"kpi.ExcessError": kpi.ExcessError{}, "kpi.NameError": kpi.NameError{}, "kpi.NegativeError": kpi.NegativeError{}, "kpi.Ratio": kpi.Ratio{},
	"kpi.SyntaxError": kpi.SyntaxError{}, "kpi.Tally": kpi.Tally{}, "kpi.UnknownWordError": kpi.UnknownWordError{},
	"penalty.BracketError": penalty.BracketError{}, "penalty.EventError": penalty.EventError{}, "penalty.FactorError": penalty.FactorError{}, "penalty.LadderError": penalty.LadderError{},
	"penalty.MeasureError": penalty.MeasureError{}, "penalty.NegativeError": penalty.NegativeError{}, "penalty.PlaceError": penalty.PlaceError{},
	"penalty.SharesError": penalty.SharesError{}, "penalty.UnknownLevelError": penalty.UnknownLevelError{}, "penalty.UnknownWordError": penalty.UnknownWordError{},
	"sla.CountingError": sla.CountingError{}, "sla.Due": sla.Due{}, "sla.Limit": sla.Limit{}, "sla.LimitError": sla.LimitError{}, "sla.RangeError": sla.RangeError{},
	"sla.ReturnError": sla.ReturnError{}, "sla.Length": sla.Length{}, "sla.LengthError": sla.LengthError{}, "sla.Unit": sla.Unit(0), "sla.MonthEndError": sla.MonthEndError{},
	"sla.PauseError": sla.PauseError{}, "sla.RuleError": sla.RuleError(""), "sla.SpanError": sla.SpanError{},
	"workday.ConfigError": workday.ConfigError{}, "workday.HoursRangeError": workday.HoursRangeError{}, "workday.Kind": workday.Kind(0), "workday.RangeError": workday.RangeError{},
	"workday.Span": workday.Span{}, "workday.YearMissingError": workday.YearMissingError{}, "workday.YearDay": workday.YearDay{}, "workday.YearDayError": workday.YearDayError{},
}

// Whatever is exported can be shown where it is zero or a nil pointer: fmt, slog
// and json call its methods then, too.
func TestZeroesAndNilCanBeShown(t *testing.T) {
	for _, name := range shownTypes(t) {
		require.Contains(t, zeroes, name, "add it to zeroes")
	}
	for name, zero := range zeroes {
		v := reflect.ValueOf(zero)
		of := reflect.New(v.Type())
		of.Elem().Set(v)
		for _, x := range []any{zero, of.Interface(), reflect.Zero(of.Type()).Interface()} {
			for _, format := range []string{"%v", "%+v", "%s", "%d"} {
				assert.NotContains(t, fmt.Sprintf(format, x), "PANIC", name)
			}
			for _, handler := range []func(io.Writer, *slog.HandlerOptions) slog.Handler{
				func(w io.Writer, o *slog.HandlerOptions) slog.Handler { return slog.NewTextHandler(w, o) },
				func(w io.Writer, o *slog.HandlerOptions) slog.Handler { return slog.NewJSONHandler(w, o) },
			} {
				var out strings.Builder
				slog.New(handler(&out, nil)).Info("x", "it", x)
				assert.NotContains(t, strings.ToLower(out.String()), "panic", name)
				assert.NotContains(t, out.String(), "!ERROR", name)
			}
			_, err := json.Marshal(x)
			assert.NoError(t, err, name)
		}
		// Methods of pointers are called without anybody to catch what they do.
		null := reflect.Zero(of.Type())
		for _, method := range shown {
			if _, byValue := v.Type().MethodByName(method); !byValue && null.MethodByName(method).IsValid() && null.MethodByName(method).Type().NumIn() == 0 {
				assert.NotPanics(t, func() { null.MethodByName(method).Call(nil) }, "%s.%s", name, method)
			}
		}
	}
	var none *rulebook.Answer
	var out strings.Builder
	slog.New(slog.NewTextHandler(&out, nil)).Info("asked", "answer", none)
	assert.Contains(t, out.String(), "answer=<nil>")
}

// shownTypes are the exported types of the library that have any of the methods.
func shownTypes(t *testing.T) []string {
	var names []string
	for _, dir := range []string{".", "policy", "diagnostic", "sla", "sla/workday", "penalty", "kpi", "rulestest"} {
		files, err := filepath.Glob(inTree(filepath.Join(dir, "*.go")))
		require.NoError(t, err)
		for _, path := range files {
			if strings.HasSuffix(path, "_test.go") {
				continue
			}
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
			require.NoError(t, err)
			for _, d := range file.Decls {
				f, ok := d.(*ast.FuncDecl)
				if !ok || f.Recv == nil || !slices.Contains(shown, f.Name.Name) {
					continue
				}
				x := f.Recv.List[0].Type
				if star, ok := x.(*ast.StarExpr); ok {
					x = star.X
				}
				if index, ok := x.(*ast.IndexExpr); ok {
					x = index.X
				}
				if id := x.(*ast.Ident); id.IsExported() {
					names = append(names, file.Name.Name+"."+id.Name)
				}
			}
		}
	}
	require.Greater(t, len(names), 40)
	return names
}

// What was never loaded or bound refuses whatever it is asked, and says what to
// write; so does a conversion without a function.
func TestNothingLoadedOrBound(t *testing.T) {
	type ticket struct {
		Kind string `rulebook:"request.kind"`
	}
	book := fileBook(t, "rules.yaml")
	ctx := context.Background()
	errorOf := func(_ any, err error) error { return err }
	for name, refused := range map[string]func() error{
		"bound, zero": func() error { return errorOf((&rulebook.Bound[ticket]{}).Decide(ticket{})) },
		"bound, nil": func() error {
			return errorOf((*rulebook.Bound[ticket])(nil).Decide(ticket{}, rulebook.AsOf(time.Now())))
		},
		"table, zero":     func() error { return errorOf((&rulebook.Table{}).Decide(0)) },
		"table, nil":      func() error { return errorOf((*rulebook.Table)(nil).Decide(0)) },
		"columns, zero":   func() error { return errorOf(run.Of(book).DecideRow(&intake.Columns{}, 0, time.Time{})) },
		"columns, nil":    func() error { return errorOf(run.Of(book).DecideRow(nil, 0, time.Time{})) },
		"binding, zero":   func() error { return errorOf(run.Of(book).Decide(&intake.Binding{}, memory.Address{}, time.Time{})) },
		"ask, zero":       func() error { return errorOf((&rulebook.Book{}).Ask(ctx, "time_limit.request", nil)) },
		"ask, nil":        func() error { return errorOf((*rulebook.Book)(nil).Ask(ctx, "time_limit.request", nil)) },
		"check":           func() error { return errorOf((&rulebook.Book{}).Check("time_limit.request", nil)) },
		"with":            func() error { return errorOf((&rulebook.Book{}).With(rulebook.Reading("a", "b"))) },
		"with nothing":    func() error { return errorOf((*rulebook.Book)(nil).With()) },
		"bind":            func() error { return errorOf(rulebook.Bind[ticket](&rulebook.Book{}, "time_limit.request")) },
		"bind, nil":       func() error { return errorOf(rulebook.Bind[ticket](nil, "time_limit.request")) },
		"columns of none": func() error { return errorOf(rulebook.Columns(nil, "time_limit.request", nil)) },
		"engine, zero":    func() error { return errorOf((&run.Engine{}).Check("time_limit.request", nil)) },
		"engine, nil":     func() error { return errorOf((*run.Engine)(nil).Ask(&policy.Facts{}, time.Time{})) },
		"facts, zero":     func() error { return errorOf(run.Of(book).Ask(&policy.Facts{}, time.Time{})) },
		"reading":         func() error { return errorOf((&run.Engine{}).WithReading("a", "b")) },
		"conversion, nil": func() error {
			return errorOf(rulebook.Bind[ticket](book, "time_limit.request", rulebook.Convert[int, string](nil)))
		},
		"conversion, zero": func() error { return errorOf(rulebook.Bind[ticket](book, "time_limit.request", rulebook.Conversion{})) },
		"conversion, column": func() error {
			return errorOf(rulebook.Columns(book, "time_limit.request", map[string]any{"request.kind": []string{"fault"}}, rulebook.Convert[int, string](nil)))
		},
	} {
		t.Run(name, func(t *testing.T) {
			var err error
			require.NotPanics(t, func() { err = refused() })
			require.Error(t, err)
			assert.Contains(t, err.Error(), "→", "a remedy")
		})
	}
	assert.Zero(t, (&rulebook.Table{}).Len())
	assert.Nil(t, (&rulebook.Book{}).Rulebook())
	assert.Empty(t, (*rulebook.Book)(nil).Warnings())
	_, known := (&rulebook.Book{}).Chosen("a", time.Now())
	assert.False(t, known)
	var nobody rulebook.Answer
	assert.NotPanics(t, func() {
		_, _ = nobody.State("x")
		_, _ = nobody.Int("x")
		_, _ = nobody.Words("x")
		_, _ = nobody.Steps("en"), nobody.Details()
		_, _ = nobody.Names(), nobody.Conclusion().Answer()
		_ = nobody.AppendValue(nil, "x")
		_ = nobody.Explain("en")
	})
}
