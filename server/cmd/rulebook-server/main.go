// Command rulebook-server puts a rulebook behind HTTP: an API, decisions on
// record, and pages to ask at.
//
//	go install github.com/servicerules/rulebook/server/cmd/rulebook-server@latest
package main

import "github.com/servicerules/rulebook/server"

func main() { server.Main(server.Examples{}) }
