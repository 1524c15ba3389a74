package intake

import (
	"strconv"

	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/policy"
)

// Assumed are the paths of what nobody gave and a value is assumed for: the
// declared value of a fact that is left out, and "none" where leaving out means
// that, as of an event that has not happened. What is simply not known is not
// assumed to be anything. The order is that of the declaration, and never nil:
// an empty list says that everything was given.
func Assumed(q *policy.Question, facts *source.Node) []string {
	all := []string{}
	for _, f := range q.Facts {
		all = assumedOf(all, f.Fact, facts.Get(f.Name), f.Name)
	}
	return all
}

func assumedOf(all []string, f *policy.Fact, n *source.Node, path string) []string {
	switch {
	case n == nil:
		return leftOut(all, f, f.Absent, path)
	case n.Kind == source.Empty:
		if f.Null != policy.IsNone { // null given for none is a fact
			return leftOut(all, f, f.Null, path)
		}
	case f.TypeName == "record":
		for _, x := range f.Fields {
			all = assumedOf(all, x, n.Get(x.Name), path+"."+x.Name)
		}
	case f.TypeName == "list":
		for i, item := range n.Items {
			all = assumedOf(all, f.Elem, item, path+"["+strconv.Itoa(i)+"]")
		}
	}
	return all
}

// leftOut adds what is assumed for a fact that is left out, as the engine
// understands it: of a record that is not known, its fields may still have
// declared values.
func leftOut(all []string, f *policy.Fact, a policy.Absence, path string) []string {
	if a == policy.IsNone || a == policy.IsDefault && f.TypeName != "record" {
		return append(all, path)
	}
	for _, x := range f.Fields {
		if x.Absent == policy.IsDefault {
			all = leftOut(all, x, x.Absent, path+"."+x.Name)
		}
	}
	return all
}
