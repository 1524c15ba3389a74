package people

import "github.com/servicerules/rulebook/diagnostic"

// How somebody showed who he is.
const (
	ByNothing  = ""         // nobody is asked: the server is for its own machine
	ByToken    = "token"    // a line of the token file
	ByPassword = "password" // signed in with a local account
	ByProvider = "oidc"     // signed in at an identity provider
)

// HowTexts are these in words.
var HowTexts = map[string]diagnostic.Text{
	ByToken: {ZH: "令牌", EN: "token"}, ByPassword: {ZH: "账户登录", EN: "signed in"}, ByProvider: {ZH: "统一认证登录", EN: "signed in at the identity provider"},
}

// Who is whoever put something on record, as the server knows him: by what he
// showed, and not by what a form says.
type Who struct {
	Name   string `json:"name" jsonschema:"of the token or of the account"`
	How    string `json:"how" jsonschema:"how he showed who he is: token, password or oidc"`
	Person string `json:"person,omitempty" jsonschema:"id of the account of the person behind it, where it is known"`
	Title  string `json:"-"` // what the person is called; not kept with what he did
}

// Known reports whether anybody was asked who he is.
func (w Who) Known() bool { return w.How != ByNothing }
