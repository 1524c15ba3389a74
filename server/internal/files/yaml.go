package files

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"

	"gopkg.in/yaml.v3"
)

// What yaml.v3 says of a key that the form has not, of a key that stands twice and of a
// value of another kind.
var (
	unknownKey = regexp.MustCompile(`^line (\d+): field (.+) not found in type `)
	twice      = regexp.MustCompile(`^line (\d+): mapping key "(.+)" already defined at line (\d+)$`)
	otherKind  = regexp.MustCompile(`^line (\d+): cannot unmarshal `)
)

// EmptyError says that a file has nothing in it.
type EmptyError struct{ path, form string }

// Error names the file and what to write.
func (e *EmptyError) Error() string { return e.path + " is empty; write " + e.form }

// YAML reads a file of YAML, of so many bytes at most, into a struct. form is how such
// a file is written, which errors tell; they name the file and the line, and no value,
// for it may be a secret. That of a file with nothing in it is an *EmptyError.
func YAML(path string, most int, into any, form string) error {
	data, err := ReadBounded(path, most)
	if err != nil {
		return err
	}
	var whole yaml.Node
	d := yaml.NewDecoder(bytes.NewReader(data))
	switch err := d.Decode(&whole); {
	case errors.Is(err, io.EOF):
		return &EmptyError{path, form}
	case err != nil:
		return fmt.Errorf("%s: %w", path, err)
	}
	if err := d.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return fmt.Errorf("%s: a second document begins behind the first; write one, without the line --- between them", path)
	}
	if err := nothing(&whole); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	d = yaml.NewDecoder(bytes.NewReader(data))
	d.KnownFields(true)
	err = d.Decode(into)
	var kinds *yaml.TypeError
	if !errors.As(err, &kinds) {
		if err != nil {
			err = fmt.Errorf("%s: %w", path, err)
		}
		return err
	}
	var all []string
	for _, text := range kinds.Errors {
		said := "it is not written so"
		if m := unknownKey.FindStringSubmatch(text); m != nil {
			said = "line " + m[1] + ": there is no key " + m[2] + " here"
		} else if m := twice.FindStringSubmatch(text); m != nil {
			said = "line " + m[1] + ": " + m[2] + " stands in line " + m[3] + " already"
		} else if m := otherKind.FindStringSubmatch(text); m != nil {
			said = "line " + m[1] + ": the value is of another kind"
		}
		all = append(all, said)
	}
	return fmt.Errorf("%s: %s; write %s", path, strings.Join(all, "; "), form)
}

// nothing refuses a key behind which nothing is written: whether that means none or all
// nobody can see.
func nothing(n *yaml.Node) error {
	if n.Kind == yaml.MappingNode {
		for i := 0; i+1 < len(n.Content); i += 2 {
			if n.Content[i+1].ShortTag() == "!!null" {
				return fmt.Errorf("line %d: nothing is written behind %s; write it, or take the key out", n.Content[i].Line, n.Content[i].Value)
			}
		}
	}
	for _, x := range n.Content {
		if err := nothing(x); err != nil {
			return err
		}
	}
	return nil
}
