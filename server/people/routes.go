package people

// Route is an address that is served, and what it takes to be let in there.
type Route struct {
	Pattern string // as in net/http: "GET /v1/questions/{id}"
	Needs   Permission
}
