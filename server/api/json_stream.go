package api

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net/http"
	"strings"

	"github.com/servicerules/rulebook/internal/intake"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/internal/table"
	"github.com/servicerules/rulebook/policy"
	"github.com/servicerules/rulebook/server/problem"
)

// jsonStream cuts a long JSON text into values of bounded size and holds one at
// a time. It knows brackets and quotes only: what is valid JSON is for intake to
// say, which reads each value as it reads all facts.
type jsonStream struct{ in *bufio.Reader }

// begin looks at the first of the text, behind marks of its byte order.
func (s *jsonStream) begin() error {
	head, _ := s.in.Peek(table.Enough) // an error comes again
	for bytes.HasPrefix(head, []byte(table.Mark)) {
		_, _ = s.in.Discard(len(table.Mark))
		head, _ = s.in.Peek(table.Enough)
	}
	if p := table.CheckBeginning(head); p != nil && p.Code == "not_utf8" {
		return badJSON(p.Code, p.Message.ZH, p.Message.EN)
	}
	return nil
}

// peek is the next byte that is no space, 0 at the end of the text.
func (s *jsonStream) peek() (byte, error) {
	for {
		c, err := s.in.ReadByte()
		switch {
		case errors.Is(err, io.EOF):
			return 0, nil
		case err != nil:
			return 0, bodyError(err, MaxReview)
		case strings.IndexByte(" \t\r\n", c) < 0:
			return c, s.in.UnreadByte()
		}
	}
}

// skip goes behind the next byte that is no space if that is c.
func (s *jsonStream) skip(c byte) (bool, error) {
	next, err := s.peek()
	if err != nil || next != c || c == 0 {
		return false, err
	}
	_, err = s.in.Discard(1)
	return true, err
}

// end is an error where something follows.
func (s *jsonStream) end() error {
	next, err := s.peek()
	if err == nil && next != 0 {
		err = badJSON("json_syntax", "JSON 值之后还有内容", "something follows the JSON value")
	}
	return err
}

// value reads a value of at most policy.MaxFactBytes, or what is left where it
// does not end.
func (s *jsonStream) value() (*source.Node, error) {
	if _, err := s.peek(); err != nil {
		return nil, err
	}
	var text []byte
	depth, quoted, escaped := 0, false, false
	for ended := false; !ended; {
		c, err := s.in.ReadByte()
		switch {
		case errors.Is(err, io.EOF):
			ended = true
			continue
		case err != nil:
			return nil, bodyError(err, MaxReview)
		case len(text) == policy.MaxFactBytes:
			return nil, tooLarge(policy.MaxFactBytes)
		}
		switch {
		case escaped:
			escaped = false
		case quoted:
			quoted, escaped = c != '"', c == '\\'
			ended = !quoted && depth == 0
		case depth == 0 && len(text) > 0 && strings.IndexByte(" \t\r\n,:]}", c) >= 0:
			if err := s.in.UnreadByte(); err != nil {
				return nil, err
			}
			ended = true
			continue
		case c == '"':
			quoted = true
		case c == '{' || c == '[':
			depth++
		case c == '}' || c == ']':
			depth--
			ended = depth <= 0
		}
		text = append(text, c)
	}
	n, err := intake.ParseFacts(text)
	if all := policy.RefusedFacts(err); len(all) > 0 {
		p := ofFact(all[0])
		p.Line, p.Column = 0, 0 // of the value, not of the body
		return nil, p
	}
	return n, err
}

// object reads an object member by member; wrong says that it is none.
func (s *jsonStream) object(wrong *problem.Problem, member func(name string) error) error {
	seen := map[string]bool{}
	return s.items('{', '}', wrong, func() error {
		key, err := s.value()
		if err != nil {
			return err
		}
		colon, err := s.skip(':')
		switch {
		case err != nil:
			return err
		case !isText(key) || !colon:
			return syntaxError()
		case seen[key.Text]:
			return badJSON("duplicate_key", "有键重复", "a key stands twice")
		case len(seen) >= policy.MaxItems:
			return badJSON("too_many_items", "键太多", "an object has too many keys")
		}
		seen[key.Text] = true
		return member(key.Text)
	})
}

// array reads an array item by item; wrong says that it is none.
func (s *jsonStream) array(wrong *problem.Problem, item func() error) error {
	return s.items('[', ']', wrong, item)
}

func (s *jsonStream) items(open, end byte, wrong *problem.Problem, item func() error) error {
	opened, err := s.skip(open)
	if err != nil {
		return err
	}
	if !opened {
		if _, err := s.value(); err != nil {
			return err
		}
		return wrong
	}
	ended, err := s.skip(end)
	for err == nil && !ended {
		if err = item(); err != nil {
			return err
		}
		comma, failed := s.skip(',')
		if err = failed; err != nil || comma {
			continue
		}
		if ended, err = s.skip(end); err == nil && !ended {
			err = syntaxError()
		}
	}
	return err
}

func syntaxError() *problem.Problem {
	return badJSON("json_syntax", "JSON 写法有误", "this is not valid JSON")
}

func badJSON(code, zh, en string) *problem.Problem {
	return problem.New(http.StatusBadRequest, code, problem.Text{ZH: zh, EN: en}, problem.Text{ZH: "格式见 /openapi.json", EN: "/openapi.json describes the body"})
}
