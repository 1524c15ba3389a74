package service

import (
	"runtime/debug"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestEngineOf(t *testing.T) {
	const module, program, revision = "github.com/servicerules/rulebook", "github.com/servicerules/rulebook/server", "838aa23e5d760b1ce"
	stamp := func(modified string) []debug.BuildSetting {
		return []debug.BuildSetting{{Key: "vcs.revision", Value: revision}, {Key: "vcs.modified", Value: modified}}
	}
	dep := func(version string) []*debug.Module { return []*debug.Module{{Path: module, Version: version}} }
	for _, x := range []struct {
		info debug.BuildInfo
		want string
	}{
		{debug.BuildInfo{}, "(devel)"},
		{debug.BuildInfo{Main: debug.Module{Path: module, Version: "v1.2.3"}}, "v1.2.3"},
		{debug.BuildInfo{Main: debug.Module{Path: "example.org/x", Version: "v9.0.0"}, Deps: dep("v1.2.3")}, "v1.2.3"},
		{debug.BuildInfo{Main: debug.Module{Path: "example.org/x", Version: "v9.0.0"}, Deps: dep("(devel)")}, "(devel)"},
		{debug.BuildInfo{Main: debug.Module{Path: program, Version: "(devel)"}, Deps: dep("(devel)")}, "(devel)"},
		{debug.BuildInfo{Main: debug.Module{Path: program, Version: "(devel)"}, Deps: dep("(devel)"), Settings: stamp("false")}, "devel " + revision},
		{debug.BuildInfo{Main: debug.Module{Path: program}, Settings: stamp("true")}, "devel " + revision + "+dirty"},
		{debug.BuildInfo{Main: debug.Module{Path: program, Version: "v0.0.0-2026-838aa23+dirty"}, Deps: dep("(devel)"), Settings: stamp("true")}, "v0.0.0-2026-838aa23 " + revision + "+dirty"},
		{debug.BuildInfo{Main: debug.Module{Path: program, Version: "v0.0.0-2026-838aa23"}, Deps: dep("(devel)")}, "v0.0.0-2026-838aa23"},
	} {
		assert.Equal(t, x.want, engineOf(&x.info))
	}
	assert.Equal(t, editionOf("v1.2.3"), editionOf("v1.2.3"))
	assert.NotEqual(t, editionOf("v1.2.3"), editionOf("v1.2.4"))
	assert.NotEqual(t, editionOf("(devel)"), editionOf("(devel)"), "another process may be another program")
}
