package people

import "regexp"

// IDRule is what an id of an account is made of.
const IDRule = "1 to 40 small letters, digits and . _ -, with a letter or digit first, as li.wei"

var idPattern = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,39}$`)

// IDFine reports whether an account may have the id.
func IDFine(id string) bool { return idPattern.MatchString(id) }
