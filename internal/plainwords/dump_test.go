package plainwords

import (
	"fmt"
	"os"
	"testing"

	"github.com/servicerules/rulebook/internal/load"
)

func TestDump(t *testing.T) {
	name := os.Getenv("BOOK")
	if name == "" {
		t.Skip()
	}
	data, _ := os.ReadFile(name)
	b, found := load.Parse(name, data)
	if b == nil {
		t.Fatal(found)
	}
	s := New(b, os.Getenv("L"))
	for _, r := range b.AllRules {
		fmt.Println("##", r.ID, r.Form.Name, r.Label.In(s.lang))
		x := s.Rule(r)
		for _, b := range x.Says {
			fmt.Println(b)
		}
		for _, l := range x.Lines {
			fmt.Println("  -", l.Label+":", l.Block)
		}
		for _, tb := range x.Tables {
			fmt.Println("  |", tb.Head)
			for _, row := range tb.Rows {
				fmt.Print("  |")
				for _, c := range row {
					fmt.Print(" ", c, " |")
				}
				fmt.Println()
			}
		}
		for _, c := range x.Choices {
			fmt.Println("  ?", c.Reading.Asks.In(s.lang), "—", c.Field)
			for _, o := range c.Options {
				fmt.Println("     ", o.Chosen, o.Label, "=>", o.Block)
			}
		}
	}
}
