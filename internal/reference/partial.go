package reference

// Not every file is a whole rulebook: one that is included has some of the
// sections, and one that extends another says of each thing only what it changes.
// So what must stand there is said apart from what may stand there.

// completeUnlessPartial takes what is required out of a schema, and requires it
// of the files of which it can be.
func completeUnlessPartial(schema object) {
	needed := requiredIn(schema)
	if needed == nil {
		needed = object{}
	}
	ofMain := object{
		"if":   declared(object{"type": "object", "required": []string{"rulebook"}, "not": declared(object{"required": []string{"include"}})}),
		"then": declared(object{"required": []string{"rulebook", "facts", "regulations", "questions"}}),
	}
	schema["if"] = declared(object{"required": []string{"extends"}})
	schema["then"] = declared(object{"required": []string{"rulebook"}})
	schema["else"] = object{"allOf": []object{needed, ofMain}}
}

// likeness is the key of a rule that names one that it is like.
const likeness = "like"

// requiredIn takes what is required out of the properties of a schema, and is
// the schema of that alone; nil where nothing is. What tells alternatives from
// each other stays.
func requiredIn(schema object) object {
	needed := object{}
	if required, ok := schema["required"].([]string); ok {
		properties, _ := schema["properties"].(object)
		switch {
		case len(required) == 0:
		case properties[likeness] != nil: // what is like another rule has them from there
			needed["anyOf"] = []object{{"required": required}, {"required": []string{likeness}}}
		default:
			needed["required"] = required
		}
		delete(schema, "required")
	}
	if properties, ok := schema["properties"].(object); ok {
		inner := object{}
		for name, p := range properties {
			if x := requiredIn(p.(object)); x != nil {
				inner[name] = x
			}
		}
		if len(inner) > 0 {
			needed["properties"] = inner
		}
	}
	for _, key := range []string{"additionalProperties", "items"} {
		if each, ok := schema[key].(object); ok {
			if x := requiredIn(each); x != nil {
				needed[key] = x
			}
		}
	}
	if len(needed) == 0 {
		return nil
	}
	needed["type"] = schema["type"]
	return declared(needed)
}

// declared names what a schema requires among its properties, as strict
// validators want it.
func declared(schema object) object {
	required, ok := schema["required"].([]string)
	if !ok {
		return schema
	}
	properties, _ := schema["properties"].(object)
	if properties == nil {
		properties = object{}
		schema["properties"] = properties
	}
	for _, name := range required {
		if properties[name] == nil {
			properties[name] = object{}
		}
	}
	return schema
}
