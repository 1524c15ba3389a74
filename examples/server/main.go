// Command server puts a rulebook behind HTTP: an API, decisions on record,
// and pages to ask at, with the example cases to fill forms with and a month
// of invented records to review. Run it from the root of the checkout:
//
//	go run ./examples/server
package main

import (
	"github.com/servicerules/rulebook/examples"
	"github.com/servicerules/rulebook/server"
	"github.com/servicerules/rulebook/server/console"
)

func main() { server.Main(offered()) }

// offered is what the pages offer to begin with.
func offered() server.Examples {
	return server.Examples{
		Cases:  examples.Cases(),
		Sample: console.Sample{Tables: examples.Sample(), Month: examples.SampleMonth, Rulebook: examples.SampleRulebook},
	}
}
