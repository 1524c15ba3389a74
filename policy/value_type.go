package policy

// ValueType is what a value of an answer may be, without an answer.
type ValueType struct {
	Kind   Kind
	Words  []Word       // of a word: its closed list; nil where any word may come
	Elem   *ValueType   // of a list, each item; of a map, each entry; nil where nothing is known of them
	Fields []ValueField // of a record, in their order
	In     string       // of money: the code of its currency; "" where it may be of several
}

// ValueField is a field of a record.
type ValueField struct {
	Name  string
	Label Text // zero where the rulebook has none
	Unit  Text
	Type  *ValueType
}

func (t *ValueType) Field(name string) *ValueField {
	if t == nil {
		return nil
	}
	for i := range t.Fields {
		if t.Fields[i].Name == name {
			return &t.Fields[i]
		}
	}
	return nil
}
