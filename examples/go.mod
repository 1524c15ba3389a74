module github.com/servicerules/rulebook/examples

go 1.25.0

replace github.com/servicerules/rulebook => ../

require (
	github.com/servicerules/rulebook v0.0.0-00010101000000-000000000000
	github.com/stretchr/testify v1.12.1
)

require (
	github.com/clipperhouse/uax29/v2 v2.2.0 // indirect
	github.com/expr-lang/expr v1.17.8 // indirect
	github.com/govalues/decimal v0.1.36 // indirect
	github.com/mattn/go-runewidth v0.0.31 // indirect
	github.com/rickb777/date/v2 v2.2.6 // indirect
	github.com/rickb777/period v1.0.21 // indirect
	github.com/rickb777/plural v1.4.7 // indirect
	go.yaml.in/yaml/v3 v3.0.5 // indirect
	gopkg.in/yaml.v3 v3.0.1 // indirect
)
