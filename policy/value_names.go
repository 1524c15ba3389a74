package policy

// ValueNames are the dotted names of all values of the question's answers.
func (q *Question) ValueNames() []string {
	var names []string
	var each func(list []*QuestionValue, prefix string)
	each = func(list []*QuestionValue, prefix string) {
		for _, f := range list {
			names = append(names, prefix+f.Name)
			each(f.Fields, prefix+f.Name+".")
		}
	}
	each(q.Values, "")
	return names
}
